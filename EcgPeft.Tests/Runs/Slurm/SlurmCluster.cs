using System.Diagnostics;
using EcgPeft.Core.Runs.Slurm;

[assembly: AssemblyFixture(typeof(EcgPeft.Tests.Runs.Slurm.SlurmCluster))]

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>A real Slurm of one node; partitions main, short, urgent and closed.</summary>
public sealed class SlurmCluster() : TestService("slurm")
{
    /// <summary>Settings for it that let no test wait long.</summary>
    public static SlurmSettings Settings { get; } = new() { Enabled = true, PollSeconds = 0.3, SettleSeconds = 0, Resources = new() { Cpus = 1 } };

    /// <summary>The node is gone with all that runs on it, as if it had lost its power.</summary>
    public Task CrashNodeAsync() => RunAsync("crash");

    /// <summary>The node is back.</summary>
    public Task StartAgainAsync() => RunAsync("start");

    /// <summary>Runs one of Slurm's programs and gives back what it printed.</summary>
    public static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}");
        return (await output).Trim();
    }
}
