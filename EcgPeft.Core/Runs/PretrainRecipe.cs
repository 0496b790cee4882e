using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Pretraining;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What a worker does with a run folder whose recipe asks for pre-training: from segments, whose labels it does not look at, to a model folder.</summary>
/// <param name="root">The product's data folder.</param>
public sealed class PretrainRecipe(DataRoot root)
{
    /// <summary>The job of <see cref="RunWorker.Run"/>.</summary>
    /// <param name="recipe">Settings.</param>
    /// <param name="folder">The run.</param>
    /// <param name="report">Receives events.</param>
    /// <param name="stop">Finish the present step, write a checkpoint, return.</param>
    /// <exception cref="UserInputException">The recipe, its data or its model is wrong.</exception>
    public TrainingOutcome Execute(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        void Log(string message) => report(new LogEvent("info", message));
        var settings = recipe.Pretraining!;
        var device = DeviceChoice.For(recipe.Training.Device);
        var data = SegmentSource.Load(recipe.Data.Path ?? throw new UserInputException("The recipe names no data; give --data FILE or set data.path."), recipe.Data.Groups, labelled: recipe.Data.Labelled, cancel: stop);
        var segments = recipe.Data.SamplingRateHz is { } rate ? data.Segments.WithSamplingRate(rate) : data.Segments;
        Log($"Data: {segments.Count} segments of {segments.Length} samples; labels are not used.");
        foreach (var warning in data.Warnings) report(new LogEvent("warning", warning.Message));

        var source = new ModelCatalogue(root).FolderOf(recipe.Backbone.Model);
        recipe = TrainRecipe.WithHashes(recipe, segments.Hash, settings.FromScratch ? null : ModelFolder.Hash(source));
        var split = HeldOut(segments.Count, recipe);
        Log($"{split.Training.Length} segments train, {split.Validation.Length} are held out.");
        var normalised = Preprocessing.Apply(recipe.Preprocessing, segments, split, report);
        using var described = ModelFolder.Describe(source);
        var contract = described.Backbone.Contract;
        recipe = recipe with { Preprocessing = recipe.Preprocessing.Resolved(segments, contract) };
        var prepared = new SegmentInputs(normalised, segments.Labels, contract, recipe.Preprocessing.Resampler(segments, contract), recipe.Preprocessing.Leads);
        var inputs = new PretrainingInputs(prepared, contract.Leads, segments.Groups, split.Training, settings.LeadMaskProbability);
        var family = ModelFolder.FamilyOf(source);
        if (family == "ecg-fm" && settings.CmscWeight > 0 && inputs.Persons is null)
            report(new LogEvent("warning", "Groups are unknown, so nothing tells which segments are of one person and CMSC is left out; give --groups FILE."));

        folder.WriteRecipe(recipe);
        RunEnvironment.Current(recipe, device).WriteTo(folder);
        var start = new PretrainingStart(source, family, recipe, inputs, contract, segments.Count, folder, device, Log, stop);
        for (var i = start.FirstIteration(split.Training.Length); i <= start.Iterations; i++)
        {
            var number = i;
            var iteration = new PretrainingIteration(number, start.Iterations, () => start.Model(number));
            var result = PretrainingTrainer.Train(iteration, inputs, split.Training, split.Validation, recipe, folder.CheckpointFolder, report, model => start.Finish(number, model), stop);
            if (!result.Completed) return TrainingOutcome.Stopped;
        }
        Log($"The model is in {folder.ModelFolder}; name this folder as backbone.model to fine-tune it.");
        return TrainingOutcome.Completed;
    }

    /// <summary>Labels and groups play no part: a share of the rows in random order is held out.</summary>
    private static DataSplit HeldOut(int count, Recipe recipe)
    {
        var rows = Enumerable.Range(0, count).ToArray();
        new Random((int)(SeededWeights.SeedOf(recipe.Seed, "held out") & int.MaxValue)).Shuffle(rows);
        var held = Math.Clamp((int)(count * recipe.Split.Validation), 1, count - 1);
        return new DataSplit([.. rows[held..].Order()], [.. rows[..held].Order()], [], false);
    }
}
