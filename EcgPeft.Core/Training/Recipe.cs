using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Signal;
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

    /// <summary>Self-supervised pre-training of the backbone instead of fine-tuning; null for fine-tuning.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PretrainingRecipe? Pretraining { get; init; }

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

    /// <summary>Random variations of the training segments.</summary>
    public AugmentationRecipe Augmentation { get; init; } = new();

    /// <summary>Every random choice comes from this number.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where the run is carried out; null for the installation's way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExecutionRecipe? Execution { get; init; }

    /// <summary>Whether a Slurm job carries the run out.</summary>
    [JsonIgnore]
    public bool OnSlurm => Execution?.Executor == ExecutorKind.Slurm;

    /// <summary>What tables call the method: the PEFT method, or <c>pretraining</c>.</summary>
    [JsonIgnore]
    public string MethodName => Pretraining is null ? Peft.Method : "pretraining";
}

/// <summary>Which segments a run uses.</summary>
public sealed record DataRecipe
{
    /// <summary>A CSV file, or the folder of an imported data set.</summary>
    public string? Path { get; init; }

    /// <summary>CSV file that names each row's group (person), or null.</summary>
    public string? Groups { get; init; }

    /// <summary>False for a CSV file whose columns are all samples, which pre-training can use.</summary>
    public bool Labelled { get; init; } = true;

    /// <summary>Samples a second; null for what the data set knows. A CSV file says nothing about it.</summary>
    public double? SamplingRateHz { get; init; }

    /// <summary>Content hash of the values and labels; a run whose data has another hash is refused.</summary>
    public string? Hash { get; init; }
}

/// <summary>Which pre-trained model a run starts from.</summary>
public sealed record BackboneRecipe
{
    /// <summary>An id of the catalogue (<c>demo/wav2vec2</c>), a pulled model by its id on the hub (<c>facebook/wav2vec2-base</c>), a model folder, or a fairseq checkpoint (<c>.pt</c>).</summary>
    public string Model { get; init; } = "demo/wav2vec2";

    /// <summary>Content hash of the weights; a run whose backbone has another hash is refused.</summary>
    public string? Hash { get; init; }
}

/// <summary>From segments to what the backbone expects.</summary>
public sealed record PreprocessingRecipe
{
    /// <summary>Takes out the straight line of least squares of each segment.</summary>
    public bool Detrend { get; init; }

    /// <summary>Lower edge of a zero-phase Butterworth band-pass; null for none.</summary>
    public double? BandPassLowHz { get; init; }

    /// <summary>Upper edge of the band-pass; null for none.</summary>
    public double? BandPassHighHz { get; init; }

    /// <summary>Order of the band-pass's prototype.</summary>
    public int BandPassOrder { get; init; } = 3;

    /// <summary>Frequency of a zero-phase notch (power line); null for none.</summary>
    public double? NotchHz { get; init; }

    /// <summary>The notch's frequency divided by its width.</summary>
    public double NotchQuality { get; init; } = 30;

    /// <summary>z-score per segment (default), over the data set, over the training split, or none.</summary>
    public NormalizationKind Normalization { get; init; } = NormalizationKind.Segment;

    /// <summary>Linear stretch to a length or physical resampling to a rate; by default what suits model and data. A run's own recipe says which it was.</summary>
    public ResamplingKind Resampling { get; init; }

    /// <summary>Samples a segment is stretched to; null stands for the backbone's own.</summary>
    public int? InputLength { get; init; }

    /// <summary>Rate that segments are resampled to; null stands for the backbone's own.</summary>
    public double? TargetRateHz { get; init; }

    /// <summary>Where a segment goes in a model of several leads (ECG-FM): lead I alone (default), or all.</summary>
    public LeadPlacement Leads { get; init; }

    /// <summary>What is taken out before normalisation.</summary>
    public SignalFilters Filters() => new(
        Detrend,
        BandPassLowHz is { } low && BandPassHighHz is { } high ? new BandPass(low, high, BandPassOrder) : null,
        NotchHz is { } notch ? new Notch(notch, NotchQuality) : null);

