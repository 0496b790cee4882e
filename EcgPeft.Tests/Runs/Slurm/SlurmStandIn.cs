namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>Programs of Slurm's names in <c>PATH</c> that say what a test wants: for what a Slurm of one node cannot show.</summary>
internal sealed class SlurmStandIn : IDisposable
{
    private readonly string _folder = TestData.TemporaryFolder();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public SlurmStandIn()
    {
        Environment.SetEnvironmentVariable("PATH", $"{_folder}:{_path}");
        Program("sbatch", $$"""
            id=$(($(cat {{_folder}}/count 2>/dev/null || echo 0) + 1)); echo $id > {{_folder}}/count
            last=$(sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$2")
            for job in $([ -z "$last" ] && echo $id || seq -f "${id}_%g" 0 $last); do
              echo "$(sed -n 's/^#SBATCH --job-name=//p' "$2")|PENDING||None" > {{_folder}}/job.$job
            done
            echo $id
            """);
        Program("squeue", $$"""
            for job in {{_folder}}/job.*; do [ -e "$job" ] && echo "${job##*.}|$(cat "$job")"; done; exit 0
            """);
        Program("scontrol", $$"""
            job={{_folder}}/job.${@: -1}; [ -e "$job" ] || { echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1; }
            IFS='|' read -r name state node reason < "$job"
            echo "JobId=${@: -1} JobName=$name JobState=$state Reason=$reason Restarts=$(cat {{_folder}}/restarts 2>/dev/null || echo 0) ExitCode=$(cat {{_folder}}/exit 2>/dev/null || echo 0:0) BatchHost=$node"
            """);
        Program("scancel", $$"""
            echo "$@" >> {{_folder}}/cancelled; job={{_folder}}/job.${@: -1}
            [ -e "$job" ] && sed -i 's/|PENDING|/|CANCELLED|/' "$job"; exit 0
            """);
        Program("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1");
    }

    /// <summary>How many jobs have been submitted.</summary>
    public int Submitted => File.Exists(In("count")) ? int.Parse(File.ReadAllText(In("count")), System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>What scancel was called with, a call a line.</summary>
    public string Cancelled => File.Exists(In("cancelled")) ? File.ReadAllText(In("cancelled")) : "";

    /// <summary>Lets a job be of another state; without one it is no longer known.</summary>
    /// <param name="id">The job.</param>
    /// <param name="state">For example RUNNING.</param>
    /// <param name="reason">Why it waits.</param>
    /// <param name="name">Another name than it was submitted by.</param>
    /// <param name="exit">Exit code and signal.</param>
    /// <param name="restarts">How often Slurm has put it back.</param>
    public void Set(string id, string? state, string reason = "None", string? name = null, string exit = "0:0", int restarts = 0)
    {
        File.WriteAllText(In("exit"), exit);
        File.WriteAllText(In("restarts"), restarts.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var (file, next) = (In($"job.{id}"), In($".next.{id}"));
        if (state is null)
        {
            File.Delete(file);
            return;
        }
        File.WriteAllText(next, $"{name ?? File.ReadAllText(file).Split('|')[0]}|{state}|n1|{reason}\n");
        File.Move(next, file, overwrite: true); // whole at every moment
    }

    /// <summary>Replaces a program.</summary>
    /// <param name="name">For example squeue.</param>
    /// <param name="body">Lines of bash.</param>
    public void Program(string name, string body)
    {
        var next = In($".{name}");
        File.WriteAllText(next, $"#!/bin/bash\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(next, In(name), overwrite: true);
    }

    /// <summary>Takes a program's former body back, behind some lines more.</summary>
    /// <param name="name">For example sbatch.</param>
    /// <param name="before">Lines of bash.</param>
    public void Before(string name, string before) => Program(name, before + File.ReadAllText(In(name))["#!/bin/bash".Length..]);

    public void Dispose() => Environment.SetEnvironmentVariable("PATH", _path);

    private string In(string name) => Path.Combine(_folder, name);
}
