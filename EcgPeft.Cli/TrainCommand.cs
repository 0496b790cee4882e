using System.CommandLine;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
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
        var detached = new Option<bool>("--detached") { Description = "Run apart from the starting process, with output in worker.log.", Hidden = true };
        var waiting = new Option<bool>("--waiting") { Description = "Only if the run waits in the queue.", Hidden = true };
        var resumes = new Option<int?>("--slurm-resumes") { Description = "At work in a Slurm job; the run may go on by itself so often.", Hidden = true };
        var frames = new Option<string?>("--frames-of") { Description = "Compute the frozen outputs of the runs in this list, and end.", Hidden = true };
        var command = new Command("train", "Fine-tune a backbone with a PEFT method, from a recipe.") { recipe, set, data, groups, output, resume, detached, waiting, resumes, frames };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(frames) is { } list) return SlurmWork.Frames(list);
            if (parsed.GetValue(resumes) is { } left)
                return SlurmWork.Train(new RunFolder(Path.GetFullPath(parsed.GetValue(resume) ?? throw new UserInputException("--slurm-resumes goes with --resume DIR."))), left);
            var settings = parsed.GetValue(set) ?? [];
            if (parsed.GetValue(resume) is { } existing)
                return Resume(existing, parsed.GetValue(recipe) ?? parsed.GetValue(data) ?? parsed.GetValue(groups) ?? parsed.GetValue(output) ?? settings.FirstOrDefault(), parsed.GetValue(detached), parsed.GetValue(waiting));
            var read = RecipeFile.Read(parsed.GetValue(recipe) ?? throw new UserInputException("Give --recipe FILE to start a run, or --resume DIR to go on with one."), settings);
            return Start(read, parsed.GetValue(data), parsed.GetValue(groups), parsed.GetValue(output), parsed.GetValue(detached));
        });
        return command;
    }

    /// <summary>Goes on with a run; <paramref name="other"/> is another option that was given beside it, or null.</summary>
    public static int Resume(string path, string? other, bool detached = false, bool onlyIfWaiting = false) => Work(Existing(path, other), detached, onlyIfWaiting);

    /// <summary>Makes a run and works on it.</summary>
    public static int Start(Recipe recipe, string? data, string? groups, string? output, bool detached = false)
    {
        var folder = New(recipe, data, groups, output);
        try
        {
            return Work(folder, detached);
        }
        catch (UserInputException) when (!File.Exists(folder.EnvironmentFile))
        {
            // Refused before anything was done: the folder would only stand in the way of the corrected command.
            Directory.Delete(folder.Path, recursive: true);
            throw;
        }
    }

    private static RunFolder Existing(string path, string? other)
    {
        if (other is not null) throw new UserInputException("--resume goes on with the run's own recipe; leave the other options out.");
        return new RunFolder(Path.GetFullPath(path));
    }

    private static RunFolder New(Recipe recipe, string? data, string? groups, string? output)
    {
        recipe = recipe with
        {
            Data = recipe.Data with
            {
                Path = (data ?? recipe.Data.Path) is { } path ? Path.GetFullPath(path) : throw new UserInputException("The recipe names no data; give --data FILE."),
                Groups = (groups ?? recipe.Data.Groups) is { } groupsPath ? Path.GetFullPath(groupsPath) : null,
            },
        };
        return output is null ? RunFolder.Create(ProductSettings.DataRoot().Runs, recipe) : RunFolder.CreateAt(Path.GetFullPath(output), recipe);
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
