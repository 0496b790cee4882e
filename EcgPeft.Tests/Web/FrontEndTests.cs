using System.Diagnostics;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

/// <summary>The front end's own tests (<c>wwwroot-assets/test</c>), which need no browser.</summary>
public sealed class FrontEndTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public async Task What_charts_promise_holds()
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Path.Combine(Axe.Repository(), "wwwroot-assets") };
        foreach (var argument in new[] { "--test", "test/" }) start.ArgumentList.Add(argument);
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await output);
        Assert.Contains("# fail 0", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_that_we_ship_are_below_a_megabyte()
    {
        var scripts = Directory.EnumerateFiles(Path.Combine(Axe.Repository(), "EcgPeft.Web", "wwwroot", "dist"), "*.js", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(scripts);
        Assert.InRange(scripts.Sum(file => new FileInfo(file).Length), 1, Megabyte - 1);
    }
}
