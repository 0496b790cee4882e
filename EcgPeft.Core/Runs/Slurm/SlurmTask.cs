namespace EcgPeft.Core.Runs.Slurm;

/// <summary>What a worker knows of the Slurm job that it is at work in.</summary>
/// <param name="JobId">The job's id (<c>17</c>, of an array <c>17_3</c>).</param>
/// <param name="Node">The node.</param>
/// <param name="ResumesLeft">How often the run may go on by itself; below 0 it has done so too often already.</param>
/// <param name="TimeLimitNear">Cancelled shortly before the time limit.</param>
/// <param name="Ending">Cancelled when Slurm ends the job: it was cancelled or preempted, or is over its time.</param>
/// <param name="Name">Name of the submission; null outside of Slurm.</param>
public sealed record SlurmTask(string JobId, string Node, int ResumesLeft, CancellationToken TimeLimitNear, CancellationToken Ending, string? Name = null)
{
    /// <summary>Exit code of a worker that gave way and wants its job in the queue again (EX_TEMPFAIL of <c>sysexits.h</c>).</summary>
    public const int RequeueExitCode = 75;

    /// <summary>From the environment of a job; the ids are those of the shell where there is no job.</summary>
    /// <param name="resumesLeft">How often the run may go on by itself.</param>
    /// <param name="timeLimitNear">Cancelled shortly before the time limit.</param>
    /// <param name="ending">Cancelled when Slurm ends the job.</param>
    public static SlurmTask OfThisJob(int resumesLeft, CancellationToken timeLimitNear, CancellationToken ending)
    {
        static string? Said(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
        var id = Said("SLURM_ARRAY_JOB_ID") is { } array && Said("SLURM_ARRAY_TASK_ID") is { } task ? $"{array}_{task}" : Said("SLURM_JOB_ID") ?? "outside Slurm";
        return new(id, Said("SLURMD_NODENAME") ?? Environment.MachineName, resumesLeft, timeLimitNear, ending, Said("SLURM_JOB_NAME"));
    }
}
