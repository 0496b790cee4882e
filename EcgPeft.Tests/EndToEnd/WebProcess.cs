using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The real dashboard as a process of its own, on a free port, with a data folder of its own.</summary>
internal sealed class WebProcess : IAsyncDisposable
{
    private const string Announcement = "EcgPeft is at ";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private WebProcess(Process process, DataRoot root) => (_process, Root) = (process, root);

    public DataRoot Root { get; }

    /// <summary>For example <c>http://127.0.0.1:40123</c>.</summary>
    public string Address { get; private set; } = "";

    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits until it says where it listens.</summary>
    /// <param name="root">Its data folder; a new one where null.</param>
    /// <param name="address">Where to listen; a free port where null.</param>
    /// <param name="announcement">What stands before the address in the line that says it.</param>
    /// <param name="settings">Settings in its environment.</param>
    public static async Task<WebProcess> StartAsync(DataRoot? root = null, string? address = null, string announcement = Announcement, params (string Name, string Value)[] settings)
    {
        root ??= new DataRoot(TestData.TemporaryFolder());
        var start = StartInfo(root, "--urls", address ?? "http://127.0.0.1:0");
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var web = new WebProcess(new Process { StartInfo = start }, root);
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(object _, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            web._output.Enqueue(line.Data);
            if (line.Data.IndexOf(announcement, StringComparison.Ordinal) is var at and >= 0) listening.TrySetResult(line.Data[(at + announcement.Length)..].Split(' ')[0]);
        }
        web._process.OutputDataReceived += Read;
        web._process.ErrorDataReceived += Read;
        web._process.EnableRaisingEvents = true;
        web._process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"The dashboard ended at its start:\n{web.Output}"));
        web._process.Start();
        web._process.BeginOutputReadLine();
        web._process.BeginErrorReadLine();
        web.Address = await listening.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        return web;
    }

    /// <summary>Starts it where it is expected to refuse, and waits for its end.</summary>
    public static Task<(int ExitCode, string Error)> RefusedAsync(params string[] arguments) => RefusedAsync(new DataRoot(TestData.TemporaryFolder()), arguments);

    /// <summary>Starts it on a data folder where it is expected to refuse, and waits for its end.</summary>
    public static async Task<(int ExitCode, string Error)> RefusedAsync(DataRoot root, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(root, arguments))!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TestData.Patience);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        return (process.ExitCode, await error);
    }

    /// <summary>Waits until it has said something.</summary>
    public async Task UntilOutput(string text)
    {
        while (!Output.Contains(text, StringComparison.Ordinal)) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it as <c>kill -9</c> does; its workers go on.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the dashboard and the workers it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true); // also those that have no run yet, or that measure and explain
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (!Directory.Exists(Root.Runs)) return;
        // Those of a dashboard that was killed before.
        foreach (var path in Directory.EnumerateDirectories(Root.Runs))
        {
            if (WorkerLock.Owner(new RunFolder(path)) is not { } owner || owner.ProcessId == Environment.ProcessId) continue;
            try
            {
                using var worker = Process.GetProcessById(owner.ProcessId);
                worker.Kill();
                await worker.WaitForExitAsync();
            }
            catch (ArgumentException)
            {
                // It has ended by itself just now.
            }
        }
    }

    private static ProcessStartInfo StartInfo(DataRoot root, params string[] arguments)
    {
        var output = typeof(WebProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "WebOutput").Value!;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(output, "EcgPeft.Web.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["EcgPeft__DataRoot"] = root.Path;
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        return start;
    }
}
