using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;

namespace EcgPeft.Core.Training;

/// <summary>Every setting of a run (<c>recipe.json</c>). The same recipe on the same files gives the same run.</summary>
public sealed record Recipe
{
    /// <summary>A name for people; the run's id is made from it.</summary>
    public string? Name { get; init; }

    /// <summary>Which segments.</summary>
    public DataRecipe Data { get; init; } = new();

    /// <summary>Which pre-trained model.</summary>
    public BackboneRecipe Backbone { get; init; } = new();

    /// <summary>Which method and its settings.</summary>
    public PeftConfig Peft { get; init; } = new LoraConfig();

    /// <summary>From segments to what the backbone expects.</summary>
    public PreprocessingRecipe Preprocessing { get; init; } = new();

    /// <summary>How segments are divided.</summary>
    public SplitRecipe Split { get; init; } = new();

    /// <summary>Optimisation.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>From probabilities to decisions.</summary>
    public EvaluationRecipe Evaluation { get; init; } = new();

    /// <summary>Every random choice comes from this number.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>Which segments a run uses.</summary>
public sealed record DataRecipe
{
    /// <summary>A CSV file, or the folder of an imported data set.</summary>
    public string? Path { get; init; }

    /// <summary>CSV file that names each row's group (person), or null.</summary>
    public string? Groups { get; init; }

    /// <summary>Content hash of the values and labels; a run whose data has another hash is refused.</summary>
    public string? Hash { get; init; }
}

/// <summary>Which pre-trained model a run starts from.</summary>
public sealed record BackboneRecipe
{
    /// <summary>An id of the catalogue (<c>demo/wav2vec2</c>) or a folder with <c>config.json</c> and <c>model.safetensors</c>.</summary>
    public string Model { get; init; } = "demo/wav2vec2";

    /// <summary>Content hash of the weights; a run whose backbone has another hash is refused.</summary>
    public string? Hash { get; init; }
}

/// <summary>From segments to what the backbone expects.</summary>
public sealed record PreprocessingRecipe
{
    /// <summary>z-score per segment (default), over the data set, or none.</summary>
    public NormalizationKind Normalization { get; init; } = NormalizationKind.Segment;

    /// <summary>Samples a segment is stretched to (linear interpolation); null stands for the backbone's own.</summary>
    public int? InputLength { get; init; }
}

/// <summary>How segments are divided into training, validation and test.</summary>
public sealed record SplitRecipe
{
    /// <summary>By group where groups are known (default), stratified by label, or by group always.</summary>
    public SplitKind Kind { get; init; } = SplitKind.Auto;

    /// <summary>Share of the validation split.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>Share of the test split.</summary>
    public double Test { get; init; } = 0.15;
}

/// <summary>Optimisation: AdamW with warm-up and linear decay.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Passes over the training split, at the most.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Segments a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Decoupled weight decay; not applied to biases and norms.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of all steps over which the learning rate rises from 0.</summary>
    public double WarmupFraction { get; init; } = 0.1;

    /// <summary>Gradients are scaled down to this Euclidean norm; 0 switches clipping off.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Validation metric that chooses the best epoch and stops early.</summary>
    public SelectionMetric SelectionMetric { get; init; } = SelectionMetric.Auroc;

    /// <summary>Epochs without improvement after which training stops; 0 switches early stopping off.</summary>
    public int Patience { get; init; } = 5;
}

/// <summary>From probabilities to decisions: both are found on the validation split and applied to the test split.</summary>
public sealed record EvaluationRecipe
{
    /// <summary>From which probability a segment is called positive: 0.5, or chosen on the validation split.</summary>
    public ThresholdRule Threshold { get; init; } = ThresholdRule.Fixed;

    /// <summary>The recall that <see cref="ThresholdRule.Sensitivity"/> asks for on the validation split.</summary>
    public double Sensitivity { get; init; } = 0.9;

    /// <summary>Whether probabilities are calibrated, before the threshold is chosen.</summary>
    public CalibrationKind Calibration { get; init; } = CalibrationKind.None;
}

/// <summary>Validation metric that chooses the best epoch.</summary>
public enum SelectionMetric
{
    /// <summary>Area under the ROC curve, higher is better.</summary>
    Auroc,

    /// <summary>F1, higher is better.</summary>
    F1,

    /// <summary>Accuracy, higher is better.</summary>
    Accuracy,

    /// <summary>Validation loss, lower is better.</summary>
    Loss,
}
