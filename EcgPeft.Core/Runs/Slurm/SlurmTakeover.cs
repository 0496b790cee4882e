using System.Diagnostics;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>
/// How the worker of a job gets its run. A node that Slurm gave up may still have a worker at it, while the job has begun again elsewhere: that
/// one is asked to give way. A job that Slurm got twice, because its submitter did not learn that it had it, does nothing.
/// </summary>
internal static class SlurmTakeover
{
    /// <summary>How long a former worker may take for its step and its checkpoint.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Whether the run is to be carried out by another job now.</summary>
    public static bool IsSuperseded(RunFolder folder, SlurmTask task)
    {
        try
        {
            return task.Name is not null && SlurmJob.Read(folder) is { } wanted && wanted.Name != task.Name;
        }
        catch (UserInputException)
        {
            return false; // a damaged file stops no run
        }
    }

    /// <summary>Takes the run's lock, from a former worker where there is one; null where that one does not give way, or the job is ended or stopped meanwhile.</summary>
    public static WorkerLock? Take(RunFolder folder, SlurmTask task, CancellationToken stop)
    {
        var request = $"Slurm has begun job {task.JobId} for the run on node {task.Node}\nthat job goes on with it";
        var asked = false;
        using var given = CancellationTokenSource.CreateLinkedTokenSource(stop, task.Ending, task.TimeLimitNear);
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            if (WorkerLock.TryTake(folder) is { } taken)
            {
                if (asked && File.Exists(folder.StopRequestFile) && File.ReadAllText(folder.StopRequestFile) == request) File.Delete(folder.StopRequestFile); // it came too late for the former one
                return taken;
            }
            if (!asked && !File.Exists(folder.StopRequestFile)) File.WriteAllText(folder.StopRequestFile, request);
            asked = true;
            if (Stopwatch.GetElapsedTime(began) > Patience || given.Token.WaitHandle.WaitOne(200)) return null;
        }
    }
}
