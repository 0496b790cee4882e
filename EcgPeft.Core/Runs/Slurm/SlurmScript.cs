using System.Globalization;
using System.Text;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>
/// Batch scripts. A script is the whole submission: <c>sbatch --parsable FILE</c> and nothing beside it. Its shell stays between Slurm and
/// the worker: before the time limit Slurm tells the shell (USR1), which tells the worker, which writes a checkpoint and ends with
/// <see cref="SlurmTask.RequeueExitCode"/>; then the shell puts its own job into the queue again. No dashboard is needed for that.
/// </summary>
public static class SlurmScript
{
    /// <summary>Stands for the folder of a run or study in a script that is shown before there is one.</summary>
    public const string NoFolderYet = "FOLDER";

    /// <summary>Stands for the id of the job that goes before an array, in a script that is shown before that one has been submitted.</summary>
    public const string FirstJob = "JOB-ABOVE";

    /// <summary>Refuses a path that cannot stand in a script: Slurm has no way to write it in an option, or it would end a line of the list.</summary>
    /// <param name="path">Folder of a run, or the data folder.</param>
    /// <exception cref="UserInputException">It holds a line break or another control character, a quotation mark or a backslash.</exception>
    public static void CheckPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Any(c => char.IsControl(c) || c is '"' or '\\'))
            throw new UserInputException($"The folder {new string([.. path.Select(c => char.IsControl(c) ? '?' : c)])} cannot go to Slurm: its path holds a quotation mark, a backslash or a control character; give it another name.");
    }

    /// <summary>The script of one run.</summary>
    /// <param name="job">What the job is.</param>
    /// <param name="run">The run's folder.</param>
    public static string OfRun(SlurmScriptJob job, string run)
    {
        ArgumentNullException.ThrowIfNull(job);
        var text = Head(job, Path.Combine(run, "worker.log"), ["--requeue", Signal(job)]);
        text.Append(CultureInfo.InvariantCulture, $"run={Quoted(run)}\n");
        return Work(text, job).ToString();
    }

    /// <summary>The script of a job array, a run a task.</summary>
    /// <param name="job">What each task is.</param>
    /// <param name="list">File with a run folder a line, in the order of the tasks.</param>
    /// <param name="count">How many tasks.</param>
    /// <param name="log">Where the shell writes what it has to say before it has its run.</param>
    /// <param name="after">Id of a job that must have ended before, or null. What that one could not do, because it was preempted or its time was over, the runs do themselves.</param>
    public static string OfArray(SlurmScriptJob job, string list, int count, string log, string? after)
    {
        ArgumentNullException.ThrowIfNull(job);
        var atOnce = job.Settings.JobsAtOnce > 0 ? string.Create(CultureInfo.InvariantCulture, $"%{job.Settings.JobsAtOnce}") : "";
        var text = Head(job, log, ["--requeue", Signal(job), string.Create(CultureInfo.InvariantCulture, $"--array=0-{count - 1}{atOnce}"), .. after is null ? Array.Empty<string>() : [$"--dependency=afterany:{after}"]]);
        text.Append(CultureInfo.InvariantCulture, $"run=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {Quoted(list)})\n");
        return Work(text, job).ToString();
    }

    /// <summary>The script of the job that computes frozen outputs once, before the runs that share them.</summary>
    /// <param name="job">What the job is.</param>
    /// <param name="list">File with a run folder a line.</param>
    /// <param name="log">Where it writes.</param>
    public static string OfFrames(SlurmScriptJob job, string list, string log)
    {
        ArgumentNullException.ThrowIfNull(job);
        var text = Environment(Head(job, log, ["--requeue"]), job);
        return text.Append(CultureInfo.InvariantCulture, $"exec {Command(job)} train --frames-of {Quoted(list)}\n").ToString();
    }

    private static string Signal(SlurmScriptJob job) => string.Create(CultureInfo.InvariantCulture, $"--signal=B:USR1@{job.Settings.SignalSeconds}");

    private static StringBuilder Head(SlurmScriptJob job, string log, IEnumerable<string> more)
    {
        var (asked, text) = (job.Resources, new StringBuilder("#!/bin/bash\n"));
        void Option(string option) => text.Append(CultureInfo.InvariantCulture, $"#SBATCH {option}\n");
        Option($"--job-name={job.Name}");
        Option($"--output=\"{log.Replace("%", "%%", StringComparison.Ordinal)}\"");
        Option("--open-mode=append");
        Option("--nodes=1");
        Option("--ntasks=1");
        if (asked.Partition is { } partition) Option($"--partition={partition}");
        if (asked.Account is { } account) Option($"--account={account}");
        if (asked.Cpus is { } cpus) Option(string.Create(CultureInfo.InvariantCulture, $"--cpus-per-task={cpus}"));
        if (asked.MemoryMegabytes is { } memory) Option(string.Create(CultureInfo.InvariantCulture, $"--mem={memory}M"));
        if (asked.Gpus is > 0 and var gpus) Option(string.Create(CultureInfo.InvariantCulture, $"--gres=gpu:{gpus}"));
        if (asked.TimeLimit is { } limit) Option($"--time={limit}");
        foreach (var option in more) Option(option);
        foreach (var option in job.Settings.Options) Option(option);
        return text.Append('\n');
    }

    private static StringBuilder Work(StringBuilder text, SlurmScriptJob job)
    {
        text.Append("exec >> \"$run/worker.log\" 2>&1\n");
        Environment(text, job);
        text.Append(CultureInfo.InvariantCulture, $$"""
            resumes=$(({{Math.Max(0, job.ResumesLeft)}} - ${SLURM_RESTART_COUNT:-0}))
            {{Command(job)}} train --slurm-resumes "$resumes" --resume "$run" &
            worker=$!
            tell() { told=1; kill -s "$1" $worker 2>/dev/null; }
            trap 'tell USR1' USR1  # the time limit is near
            trap 'tell TERM' TERM  # the job is cancelled or preempted
            trap 'tell USR2' USR2  # a person stops the run (a shell's children ignore INT)
            while :; do
              told=
              wait $worker; ended=$?
              [ $ended -eq 127 ] || code=$ended
              [ -n "$told" ] || break
            done
            case $code in
              {{SlurmTask.RequeueExitCode}}) scontrol requeue "$SLURM_JOB_ID" || exit $code ;;
              {{RunWorker.StoppedExitCode}}) exit 0 ;;
              *) exit $code ;;
            esac

            """);
        return text;
    }

    private static StringBuilder Environment(StringBuilder text, SlurmScriptJob job)
    {
        foreach (var line in job.Settings.Setup) text.Append(line).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"export EcgPeft__DataRoot={Quoted(job.DataRoot)} EcgPeft__Workers=1\n");
        return text.Append("export OMP_NUM_THREADS=\"${SLURM_CPUS_PER_TASK:-1}\"\n");
    }

    private static string Command(SlurmScriptJob job) => string.Join(' ', job.Program.Select(Quoted));

    /// <summary>A word as the shell takes it back, whatever is in it.</summary>
    internal static string Quoted(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+,=:@".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>What a batch script needs to know.</summary>
/// <param name="Name">Name of the submission.</param>
/// <param name="Resources">What it asks for.</param>
/// <param name="Settings">The installation's settings.</param>
/// <param name="Program">The <c>ecgpeft</c> of the nodes, without its arguments.</param>
/// <param name="DataRoot">The data folder, as the nodes see it.</param>
/// <param name="ResumesLeft">How often the run may go on by itself from here.</param>
public sealed record SlurmScriptJob(string Name, Training.ExecutionRecipe Resources, SlurmSettings Settings, IReadOnlyList<string> Program, string DataRoot, int ResumesLeft);
