using System.Diagnostics;

namespace EcgPeft.Tests;

/// <summary>
/// A real service that <c>scripts/test-services</c> starts under a folder of its own: when a test first asks for it, once for all tests, and
/// it ends with them. Where this machine cannot have it, tests are skipped with the reason; with <c>CI=true</c> they fail.
/// </summary>
/// <param name="name">Its name for the script.</param>
public abstract class TestService(string name) : IAsyncDisposable
{
    private const int CannotBeHere = 3;

    private Task? _started;
    private string? _missing;

    /// <summary>Where everything lies that it writes.</summary>
    protected string Folder { get; } = TestData.TemporaryFolder();

    /// <summary>Starts it where that has not been done.</summary>
    public async Task NeedAsync()
    {
        await (_started ??= StartAsync());
        if (_missing is null) return;
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(_missing);
        Assert.Skip(_missing);
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_started is not null && _missing is null) await RunAsync("stop");
    }

    /// <summary>Runs the script.</summary>
    protected async Task<(int Code, string Output, string Error)> RunAsync(string command)
    {
        var start = new ProcessStartInfo(Path.Combine(TestData.RepositoryRoot(), "scripts", "test-services")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[] { name, command, Folder }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private async Task StartAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            _missing = $"The service {name} is for Linux.";
            return;
        }
        var (code, output, error) = await RunAsync("start");
        if (code == CannotBeHere) _missing = error.Trim();
        else if (code != 0) throw new InvalidOperationException($"scripts/test-services {name} start ended with {code}: {error}");
        // NAME=value lines, as env prints them.
        else foreach (var line in output.Split('\n').Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)) Environment.SetEnvironmentVariable(line[0], line[1].TrimEnd());
    }
}
