using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft pretrain</c>: self-supervised pre-training, from scratch by a recipe or on from a model.</summary>
internal static class PretrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var recipe = new Option<string?>("--recipe") { Description = "Pre-training recipe, for example recipes/pretrain/wav2vec2.json; without it, the papers' settings.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Replace a setting, for example training.epochs=3 or pretraining.maskLength=4; may be given several times.", HelpName = "path=value" };
        var model = new Option<string?>("--model") { Description = "Model to go on from: an id of the catalogue, a folder or a .pt file.", HelpName = "ID-OR-DIR" };
        var data = new Option<string?>("--data") { Description = "CSV file of segments, or the folder of an imported data set; labels are not used.", HelpName = "FILE" };
        var groups = new Option<string?>("--groups") { Description = "CSV file that names each row's group (person); CMSC needs it.", HelpName = "FILE" };
        var unlabelled = new Option<bool>("--unlabelled") { Description = "Every column of the CSV file is a sample; without it, the last column (or the one named label) is a label and is left out." };
        var output = new Option<string?>("--out") { Description = "Run folder to make; by default one in the data folder. The model comes into its folder 'model'.", HelpName = "DIR" };
        var resume = new Option<string?>("--resume") { Description = "Go on with the run in this folder.", HelpName = "DIR" };
        var executor = ExecutorOption.Create("Where the run is trained: local (here) or slurm (a job of a cluster). By default as its recipe or EcgPeft:Slurm:Usual says.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be trained, for Slurm with the batch script, and end." };
        var command = new Command("pretrain", "Pre-train a backbone on ECG without labels, or go on with a model's pre-training on your own ECG.") { recipe, set, model, data, groups, unlabelled, output, resume, executor, dryRun };
        command.SetAction(parsed =>
        {
            var settings = parsed.GetValue(set) ?? [];
            if (parsed.GetValue(resume) is { } existing)
                return TrainCommand.Resume(existing, parsed.GetValue(recipe) ?? parsed.GetValue(model) ?? parsed.GetValue(data) ?? parsed.GetValue(groups) ?? parsed.GetValue(output) ?? settings.FirstOrDefault() ?? (parsed.GetValue(dryRun) ? "" : null), parsed.GetValue(executor));
            return TrainCommand.Start(Read(parsed.GetValue(recipe), settings, parsed.GetValue(model), parsed.GetValue(unlabelled)), parsed.GetValue(data), parsed.GetValue(groups), parsed.GetValue(output), parsed.GetValue(executor), parsed.GetValue(dryRun));
        });
        return command;
    }

    private static Recipe Read(string? file, string[] settings, string? model, bool unlabelled)
    {
        if (file is null && model is null) throw new UserInputException("Give --recipe FILE, or --model ID-OR-DIR to go on with a model's pre-training.");
        var recipe = file is null ? RecipeFile.Parse("--set", """{ "pretraining": {} }""", settings) : RecipeFile.Read(file, settings);
        if (recipe.Pretraining is null) throw new UserInputException($"{file} is a recipe for fine-tuning; use 'ecgpeft train', or a recipe with a section 'pretraining'.");
        if (unlabelled) recipe = recipe with { Data = recipe.Data with { Labelled = false } };
        if (model is null) return recipe;
        // A model that is named is one to go on from; its weights would otherwise be left out without a word.
        return recipe with { Backbone = new BackboneRecipe { Model = model }, Pretraining = recipe.Pretraining with { FromScratch = false } };
    }
}
