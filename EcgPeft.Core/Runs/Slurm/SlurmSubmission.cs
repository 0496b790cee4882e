using System.Globalization;
using System.Security.Cryptography;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>Writes the scripts of waiting runs and submits them: a run of its own as a job, waiting runs of one study as a job array.</summary>
/// <param name="root">The data folder.</param>
/// <param name="settings">The installation's settings.</param>
/// <param name="program">The <c>ecgpeft</c> of this installation, without its arguments.</param>
/// <param name="commands">Slurm's programs.</param>
internal sealed class SlurmSubmission(DataRoot root, SlurmSettings settings, IReadOnlyList<string> program, SlurmCommands commands)
{
    /// <summary>Folder of a study's scripts, lists and logs.</summary>
    private const string GroupFolder = "slurm";

    /// <summary>An array has at most so many tasks (Slurm's usual <c>MaxArraySize</c> is 1001); a larger study goes as several.</summary>
    private const int LargestArray = 1000;

    /// <summary>What would be submitted for runs that have no folders yet: the script of one, or those of a study of so many.</summary>
    public string Preview(Recipe recipe, int runs)
    {
        var job = Job("ecgpeft", settings.Of(recipe), settings.AutomaticResumes);
        if (runs <= 1) return SlurmScript.OfRun(job, SlurmScript.NoFolderYet);
        const string folder = SlurmScript.NoFolderYet, list = $"{folder}/list";
        var shared = TrainRecipe.SharesFrames(recipe);
        var array = SlurmScript.OfArray(job, list, Math.Min(runs, LargestArray), $"{folder}/log", shared ? SlurmScript.FirstJob : null);
        return shared ? $"{SlurmScript.OfFrames(job with { Name = FramesName(job.Name) }, list, $"{folder}/log")}\n{array}" : array;
    }

    /// <summary>Runs that go to Slurm as one: those of a study that ask for the same.</summary>
    public IEnumerable<IReadOnlyList<(RunFolder Folder, SlurmJob Job)>> Groups(IReadOnlyList<(RunFolder Folder, SlurmJob Job)> waiting) =>
        waiting.GroupBy(run => (run.Job.Group is { } group ? Path.GetFullPath(Path.Combine(run.Folder.Path, group)) : run.Folder.Path, Asked: settings.Of(run.Folder.ReadRecipe())))
            .SelectMany(group => group.Chunk(LargestArray));

    /// <summary>Submits runs that go together.</summary>
    /// <returns>Their jobs.</returns>
    /// <exception cref="UserInputException">Slurm refused them.</exception>
    /// <exception cref="SlurmSilentException">Slurm did not answer; whether it has the job shows by its name.</exception>
    public IReadOnlyList<SlurmJob> Submit(IReadOnlyList<(RunFolder Folder, SlurmJob Job)> runs)
    {
        foreach (var (folder, _) in runs) SlurmScript.CheckPath(folder.Path);
        SlurmScript.CheckPath(root.Path);
        var name = $"ecgpeft-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 6)}";
        var job = Job(name, settings.Of(runs[0].Folder.ReadRecipe()), settings.AutomaticResumes - runs.Max(run => run.Job.Resumes));
        var array = runs.Count > 1;
        var (script, first) = array ? ArrayScript(name, job, runs) : (runs[0].Folder.SlurmScriptFile, null);
        if (!array) AtomicFile.WriteAllText(script, SlurmScript.OfRun(job, runs[0].Folder.Path));
        SlurmJob Begun(int index) => new()
        {
            Name = name, Index = array ? index : null, Group = runs[index].Job.Group, Resumes = runs[index].Job.Resumes,
            Script = Path.GetRelativePath(runs[index].Folder.Path, script),
        };
        // Before Slurm has it: if this process ended in the next moment, the job would be found by its name.
        for (var i = 0; i < runs.Count; i++) Begun(i).WriteTo(runs[i].Folder);
        string id;
        try
        {
            id = commands.Submit(script);
        }
        catch (UserInputException) when (first is not null)
        {
            commands.Cancel(first); // nobody waits for it
            throw;
        }
        var now = DateTime.UtcNow;
        var jobs = Enumerable.Range(0, runs.Count).Select(i => Begun(i) with { Id = array ? string.Create(CultureInfo.InvariantCulture, $"{id}_{i}") : id, State = "PENDING", SubmittedUtc = now }).ToList();
        for (var i = 0; i < runs.Count; i++) jobs[i].WriteTo(runs[i].Folder);
        return jobs;
    }

    /// <summary>Name of the job that goes before an array.</summary>
    /// <param name="array">Name of the array.</param>
    public static string FramesName(string array) => $"{array}-frames";

    private (string Script, string? First) ArrayScript(string name, SlurmScriptJob job, IReadOnlyList<(RunFolder Folder, SlurmJob Job)> runs)
    {
        var folder = Path.Combine(Path.GetFullPath(Path.Combine(runs[0].Folder.Path, runs[0].Job.Group!)), GroupFolder);
        Directory.CreateDirectory(folder);
        string In(string file) => Path.Combine(folder, file);
        var (list, log) = (In($"{name}.runs"), In($"{name}.log"));
        AtomicFile.WriteAllText(list, string.Concat(runs.Select(run => run.Folder.Path + "\n")));
        string? first = null;
        if (runs.Count(run => TrainRecipe.SharesFrames(run.Folder.ReadRecipe())) > 1)
        {
            AtomicFile.WriteAllText(In($"{name}-frames.sh"), SlurmScript.OfFrames(job with { Name = FramesName(name) }, list, In($"{name}-frames.log")));
            first = commands.Submit(In($"{name}-frames.sh"));
        }
        AtomicFile.WriteAllText(In($"{name}.sh"), SlurmScript.OfArray(job, list, runs.Count, log, first));
        return (In($"{name}.sh"), first);
    }

    private SlurmScriptJob Job(string name, ExecutionRecipe asked, int resumesLeft) => new(name, asked, settings, settings.Program is { } own ? [own] : program, root.Path, resumesLeft);
}
