using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Training;

/// <summary>A training of a golden-sized model on a few synthetic segments, in this process.</summary>
internal sealed class SmallRun(Recipe? recipe = null, CancellationToken stop = default)
{
    public static Recipe DefaultRecipe { get; } = new()
    {
        Peft = new LoraConfig { Rank = 4, Dropout = 0.1 },
        Training = new TrainingRecipe { Epochs = 3, BatchSize = 16, LearningRate = 2e-3, Patience = 0 },
    };

    public string CheckpointFolder { get; init; } = Path.Combine(TestData.TemporaryFolder(), "checkpoint");

    /// <summary>Where a completed run's adapter goes, or null.</summary>
    public string? AdapterFolder { get; init; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>Called with each event after it is kept.</summary>
    public Action<RunEvent>? OnEvent { get; set; }

    /// <summary>Called with the model before it is trained.</summary>
    public Action<PeftModel>? OnModel { get; init; }

    /// <summary>Trained values by name, after the run.</summary>
    public Dictionary<string, float[]> Trained { get; } = [];

    public TrainingResult Run()
    {
        var settings = recipe ?? DefaultRecipe;
        var segments = SyntheticEcg.Generate(120, 6, 7);
        var classifier = ModelFolder.Load(Path.Combine(TestData.Golden, "wav2vec2", "base"), new SeededWeights(settings.Seed));
        using var model = PeftModel.Inject(classifier, settings.Peft, new SeededWeights(settings.Seed));
        OnModel?.Invoke(model);
        var inputs = new SegmentInputs(Normalization.Apply(segments, settings.Preprocessing.Normalization).Values, segments.Length, segments.Labels, classifier.Backbone.Contract, 2000);
        using var frames = settings.Augmentation.Strength() is not null ? FrozenFrames.EachBatch(classifier.Backbone, inputs) : FrozenFrames.Compute(classifier.Backbone, inputs, memoryLimit: 1 << 28, progress: null, stop);
        var split = Splits.Divide(segments, SplitKind.Stratified, 0.2, 0.2, settings.Seed);
        var result = Trainer.Train(model, frames, inputs, split, settings, CheckpointFolder, Report, stop);
        if (AdapterFolder is not null && result.Completed) model.SaveAdapter(AdapterFolder, settings.Backbone.Model);
        foreach (var tensor in model.Trainable) Trained[tensor.Name] = tensor.Parameter.data<float>().ToArray();
        return result;
    }

    private void Report(RunEvent runEvent)
    {
        Events.Add(runEvent);
        OnEvent?.Invoke(runEvent);
    }
}
