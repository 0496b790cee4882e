using static EcgPeft.Web.Components.Pages.NewRun.RecipeField;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>Every setting of a recipe outside data set, backbone and method, in the form's order. Ranges are said here for people; <see cref="EcgPeft.Core.Training.RecipeFile"/> holds to them.</summary>
internal static class RecipeFields
{
    public static IReadOnlyList<RecipeField> Preparation { get; } =
    [
        Choice("preprocessing.normalization", "Normalisation", "What amplitudes are measured in. Global also keeps how segments differ in amplitude.",
            ("segment", "z-score of each segment"), ("global", "z-score over the whole data set"), ("globalTraining", "z-score by the training split"), ("none", "none: values as they are")),
    ];

    public static IReadOnlyList<RecipeField> Split { get; } =
    [
        Choice("split.kind", "Split", "How segments are divided. By group: nobody is in training and test at once.",
            ("auto", "By group, else by label"), ("stratified", "Stratified by label"), ("grouped", "By group (person)"), ("stratifiedGrouped", "By group, stratified by label"),
            ("kFold", "k-fold, stratified by label"), ("groupedKFold", "k-fold by group"), ("leaveOneGroupOut", "Leave one group out")),
        Number("split.validation", "Validation share", "Part that chooses the best epoch.", 0, 1, aboveMin: true, belowMax: true),
        Number("split.test", "Test share", "Part that is looked at once, at the end.", 0, 1, aboveMin: true, belowMax: true),
        Whole("split.folds", "Folds", "Parts of a k-fold split.", 3, 100),
        Whole("split.fold", "Fold that tests", "Or, leaving one group out, that group's number by name. A study runs all folds.", 1),
    ];

    public static IReadOnlyList<RecipeField> Signal { get; } =
    [
        Flag("preprocessing.detrend", "Detrend", "Takes the least-squares line out of each segment."),
        Number("preprocessing.bandPassLowHz", "Band-pass from (Hz)", "Lower edge; both edges or none. Zero-phase Butterworth.", 0, null, aboveMin: true),
        Number("preprocessing.bandPassHighHz", "Band-pass to (Hz)", "Upper edge, below half the sampling rate.", 0, null, aboveMin: true),
        Whole("preprocessing.bandPassOrder", "Band-pass order", "Order of the prototype; it runs forward and backward.", 1, 10),
        Number("preprocessing.notchHz", "Notch (Hz)", "Power-line frequency to take out, for example 50; empty for none.", 0, null, aboveMin: true),
        Number("preprocessing.notchQuality", "Notch quality", "Frequency divided by width.", 0, null, aboveMin: true),
        Choice("preprocessing.resampling", "Length", "By default ECG models get a second as a second where the sampling rate is known; speech models get segments stretched.", ("auto", "what suits the model and the data"), ("stretch", "stretch to a length"), ("rate", "resample to a rate: a second stays a second")),
        Whole("preprocessing.inputLength", "Stretched to (samples)", "Empty for the backbone's own length.", 1),
        Number("preprocessing.targetRateHz", "Resampled to (Hz)", "Only with resampling to a rate; empty for the backbone's own.", 0, null, aboveMin: true),
        Number("data.samplingRateHz", "Sampling rate (Hz)", "Where the data set does not say it: filters and resampling to a rate need it.", 0, null, aboveMin: true),
        Whole("split.seed", "Seed of the split", "Empty for the run's seed; set it to keep one split over several seeds."),
    ];

    public static IReadOnlyList<RecipeField> Leads { get; } =
    [
        Choice("preprocessing.leads", "Lead placement", "Where a segment goes in a model of 12 leads (ECG-FM); others have one.", ("leadI", "lead I, the others zero"), ("all", "all leads")),
    ];

    public static IReadOnlyList<RecipeField> Training { get; } =
    [
        Number("training.learningRate", "Learning rate", "Peak of AdamW's learning rate, after warm-up.", 0, 1, aboveMin: true),
        Whole("training.batchSize", "Batch size", "Segments a step.", 1),
        Whole("training.epochs", "Epochs", "Passes over the training split at the most; early stopping may end sooner.", 1),
        Number("training.weightDecay", "Weight decay", "Decoupled; not on biases and norms.", 0, 1),
        Whole("seed", "Seed", "Every random choice comes from it."),
    ];

