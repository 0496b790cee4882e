using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What a person has entered on the page for a new run; its defaults are the recipe's.</summary>
internal sealed class RunDraft
{
    private readonly Recipe _start;

    /// <summary>A draft with the recipe's defaults.</summary>
    public RunDraft() : this(new Recipe())
    {
    }

    /// <summary>A draft that begins as a recipe; what the page has no field for stays as it is there.</summary>
    public RunDraft(Recipe start)
    {
        _start = start;
        var (training, split) = (start.Training, start.Split);
        Model = start.Backbone.Model;
        Peft = MethodDraft.Of(start.Peft);
        Normalization = start.Preprocessing.Normalization;
        (LearningRate, BatchSize, Epochs, WeightDecay) = (training.LearningRate, training.BatchSize, training.Epochs, training.WeightDecay);
        (WarmupFraction, MaxGradientNorm, SelectionMetric, Patience) = (training.WarmupFraction, training.MaxGradientNorm, training.SelectionMetric, training.Patience);
        (Split, ValidationShare, TestShare, Folds, Fold) = (split.Kind, split.Validation, split.Test, split.Folds, split.Fold);
        Seed = start.Seed;
    }

    public string? Name { get; set; }

    /// <summary>The data set; null takes the file that the recipe it began with names.</summary>
    public DataSetInfo? Data { get; set; }

    /// <summary>The file that the recipe it began with names, or null.</summary>
    public string? DataFile => _start.Data.Path;

    public string Model { get; set; }

    /// <summary>The method with its settings.</summary>
    public MethodDraft Peft { get; private set; }

    public NormalizationKind Normalization { get; set; }

    public double LearningRate { get; set; }

    public int BatchSize { get; set; }

    public int Epochs { get; set; }

    public double WeightDecay { get; set; }

    public double WarmupFraction { get; set; }

    public double MaxGradientNorm { get; set; }

    public SelectionMetric SelectionMetric { get; set; }

    public int Patience { get; set; }

    public double ValidationShare { get; set; }

    public double TestShare { get; set; }

    public SplitKind Split { get; set; }

    public int Folds { get; set; }

    public int Fold { get; set; }

    public int Seed { get; set; }

    /// <summary>Optimiser steps of an epoch, before the split is known exactly; null without data or with a batch size that makes no sense.</summary>
    public long? StepsPerEpoch => Data is null || BatchSize < 1 ? null : (long)Math.Ceiling(Data.Rows * Math.Max(0, 1 - ValidationShare - TestShare) / BatchSize);

    /// <summary>Another method, with its defaults.</summary>
    /// <param name="name">Its name in recipes.</param>
    public void Choose(string name)
    {
        if (Peft.Method.Name != name && PeftMethod.Find(name) is { } method) Peft = new MethodDraft(method);
    }

    /// <summary>The recipe as it stands.</summary>
    /// <param name="library">Knows where the data set lies.</param>
    public Recipe ToRecipe(DataSetLibrary library) => _start with
    {
        Name = string.IsNullOrWhiteSpace(Name) ? $"{Path.GetFileName(Model.TrimEnd('/'))}-{Peft.Method.Name}" : Name.Trim(),
        Data = Data is null ? _start.Data
            : library.FolderOf(Data.Id) is var path && path == _start.Data.Path ? _start.Data with { Hash = Data.Hash }
            : new DataRecipe { Path = path, Hash = Data.Hash },
        Backbone = Model == _start.Backbone.Model ? _start.Backbone : new BackboneRecipe { Model = Model },
        Peft = Peft.Config,
        Preprocessing = _start.Preprocessing with { Normalization = Normalization },
        Split = _start.Split with { Kind = Split, Validation = ValidationShare, Test = TestShare, Folds = Folds, Fold = Fold },
        Training = _start.Training with
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
        var problems = new Dictionary<string, string>(Peft.Problems, StringComparer.Ordinal);
        if (Data is null && _start.Data.Path is null) problems["data.path"] = "Choose a data set; import one on the page Data.";
        else if (Splits.NeedsGroups(Split) && Data is { GroupCount: null }) problems["split.kind"] = "This data set has no groups; import it again with a groups file, or split by label.";
        foreach (var (path, sentence) in RecipeFile.Problems(ToRecipe(library))) problems.TryAdd(path, sentence);
        return problems;
    }
}
