using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Pretraining;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>With which model each iteration of a pre-training begins, and what is kept at its end.</summary>
internal sealed class PretrainingStart(
    string source, string family, Recipe recipe, PretrainingInputs inputs, InputContract contract, int segments, RunFolder folder, TorchSharp.torch.Device device, Action<string> log, CancellationToken stop)
{
    private const string HubertFamily = "hubert";
    private const string EcgFmFamily = "ecg-fm";

    private readonly PretrainingRecipe settings = recipe.Pretraining!;

    /// <summary>HuBERT has one iteration a clustering from scratch; a model that is there already clusters its own hidden states once.</summary>
    public int Iterations => family == HubertFamily && settings.FromScratch ? settings.Clusters.Count : 1;

    /// <summary>The iteration in which the checkpoint stands, from 1.</summary>
    public int FirstIteration(int trainingRows)
    {
        var steps = BatchOrder.StepsPerEpoch(trainingRows, recipe.Training.BatchSize) * recipe.Training.Epochs;
        // A checkpoint after an iteration's last step still belongs to it: what follows from its model is computed again.
        return (int)(Math.Max(0, RunWorker.CheckpointedStep(folder) - 1) / Math.Max(1, steps)) + 1;
    }

    public PretrainingModel Model(int number)
    {
        var targets = family == HubertFamily ? Targets(number, previous: null) : null;
        using var file = settings.FromScratch ? null : ModelFiles.Find(source).Open();
        var classifier = settings.FromScratch ? Fresh() : ModelFolder.Load(source, new MetaWeights(), device);
        var parts = new PartWeights(file, new SeededWeights(recipe.Seed), classifier.BackboneName + ".");
        var there = DeviceWeights.On(parts, device);
        PretrainingModel model = targets is not null
            ? new ClusterPretraining(classifier, there, targets, settings)
            : new ContrastivePretraining(classifier, there, family == EcgFmFamily ? ContrastiveNames.EcgFm : ContrastiveNames.Speech, settings);
        if (!settings.FromScratch && parts.New.Count > 0) log($"Begins anew: {string.Join(", ", parts.New)}; the model has none that fits.");
        return model;
    }

    /// <summary>Targets of the next iteration, or the finished model.</summary>
    public void Finish(int number, PretrainingModel model)
    {
        if (number < Iterations) Targets(number + 1, model).Dispose();
        else Write(model);
    }

    private SequenceClassifier Fresh() => ModelFolder.Build(source, DeviceWeights.On(new SeededWeights(recipe.Seed), device), new MetaWeights());

    private ClusterTargets Targets(int number, PretrainingModel? previous)
    {
        var file = Path.Combine(folder.Path, $"targets-{number}.safetensors");
        // Computed again at the end of an iteration that was done twice.
        if (previous is not null) File.Delete(file);
        var clusters = settings.FromScratch ? settings.Clusters[number - 1] : settings.Clusters[^1];
        if (!File.Exists(file)) log($"Clusters {(settings.FromScratch && number == 1 ? "the waveform" : "hidden states")} of {segments} segments into {clusters} targets for iteration {number}.");
        var random = new Random((int)(SeededWeights.SeedOf(recipe.Seed, $"clusters/{number}") & int.MaxValue));
        if (settings.FromScratch && number == 1)
            return ClusterTargets.Of(file, segments, rows => ClusterTargets.DescribeWaveform(inputs.Of(rows, random: null), contract), clusters, settings.ClusterFrames, random, stop);

        using var loaded = previous is null && !File.Exists(file) ? ModelFolder.Load(source, new MetaWeights(), device) : null;
        var backbone = previous?.Backbone ?? loaded?.Backbone;
        backbone?.eval();
        var layer = settings.ClusterLayer ?? Math.Max(1, (backbone?.Layers.Count ?? 2) / 2);
        if (backbone is not null && layer > backbone.Layers.Count) throw new UserInputException($"pretraining.clusterLayer is {layer}, but the model has {backbone.Layers.Count} layers.");
        return ClusterTargets.Of(file, segments, rows => ClusterTargets.DescribeHidden(backbone!, inputs.Of(rows, random: null).to(device), layer), clusters, settings.ClusterFrames, random, stop);
    }

    private void Write(PretrainingModel model)
    {
        Directory.CreateDirectory(folder.ModelFolder);
        var config = ModelFolder.ConfigurationOf(source);
        File.WriteAllText(Path.Combine(folder.ModelFolder, "config.json"), config.ToJsonString(ProductJson.Indented) + "\n");
        var prefix = family == EcgFmFamily ? "" : family + ".";
        SafetensorsWriter.Write(Path.Combine(folder.ModelFolder, "model.safetensors"), model.CheckpointTensors(prefix), new Dictionary<string, string> { ["format"] = "pt" });
        // The model may be given away: where its data lay on this machine does not go with it, what they were does (their hash).
        var data = recipe.Data with { Path = Path.GetFileName(recipe.Data.Path), Groups = Path.GetFileName(recipe.Data.Groups) };
        var kept = (JsonObject)JsonSerializer.SerializeToNode(recipe with { Data = data }, ProductJson.Indented)!;
        kept.Remove("peft");
        File.WriteAllText(Path.Combine(folder.ModelFolder, "pretraining.json"), kept.ToJsonString(ProductJson.Indented) + "\n");
    }
}
