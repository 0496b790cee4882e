using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Web.Hosting;

namespace EcgPeft.Web.Live;

/// <summary>An <c>ecgpeft explain</c> at work, or how it ended.</summary>
/// <param name="Rows">The rows that it explains; empty for the surest calls and the map.</param>
/// <param name="Percent">How far it is.</param>
/// <param name="Line">The last thing it said.</param>
/// <param name="Ended">Whether it is over.</param>
/// <param name="Error">Why it failed, in a sentence; null where it did not.</param>
internal sealed record ExplanationJob(IReadOnlyList<int> Rows, int Percent, string Line, bool Ended, string? Error);

/// <summary>
/// Starts <c>ecgpeft explain</c> for runs, one process at a time, and knows how far each is; a page may close meanwhile. What the processes write lies in
/// the runs' folders.
/// </summary>
internal sealed class RunExplanations(DataRoot root)
{
    private readonly ConcurrentDictionary<string, ExplanationJob> _jobs = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _stops = new();
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Raised with the run's id when its job has changed; from any thread.</summary>
    public event Action<string>? Changed;

    /// <summary>The last job of a run, or null.</summary>
    public ExplanationJob? JobOf(string run) => _jobs.GetValueOrDefault(run);

    /// <summary>Starts a job, unless one of this run is at work.</summary>
    public void Start(RunFolder folder, IReadOnlyList<int> rows)
    {
        var stop = new CancellationTokenSource();
        if (!_stops.TryAdd(folder.Id, stop)) return;
        Set(folder.Id, new ExplanationJob(rows, 0, "starting", false, null));
        _ = Task.Run(() => WorkAsync(folder, rows, stop.Token));
    }

    /// <summary>Ends the job of a run; what it has written stays.</summary>
    public void Stop(string run)
    {
        if (_stops.TryGetValue(run, out var stop)) stop.Cancel();
    }

    private async Task WorkAsync(RunFolder folder, IReadOnlyList<int> rows, CancellationToken stop)
    {
        string? error = null;
        try
        {
            await _one.WaitAsync(stop);
            try
            {
                error = await RunAsync(folder, rows, stop);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (OperationCanceledException)
        {
            error = null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            error = $"The explaining process could not be started ({e.Message.TrimEnd('.')}); ecgpeft explain --run does the same in a terminal.";
        }
        finally
        {
            if (_stops.TryRemove(folder.Id, out var ended)) ended.Dispose();
            Set(folder.Id, (_jobs.GetValueOrDefault(folder.Id) ?? new ExplanationJob(rows, 0, "", true, null)) with { Ended = true, Error = error });
        }
    }

    private async Task<string?> RunAsync(RunFolder folder, IReadOnlyList<int> rows, CancellationToken stop)
    {
        string[] chosen = rows.Count == 0 ? [] : ["--rows", string.Join(',', rows.Select(row => row.ToString(CultureInfo.InvariantCulture)))];
        var command = Worker.Command(["explain", "--run", folder.Path, .. chosen]);
        var start = new ProcessStartInfo(command.FileName) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        start.Environment["EcgPeft__DataRoot"] = root.Path;
        using var process = Process.Start(start)!;
        await using var kill = stop.Register(() =>
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        });
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            if (line.Split(" %: ", 2) is [var percent, var what] && int.TryParse(percent, CultureInfo.InvariantCulture, out var done)) Set(folder.Id, new ExplanationJob(rows, done, what, false, null));
        await process.WaitForExitAsync(CancellationToken.None);
        stop.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? null : (await error).Trim() is { Length: > 0 } sentence ? sentence : $"The explaining process ended with code {process.ExitCode}.";
    }

    private void Set(string run, ExplanationJob job)
    {
        _jobs[run] = job;
        Changed?.Invoke(run);
    }
}
