using System.Diagnostics;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Benchmarks;

/// <summary>What waiting runs cost the dashboard's process while Slurm starts none of them.</summary>
/// <param name="Runs">How many wait.</param>
/// <param name="QueueSeconds">Making the study and handing it to Slurm until every run is followed.</param>
/// <param name="Calls">Slurm's programs that were started until then.</param>
/// <param name="ProcessorSeconds">Processor time of this process while they wait.</param>
/// <param name="Seconds">For how long they were watched.</param>
/// <param name="AnswerBytes">Size of one answer of <c>squeue</c>.</param>
/// <param name="StopSeconds">Taking all of them back.</param>
public sealed record SlurmCost(int Runs, double QueueSeconds, long Calls, double ProcessorSeconds, double Seconds, long AnswerBytes, double StopSeconds);

/// <summary>Measures <see cref="SlurmCost"/> on the Slurm of this installation, in a data folder of its own. The partition asked for should start nothing.</summary>
/// <param name="settings">The installation's settings.</param>
/// <param name="partition">A partition that is down, or full.</param>
/// <param name="seconds">For how long waiting runs are watched.</param>
/// <param name="cancel">Ends the measurement.</param>
public sealed class SlurmBenchmark(SlurmSettings settings, string partition, int seconds, CancellationToken cancel)
{
    /// <summary>Measures for one number of waiting runs.</summary>
    /// <param name="runs">How many.</param>
    /// <exception cref="UserInputException">Slurm refuses the jobs, does not answer, or starts them.</exception>
    public SlurmCost Measure(int runs)
    {
        var root = new DataRoot(Directory.CreateTempSubdirectory("ecgpeft-bench-slurm-").FullName);
        try
        {
            using var services = RunServices.Open(root, new WorkerCommand("true", []), slurm: settings);
            services.Start();
            var began = Stopwatch.GetTimestamp();
            var recipe = new Recipe { Data = new() { Path = "/data/segments.csv", Hash = "none" }, Training = new() { CacheFrames = false }, Execution = new() { Executor = ExecutorKind.Slurm, Partition = partition } };
            var study = services.Studies.Create(new() { Base = recipe, Seeds = [.. Enumerable.Range(1, runs)] });
            while (!services.Monitor.Runs.All(run => run.Slurm is { State: "PENDING", Reason: not null })) Rest(services, began);
            var queued = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var calls = services.Queue.Slurm!.Calls;

            using var own = Process.GetCurrentProcess();
            var (before, since) = (own.TotalProcessorTime, Stopwatch.GetTimestamp());
            cancel.WaitHandle.WaitOne(TimeSpan.FromSeconds(seconds));
            own.Refresh();
            var (used, watched) = ((own.TotalProcessorTime - before).TotalSeconds, Stopwatch.GetElapsedTime(since).TotalSeconds);
            var answer = services.Queue.Slurm.AnswerBytes;
            began = Stopwatch.GetTimestamp();
            services.Studies.Stop(study);
            return new(runs, queued, calls, used, watched, answer, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            Directory.Delete(root.Path, recursive: true);
        }
    }

    private void Rest(RunServices services, long began)
    {
        cancel.ThrowIfCancellationRequested();
        if (services.Monitor.Runs.FirstOrDefault(run => run.Status == RunStatus.Failed) is { } failed) throw new UserInputException(failed.StatusMessage ?? "A run failed.");
        if (services.Monitor.Runs.Any(run => run.Status is RunStatus.Running or RunStatus.Completed)) throw new UserInputException($"The partition {partition} starts jobs; name one that is down (scontrol update partition={partition} state=down).");
        if (services.Queue.Slurm!.Trouble is { } trouble) throw new UserInputException($"Slurm does not answer: {trouble}");
        if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(5)) throw new UserInputException("The runs were not queued within five minutes.");
        Thread.Sleep(50);
    }
}
