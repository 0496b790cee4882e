using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What a person has entered on the page for a new run; its defaults are the recipe's.</summary>
internal sealed class RunDraft
{
    private static readonly Recipe Defaults = new();
    private static readonly LoraConfig Lora = new();
    private static readonly AdapterConfig Adapter = new();

    public string? Name { get; set; }

    public DataSetInfo? Data { get; set; }

    public string Model { get; set; } = Defaults.Backbone.Model;

    public string Method { get; set; } = Defaults.Peft.Method;

    public int Rank { get; set; } = Lora.Rank;

    public double Alpha { get; set; } = Lora.Alpha;

    public int BottleneckSize { get; set; } = Adapter.BottleneckSize;

    public double Dropout { get; set; } = Lora.Dropout;

    public NormalizationKind Normalization { get; set; } = Defaults.Preprocessing.Normalization;

    public double LearningRate { get; set; } = Defaults.Training.LearningRate;

    public int BatchSize { get; set; } = Defaults.Training.BatchSize;

    public int Epochs { get; set; } = Defaults.Training.Epochs;

    public double WeightDecay { get; set; } = Defaults.Training.WeightDecay;

    public double WarmupFraction { get; set; } = Defaults.Training.WarmupFraction;

    public double MaxGradientNorm { get; set; } = Defaults.Training.MaxGradientNorm;

    public SelectionMetric SelectionMetric { get; set; } = Defaults.Training.SelectionMetric;

    public int Patience { get; set; } = Defaults.Training.Patience;

    public double ValidationShare { get; set; } = Defaults.Split.Validation;

    public double TestShare { get; set; } = Defaults.Split.Test;

    public SplitKind Split { get; set; } = Defaults.Split.Kind;

    public int Folds { get; set; } = Defaults.Split.Folds;

    public int Fold { get; set; } = Defaults.Split.Fold;

    public int Seed { get; set; } = Defaults.Seed;

    /// <summary>The method with its settings.</summary>
    public PeftConfig Peft => Method == AdapterConfig.MethodName
        ? Adapter with { BottleneckSize = BottleneckSize, Dropout = Dropout }
        : Lora with { Rank = Rank, Alpha = Alpha, Dropout = Dropout };

    /// <summary>Optimiser steps of an epoch, before the split is known exactly; null without data or with a batch size that makes no sense.</summary>
    public long? StepsPerEpoch => Data is null || BatchSize < 1 ? null : (long)Math.Ceiling(Data.Rows * Math.Max(0, 1 - ValidationShare - TestShare) / BatchSize);

    /// <summary>The recipe as it stands.</summary>
    /// <param name="library">Knows where the data set lies.</param>
    public Recipe ToRecipe(DataSetLibrary library) => new()
    {
        Name = string.IsNullOrWhiteSpace(Name) ? $"{Path.GetFileName(Model.TrimEnd('/'))}-{Method}" : Name.Trim(),
        Data = new DataRecipe { Path = Data is null ? null : library.FolderOf(Data.Id), Hash = Data?.Hash },
        Backbone = new BackboneRecipe { Model = Model },
        Peft = Peft,
        Preprocessing = new PreprocessingRecipe { Normalization = Normalization },
        Split = new SplitRecipe { Kind = Split, Validation = ValidationShare, Test = TestShare, Folds = Folds, Fold = Fold },
        Training = new TrainingRecipe
        {
            Epochs = Epochs, BatchSize = BatchSize, LearningRate = LearningRate, WeightDecay = WeightDecay, WarmupFraction = WarmupFraction,
            MaxGradientNorm = MaxGradientNorm, SelectionMetric = SelectionMetric, Patience = Patience,
        },
        Seed = Seed,
    };

    /// <summary>What is wrong, by the setting's dotted path.</summary>
    /// <param name="library">Knows where the data set lies.</param>
    public IReadOnlyDictionary<string, string> Problems(DataSetLibrary library)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Data is null) problems["data.path"] = "Choose a data set; import one on the page Data.";
        else if (Splits.NeedsGroups(Split) && Data.GroupCount is null) problems["split.kind"] = "This data set has no groups; import it again with a groups file, or split by label.";
        // A method's sentence begins with the path of its setting.
        foreach (var (path, sentence) in RecipeFile.Problems(ToRecipe(library)))
            problems.TryAdd(path == "peft" ? sentence.Split(' ')[0] : path, sentence);
        return problems;
    }
}
