using System.Diagnostics;
using EcgPeft.Core;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A dashboard of its own for a measurement: a free port, a data folder that goes with it.</summary>
internal sealed class DashboardProcess : IDisposable
{
    private const string Program = "EcgPeft.Web.dll", Announcement = "EcgPeft is at ";

    private readonly Process _process;

    private DashboardProcess(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    /// <summary>Resident memory in MB.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="program">The dashboard's program, or null to look beside this one and in the source tree.</param>
    /// <param name="root">Its data folder.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UserInputException">There is no such program, or it ended at its start.</exception>
    public static async Task<DashboardProcess> StartAsync(string? program, string root, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { program ?? Find(), "--urls", "http://127.0.0.1:0" }) start.ArgumentList.Add(argument);
        start.Environment["EcgPeft__DataRoot"] = root;
        var process = Process.Start(start)!;
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        string? last = null;
        void Read(object _, DataReceivedEventArgs line)
        {
            last = line.Data ?? last;
            if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) == true) listening.TrySetResult(line.Data[Announcement.Length..].Split(' ')[0]);
        }
        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new UserInputException($"The dashboard ended at its start: {last}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, await listening.Task.WaitAsync(TimeSpan.FromMinutes(2), cancel));
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Find()
    {
        // bin/Release/net10.0 of the command line, beside it the dashboard's.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var sibling = Path.Combine(here.FullName, "..", "..", "..", "..", "EcgPeft.Web", "bin", here.Parent?.Name ?? "", here.Name, Program);
        return new[] { Path.Combine(here.FullName, Program), Path.GetFullPath(sibling) }.FirstOrDefault(File.Exists)
            ?? throw new UserInputException($"{Program} is neither beside this program nor built in the source tree; build the dashboard, or name it with --web FILE.");
    }
}
