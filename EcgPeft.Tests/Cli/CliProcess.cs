using System.Diagnostics;
using EcgPeft.Core;

namespace EcgPeft.Tests.Cli;

/// <summary>Runs the built <c>ecgpeft</c> as a process, as a person or a script does.</summary>
internal static class CliProcess
{
    /// <summary>Starts it and leaves it running; its output is thrown away.</summary>
    public static Process Start(params string[] arguments)
    {
        var process = Process.Start(StartInfo(arguments))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunInAsync(null, arguments);

    /// <summary>Runs it to its end on a data folder.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunInAsync(DataRoot? root, params string[] arguments)
    {
        var start = StartInfo(arguments);
        if (root is not null) start.Environment["EcgPeft__DataRoot"] = root.Path;
        using var process = Process.Start(start)!;
        var cancel = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output, await error);
    }

    private static ProcessStartInfo StartInfo(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
