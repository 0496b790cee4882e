using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary>What this program does with a run on Slurm: it submits and follows its job, and inside of the job it trains. There its output is the job's.</summary>
internal static class SlurmWork
{
    // SIGUSR1 and SIGUSR2 of Linux, where Slurm runs.
    private const PosixSignal UserSignal1 = (PosixSignal)10, UserSignal2 = (PosixSignal)12;

    /// <summary>Submits a run, or takes up its job, and shows it until it ends; Ctrl+C stops it, and what ends this program otherwise leaves the job alone.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="isNew">Whether this command has made it.</param>
    /// <exception cref="UserInputException">Slurm refused the job of a new run.</exception>
    public static int Follow(RunFolder folder, bool isNew = false)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        RunStatus status;
        using (var display = TrainingDisplay.Create(folder, plain: Console.IsOutputRedirected))
        {
            display.Show(new LogEvent("info", $"run folder: {folder.Path} (the batch script will be {Path.GetFileName(folder.SlurmScriptFile)} in it)"));
            status = new SlurmRunner(ProductSettings.DataRoot(), ExecutorOption.Slurm(), OwnWorker.Command(), line => display.Show(new LogEvent("info", line))).Run(folder, display.Show, stop.Token);
            if (display.Failure is { } failure)
            {
                if (isNew && SlurmJob.Read(folder) is { Name: null }) throw new UserInputException($"{failure.Split(';')[0]}; ask for something else (no run was made).");
                Console.Error.WriteLine(failure);
            }
        }
        if (status is RunStatus.Stopped or RunStatus.Interrupted) Console.Out.WriteLine($"Go on with: ecgpeft train --resume {folder.Path}");
        return status switch { RunStatus.Completed => 0, RunStatus.Stopped => RunWorker.StoppedExitCode, _ => 1 };
    }

    /// <summary>Trains a run. USR1: the time limit is near; TERM: the job is being ended; USR2: a person stops the run.</summary>
    public static int Train(RunFolder folder, int resumesLeft)
    {
        using CancellationTokenSource stop = new(), limit = new(), ending = new();
        static Action<PosixSignalContext> Cancels(CancellationTokenSource source) => context =>
        {
            context.Cancel = true;
            source.Cancel();
        };
        using var asked = PosixSignalRegistration.Create(UserSignal2, Cancels(stop));
        using var near = PosixSignalRegistration.Create(UserSignal1, Cancels(limit));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancels(ending));
        NativeThreads.Share(ProductSettings.Workers());
        var job = new TrainRecipe(ProductSettings.DataRoot(), ProductSettings.CacheMegabytes());
        return RunWorker.Run(folder, job.Execute, stop.Token, task: SlurmTask.OfThisJob(resumesLeft, limit.Token, ending.Token));
    }

    /// <summary>
    /// Computes the frozen outputs of some runs into the cache, each once. A run that cannot be prepared does not hold up the rest: it will
    /// say so itself.
    /// </summary>
    public static int Frames(string list)
    {
        if (!File.Exists(list)) throw new UserInputException($"There is no list {list}; it names a run folder a line.");
        NativeThreads.Share(ProductSettings.Workers());
        var work = new TrainRecipe(ProductSettings.DataRoot(), ProductSettings.CacheMegabytes());
        foreach (var path in File.ReadLines(list).Where(line => line.Length > 0))
        {
            try
            {
                var folder = new RunFolder(path);
                var kept = work.PrepareFrames(folder.ReadRecipe(), folder, line => Console.Out.WriteLine($"{folder.Id}: {(line as LogEvent)?.Message}"), CancellationToken.None);
                Console.Out.WriteLine($"{folder.Id}: {(kept ? "its frozen outputs are in the cache" : "it computes them itself")}");
            }
            catch (Exception e) when (e is UserInputException or IOException)
            {
                Console.Error.WriteLine($"{Path.GetFileName(path)}: {e.Message}");
            }
        }
        return 0;
    }
}
