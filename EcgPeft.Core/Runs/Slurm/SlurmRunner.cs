using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>One run carried out by Slurm while a command waits for it. The job needs the command no longer than until it is submitted.</summary>
/// <param name="root">The data folder.</param>
/// <param name="settings">The installation's settings.</param>
/// <param name="worker">How a worker of this installation is started.</param>
/// <param name="say">Told what a person should know: where the job stands, and why Slurm does not answer.</param>
public sealed class SlurmRunner(DataRoot root, SlurmSettings settings, WorkerCommand worker, Action<string> say)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>The batch script of runs that have no folders yet: of one run, or of a study of so many.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="worker">How a worker of this installation is started.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="runs">How many runs there are.</param>
    public static string Preview(DataRoot root, SlurmSettings settings, WorkerCommand worker, Recipe recipe, int runs = 1)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return new SlurmCourier(root, settings, worker.Program()).Preview(recipe, runs);
    }

    /// <summary>Submits a run, or takes up the job that it has, and follows it until nothing more happens to it by itself.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="show">Receives its events from here on.</param>
    /// <param name="stop">Cancelled when the run shall stop.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="UserInputException">Its last job has not ended yet, or Slurm does not answer.</exception>
    public RunStatus Run(RunFolder folder, Action<RunEvent> show, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(show);
        var follower = new SlurmFollower(root, settings, worker.Program(), say);
        var seen = File.Exists(folder.EventsFile) ? new FileInfo(folder.EventsFile).Length : 0;
        var tail = new RunTail(folder, (_, increment) =>
        {
            if (increment.ToSequence <= seen) return;
            foreach (var runEvent in increment.Events) show(runEvent);
        });
        tail.Advance();
        follower.Begin(folder, null);
        for (var (asked, told) = (false, ""); ; stop.WaitHandle.WaitOne(Look))
        {
            tail.Advance();
            var run = SlurmFollower.Look(folder, tail.Summary?.Status);
            if (Words(run) is { } words && words != told) say(told = words);
            if (SlurmFollower.IsOver(run)) return run.Status!.Value;
            follower.RoundWhenDue([run]);
            if (!stop.IsCancellationRequested) continue;
            try
            {
                if (!asked) follower.AskToStop(folder, run.Status);
                asked = true;
            }
            catch (UserInputException e)
            {
                if (told != e.Message) say(told = e.Message); // Slurm is silent: it is tried again
            }
            Thread.Sleep(Look); // the worker finishes its step
        }
    }

    private static string? Words(SlurmRun run) => run.Job switch
    {
        { Done: true } or { Id: null } => null,
        { State: "PENDING" } job => job.Reason is null ? $"Slurm job {job.Id} waits." : $"Slurm job {job.Id} waits: {SlurmWords.Waits(job.Reason)}.",
        { State: "RUNNING" } job => $"Slurm job {job.Id} runs on {job.Node}.",
        _ => null,
    };
}