    public static IReadOnlyList<RecipeField> Imbalance { get; } =
    [
        Choice("training.loss", "Loss", "What a step minimises.", ("crossEntropy", "cross entropy"), ("focal", "focal loss")),
        Number("training.focalGamma", "Focal gamma", "Exponent of the focal loss; 0 makes it cross entropy.", 0, 10),
        Choice("training.classWeights", "Class weights", "How classes weigh in the loss.", ("none", "every segment the same"), ("balanced", "each class the same")),
        Choice("training.sampling", "Sampling", "Which segments an epoch has.", ("shuffle", "every one once"), ("balanced", "half of each class")),
    ];

    public static IReadOnlyList<RecipeField> Schedule { get; } =
    [
        Number("training.warmupFraction", "Warm-up", "Share of all steps with rising learning rate; then it falls to 0.", 0, 1, belowMax: true),
        Number("training.maxGradientNorm", "Gradient clipping", "Largest norm of a step's gradient; 0 switches it off.", 0),
        Choice("training.selectionMetric", "Best epoch by", "Validation metric that chooses the weights that are kept.", ("auroc", "AUROC"), ("f1", "F1"), ("accuracy", "accuracy"), ("loss", "loss")),
        Whole("training.patience", "Patience", "Epochs without improvement before it stops; 0 switches early stopping off.", 0),
        Choice("training.precision", "Precision", "Of products with frozen weights; whatever is trained is float32.", ("auto", "what is faster here"), ("fp32", "float32"), ("bf16", "bfloat16")),
        Choice("training.device", "Device", "What computes; CUDA needs a build for it.", ("auto", "CUDA where there is one, else the processor"), ("cpu", "processor"), ("cuda", "CUDA")),
        Flag("training.activationCheckpointing", "Activation checkpointing", "Computes each layer again on the way back: the same weights, less memory, more time."),
        Number("training.checkpointSeconds", "Checkpoint every (s)", "Within an epoch; one is written at each epoch's end anyway.", 1, 86_400),
        Whole("training.checkpointSteps", "Checkpoint every (steps)", "The same by steps; 0 goes by time alone.", 0),
        Flag("training.cacheFrames", "Cache frozen outputs", "On disk, for every run on the same data; else in this run's memory."),
    ];

    public static IReadOnlyList<RecipeField> Augmentation { get; } =
    [
        Number("augmentation.scaling", "Scaling", "Spread of a random gain (its logarithm), for example 0.1; 0 is off.", 0, 1),
        Number("augmentation.shift", "Shift", "Largest shift in time as a share of the segment, for example 0.05.", 0, 0.5),
        Number("augmentation.noise", "Noise", "White noise in standard deviations of the segment, for example 0.05.", 0, 10),
        Number("augmentation.baselineWander", "Baseline wander", "Largest amplitude of a slow sine in standard deviations, for example 0.2.", 0, 10),
        Number("augmentation.leadMasking", "Lead masking", "Probability that a lead is zeroed; for ECG-FM with all leads.", 0, 0.95),
    ];

    public static IReadOnlyList<RecipeField> Evaluation { get; } =
    [
        Choice("evaluation.threshold", "Threshold", "From which probability a segment is called positive.",
            ("fixed", "0.5"), ("f1", "best F1 on validation"), ("youden", "best Youden index on validation"), ("sensitivity", "a given recall on validation")),
        Number("evaluation.sensitivity", "Wanted recall", "For the threshold of a given recall.", 0, 1, aboveMin: true),
        Choice("evaluation.calibration", "Calibration", "Of probabilities, fitted on validation before the threshold.", ("none", "none"), ("temperature", "temperature"), ("platt", "Platt scaling")),
    ];

    /// <summary>What a run asks of a cluster.</summary>
    public static IReadOnlyList<RecipeField> Cluster { get; } =
    [
        Words("execution.partition", "Partition", "Of the cluster."),
        Words("execution.account", "Account", "That the job is charged to."),
        Whole("execution.cpus", "Processors", "The threads of training.", 1),
        Whole("execution.memoryMegabytes", "Memory (MB)", "More than this, and Slurm ends the job.", 1),
        Whole("execution.gpus", "GPUs", "For a CUDA build.", 0),
        Words("execution.timeLimit", "Time limit", "Minutes, hours:minutes:seconds or days-hours:minutes:seconds. Shortly before it the run writes a checkpoint, and goes on in the next job."),
    ];

    public static RecipeField Executor { get; } = Choice("execution.executor", "Executor", "A job of the cluster goes on when this dashboard is closed, as a worker process does.", ("local", "here: a worker process"), ("slurm", "Slurm: a job of the cluster"));

    public static IReadOnlyList<RecipeField> All { get; } = [.. Preparation, .. Split, .. Signal, .. Leads, .. Training, .. Imbalance, .. Schedule, .. Augmentation, .. Evaluation, Executor, .. Cluster];
}
