using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Export;
using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft merge</c>: a finished run as a plain checkpoint without a method in it.</summary>
internal static class MergeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a finished run.", Required = true, HelpName = "DIR" };
        var output = new Option<string>("--out") { Description = "Folder to write the checkpoint to: config.json and model.safetensors, for ECG-FM checkpoint.pt.", Required = true, HelpName = "DIR" };
        var command = new Command("merge", "Write a run's model as a plain checkpoint that the Python libraries load, with the method merged into the weights.") { run, output };
        command.SetAction(parsed => Merge(new RunFolder(Path.GetFullPath(parsed.GetRequiredValue(run))), Path.GetFullPath(parsed.GetRequiredValue(output))));
        return command;
    }

    private static void Merge(RunFolder folder, string output)
    {
        var recipe = folder.ReadRecipe();
        if (!Directory.Exists(folder.AdapterFolder)) throw new UserInputException($"{folder.Path} has no adapter yet; the run must be finished before it can be merged.");
        var baseModel = new ModelCatalogue(ProductSettings.DataRoot()).FolderOf(recipe.Backbone.Model);
        if (recipe.Backbone.Hash is { } hash && ModelFolder.Hash(baseModel) != hash)
            throw new UserInputException($"The weights of {recipe.Backbone.Model} are not the ones that the run was trained on; restore them to merge it.");
        using var model = PeftModel.Load(ModelFolder.Load(baseModel, new SeededWeights(0)), folder.AdapterFolder, recipe.Backbone.Model);
        MergedCheckpoint.Write(model, baseModel, output);
        Console.Out.WriteLine($"{output}: {recipe.Backbone.Model} with {model.Config.Title} merged, {model.PlainParameters().Sum(p => p.Parameter.numel())} parameters.");
    }
}