    /// <summary>What is wrong with the settings themselves, by dotted path.</summary>
    public IEnumerable<RecipeProblem> Problems()
    {
        var (low, high) = (BandPassLowHz, BandPassHighHz);
        if (low is null != high is null) yield return new("preprocessing.bandPassLowHz", "preprocessing.bandPassLowHz and preprocessing.bandPassHighHz go together; set both, or neither.");
        else if (low is not null && !(low > 0 && low < high && double.IsFinite(high.Value))) yield return new("preprocessing.bandPassLowHz", FormattableString.Invariant($"preprocessing.bandPassLowHz is {low} and preprocessing.bandPassHighHz is {high}; the lower must be above 0 and below the upper."));
        if (BandPassOrder is < 1 or > 10) yield return new("preprocessing.bandPassOrder", $"preprocessing.bandPassOrder is {BandPassOrder}; it must be between 1 and 10.");
        if (NotchHz is { } notch && !(notch > 0 && double.IsFinite(notch))) yield return new("preprocessing.notchHz", FormattableString.Invariant($"preprocessing.notchHz is {notch}; it must be above 0."));
        if (!(NotchQuality > 0 && double.IsFinite(NotchQuality))) yield return new("preprocessing.notchQuality", FormattableString.Invariant($"preprocessing.notchQuality is {NotchQuality}; it must be above 0."));
        if (InputLength is < 1) yield return new("preprocessing.inputLength", $"preprocessing.inputLength is {InputLength}; it must be at least 1.");
        if (Resampling == ResamplingKind.Rate && InputLength is not null) yield return new("preprocessing.inputLength", "preprocessing.inputLength is for the stretch; with preprocessing.resampling rate the rates decide the length, so leave it out.");
        if (Resampling == ResamplingKind.Auto && InputLength is not null && TargetRateHz is not null) yield return new("preprocessing.targetRateHz", "preprocessing.inputLength is for the stretch and preprocessing.targetRateHz for resampling to a rate; leave one out.");
        if (Resampling == ResamplingKind.Stretch && TargetRateHz is not null) yield return new("preprocessing.targetRateHz", "preprocessing.targetRateHz does nothing with a stretch; set preprocessing.resampling to rate, or leave it out.");
        if (TargetRateHz is { } rate && !(rate > 0 && double.IsFinite(rate))) yield return new("preprocessing.targetRateHz", FormattableString.Invariant($"preprocessing.targetRateHz is {rate}; it must be above 0."));
    }

    /// <summary>The same with the choice made that <see cref="ResamplingKind.Auto"/> leaves to model and data.</summary>
    /// <param name="segments">The segments.</param>
    /// <param name="contract">What the backbone expects.</param>
    public PreprocessingRecipe Resolved(SegmentSet segments, InputContract contract)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentNullException.ThrowIfNull(contract);
        if (Resampling != ResamplingKind.Auto) return this;
        var physical = TargetRateHz is not null || (InputLength is null && contract.Leads > 1 && segments.SamplingRateHz is not null);
        return this with { Resampling = physical ? ResamplingKind.Rate : ResamplingKind.Stretch };
    }

    /// <summary>How a segment becomes a backbone's input.</summary>
    /// <param name="segments">The segments.</param>
    /// <param name="contract">What the backbone expects.</param>
    /// <exception cref="UserInputException">The sampling rate is needed and unknown, or has no reasonable ratio to the target.</exception>
    public SegmentResampler Resampler(SegmentSet segments, InputContract contract)
    {
        if (Resolved(segments, contract).Resampling == ResamplingKind.Stretch) return SegmentResampler.Stretch(InputLength ?? contract.Length);
        var rate = segments.SamplingRateHz ?? throw new UserInputException("preprocessing.resampling rate needs the sampling rate, which is not known for this data; set data.samplingRateHz (600 samples in 0.6 s are 1000 Hz).");
        return SegmentResampler.ToRate(segments.Length, rate, TargetRateHz ?? contract.SamplingRateHz);
    }
}

/// <summary>How segments are divided into training, validation and test.</summary>
public sealed record SplitRecipe
{
    /// <summary>By group where groups are known (default), or one way always.</summary>
    public SplitKind Kind { get; init; } = SplitKind.Auto;

    /// <summary>Share of the validation split.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>Share of the test split.</summary>
    public double Test { get; init; } = 0.15;

    /// <summary>Draws the split; null for the run's seed. Set it to keep one split over several seeds.</summary>
    public int? Seed { get; init; }

    /// <summary>Number of folds of a k-fold split.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>The fold that tests, or the group that is left out; from 1.</summary>
    public int Fold { get; init; } = 1;
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

    /// <summary>Element type of products with frozen weights; a finished run's recipe names the one that was chosen.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>What computes. The environment of a finished run says what it was.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Keeps each layer's input only and computes the layer again in the backward pass: less memory, about a third more time.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Validation metric that chooses the best epoch and stops early.</summary>
    public SelectionMetric SelectionMetric { get; init; } = SelectionMetric.Auroc;

    /// <summary>Epochs without improvement after which training stops; 0 switches early stopping off.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>What a step minimises.</summary>
    public LossKind Loss { get; init; }

    /// <summary>The focal loss's exponent; 0 makes it cross entropy.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>How the classes weigh in the loss.</summary>
    public ClassWeighting ClassWeights { get; init; }

    /// <summary>Which training segments an epoch has.</summary>
    public SamplingKind Sampling { get; init; }

    /// <summary>Seconds of training after which a checkpoint is written within an epoch; one is written at the end of each epoch anyway. Changes no result.</summary>
    public double CheckpointSeconds { get; init; } = 30;

    /// <summary>Steps after which a checkpoint is written within an epoch, too; 0 goes by time alone. Changes no result.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>Lets go after this epoch as if it were stopped, to be gone on with later; null trains to the end. The learning rate follows <see cref="Epochs"/> all the same. Successive halving sets it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StopAfterEpoch { get; init; }

    /// <summary>Whether frozen outputs are kept in the cache on disk, for every run on the same data, or in this run's memory alone. Changes no result.</summary>
    public bool CacheFrames { get; init; } = true;
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
