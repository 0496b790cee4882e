using System.CommandLine;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft train</c>: a run from a recipe, or a run folder that goes on. Also the worker that the dashboard starts.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = new Option<string?>("--recipe") { Description = "Recipe file, for example recipes/wav2vec2-lora.json.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Replace a setting, for example training.epochs=3; may be given several times. docs/recipes.md lists the settings with defaults.", HelpName = "path=value" };
        var data = new Option<string?>("--data") { Description = "CSV file of segments, or the folder of an imported data set.", HelpName = "FILE" };
        var groups = new Option<string?>("--groups") { Description = "CSV file that names each row's group (person).", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "Run folder to make; by default one in the data folder.", HelpName = "DIR" };
        var resume = new Option<string?>("--resume") { Description = "Go on with the run in this folder.", HelpName = "DIR" };
        var executor = ExecutorOption.Create("Where the run is trained: local (here) or slurm (a job of a cluster, see docs/cluster.md). By default as its recipe or EcgPeft:Slurm:Usual says.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be trained, for Slurm with the batch script, and end." };
        var detached = new Option<bool>("--detached") { Description = "Run apart from the starting process, with output in worker.log.", Hidden = true };
        var waiting = new Option<bool>("--waiting") { Description = "Only if the run waits in the queue.", Hidden = true };
        var resumes = new Option<int?>("--slurm-resumes") { Description = "At work in a Slurm job; the run may go on by itself so often.", Hidden = true };
        var frames = new Option<string?>("--frames-of") { Description = "Compute the frozen outputs of the runs in this list, and end.", Hidden = true };
        var command = new Command("train", "Fine-tune a backbone with a PEFT method, from a recipe.") { recipe, set, data, groups, output, resume, executor, dryRun, detached, waiting, resumes, frames };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(frames) is { } list) return SlurmWork.Frames(list);
            if (parsed.GetValue(resumes) is { } left)
                return SlurmWork.Train(new RunFolder(Path.GetFullPath(parsed.GetValue(resume) ?? throw new UserInputException("--slurm-resumes goes with --resume DIR."))), left);
            var (settings, asked) = (parsed.GetValue(set) ?? [], parsed.GetValue(executor));
            if (parsed.GetValue(resume) is { } existing)
            {
                var other = parsed.GetValue(recipe) ?? parsed.GetValue(data) ?? parsed.GetValue(groups) ?? parsed.GetValue(output) ?? settings.FirstOrDefault() ?? (parsed.GetValue(dryRun) ? "" : null);
                return parsed.GetValue(detached) ? Work(Existing(existing, other), detached: true, parsed.GetValue(waiting)) : Resume(existing, other, asked);
            }
            var read = RecipeFile.Read(parsed.GetValue(recipe) ?? throw new UserInputException("Give --recipe FILE to start a run, or --resume DIR to go on with one."), settings);
            return Start(read, parsed.GetValue(data), parsed.GetValue(groups), parsed.GetValue(output), asked, parsed.GetValue(dryRun), parsed.GetValue(detached));
        });
        return command;
    }

    /// <summary>Goes on with a run where it was, or where it is asked to; <paramref name="other"/> is another option that was given beside it, or null.</summary>
    public static int Resume(string path, string? other, string? executor)
    {
        var folder = Existing(path, other);
        var recipe = folder.ReadRecipe();
        var placed = executor is null ? recipe : ExecutorOption.Placed(recipe, executor);
        if (placed.OnSlurm) ExecutorOption.Slurm();
        else if (SlurmJob.Read(folder) is { IsOut: true } job) throw new UserInputException($"Run {folder.Id} has Slurm job {job.Id}, which has not ended; stop the run first.");
        if (placed != recipe) folder.WriteRecipe(placed);
        return placed.OnSlurm ? SlurmWork.Follow(folder) : Work(folder, detached: false);
    }

    /// <summary>Makes a run and works on it, or has Slurm do so.</summary>
    public static int Start(Recipe recipe, string? data, string? groups, string? output, string? executor, bool dryRun = false, bool detached = false)
    {
        recipe = WithData(ExecutorOption.Placed(recipe, executor), data, groups);
        if (recipe.OnSlurm || dryRun) NeedsDataAndModel(recipe);
        if (dryRun) return Say(recipe);
        if (recipe.OnSlurm) ExecutorOption.Slurm();
        var folder = output is null ? RunFolder.Create(ProductSettings.DataRoot().Runs, recipe) : RunFolder.CreateAt(Path.GetFullPath(output), recipe);
        try
        {
            return recipe.OnSlurm ? SlurmWork.Follow(folder, isNew: true) : Work(folder, detached);
        }
        catch (UserInputException) when (!File.Exists(folder.EnvironmentFile) && SlurmJob.Read(folder)?.Name is null)
        {
            // Refused before anything was done: the folder would only stand in the way of the corrected command.
            Directory.Delete(folder.Path, recursive: true);
            throw;
        }
    }

    private static int Say(Recipe recipe)
    {
        Console.Out.WriteLine($"run: {recipe.Backbone.Model} with {recipe.MethodName} on {recipe.Data.Path}, {(recipe.OnSlurm ? "as a job of Slurm" : "here")}");
        if (recipe.OnSlurm) Console.Out.Write(ExecutorOption.Script(recipe, 1));
        return 0;
    }

    private static RunFolder Existing(string path, string? other)
    {
        if (other is not null) throw new UserInputException("--resume goes on with the run's own recipe; leave the other options out.");
        return new RunFolder(Path.GetFullPath(path));
    }

    private static Recipe WithData(Recipe recipe, string? data, string? groups) => recipe with
    {
        Data = recipe.Data with
        {
            Path = (data ?? recipe.Data.Path) is { } path ? Path.GetFullPath(path) : throw new UserInputException("The recipe names no data; give --data FILE."),
            Groups = (groups ?? recipe.Data.Groups) is { } groupsPath ? Path.GetFullPath(groupsPath) : null,
        },
    };

    /// <summary>A job that would only find out on its node that they are missing is not submitted.</summary>
    private static void NeedsDataAndModel(Recipe recipe)
    {
        if (recipe.Data.Path is { } path && !File.Exists(path) && !Directory.Exists(path)) throw new UserInputException($"There is no data set or file {path}; give --data FILE.");
        if (recipe.Pretraining is not { FromScratch: true }) new ModelCatalogue(ProductSettings.DataRoot()).FolderOf(recipe.Backbone.Model);
    }

    private static int Work(RunFolder folder, bool detached, bool onlyIfWaiting = false)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        if (detached) DetachedProcess.Detach(folder.WorkerLogFile);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        NativeThreads.Share(ProductSettings.Workers());
        var job = new TrainRecipe(ProductSettings.DataRoot(), ProductSettings.CacheMegabytes());
        using var display = TrainingDisplay.Create(folder, plain: detached || Console.IsOutputRedirected);
        var code = RunWorker.Run(folder, job.Execute, stop.Token, display.Show, onlyIfWaiting);
        if (display.Failure is { } failure) Console.Error.WriteLine(failure);
        return code;
    }
}
