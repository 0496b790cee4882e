namespace EcgPeft.Web.Components.Pages.Help;

/// <summary>The words of the dashboard, each in a sentence or two.</summary>
internal static class Glossary
{
    public static IReadOnlyList<(string Term, string Meaning)> Terms { get; } =
    [
        ("Adapter (bottleneck)", "A small network put into a frozen layer: down to a few numbers, a nonlinearity, up again, and added to what came in. Its width is the bottleneck size."),
        ("AUROC", "Area under the ROC curve: the probability that a segment with label 1 gets a higher score than one with label 0. 0.5 is guessing; no threshold is involved."),
        ("Backbone", "The pre-trained network whose frames the classifier reads: Wav2Vec2, HuBERT or ECG-FM. Its own weights stay frozen unless a method trains them."),
        ("Calibration", "Whether 80 % means 80 %: of the segments that get a probability near 0.8, how many have label 1. A recipe can ask for probabilities to be corrected, by what the validation split shows."),
        ("Checkpoint", "Everything a run needs to go on: trained weights, the optimiser's moments, the position. A resumed run ends byte for byte like one that was never interrupted."),
        ("Epoch", "Every training segment once. After each, the validation split is measured."),
        ("F1", "Harmonic mean of precision and recall at the threshold."),
        ("Fold", "One part of the data divided into k. In cross-validation every fold tests once while the others train."),
        ("Frozen", "Not trained. What the layers before the first trained one compute is the same in every epoch, so it is computed once and kept."),
        ("Group", "Whom a segment is of, usually a person. A split by group never has the same person in training and test."),
        ("Head", "The last layers, from the backbone's frames to a probability. They are always trained."),
        ("LoRA", "Two thin matrices beside a frozen one, whose product is added to it: rank r, scaled by alpha / r. They can be merged into the frozen weights afterwards, so that using the model costs nothing more."),
        ("PEFT", "Parameter-efficient fine-tuning: training a few parameters, often below one percent, of a large pre-trained model."),
        ("Precision and recall", "Of the segments called 1, the share that are (precision). Of the segments that are 1, the share called so (recall, sensitivity)."),
        ("Rank", "Width of LoRA's two matrices. Parameters grow with it in proportion."),
        ("Recipe", "Every setting of a run as one JSON file. The same recipe on the same data gives the same run."),
        ("Seed", "The number that every random choice comes from: the split, the first weights, the order of batches, dropout."),
        ("Segment", "One row of the data: a stretch of ECG with a label, 0 or 1."),
        ("Split", "Training learns, validation chooses (epoch, threshold, settings), test is measured once at the end."),
        ("Study", "Runs made to be compared: the same data, split and budget; model, method, seed or settings vary."),
        ("Target modules", "The linear layers inside each transformer layer that a method is attached to, for example the query and value projections."),
        ("Threshold", "From which probability on a segment is called 1: 0.5, or what a rule of the recipe chooses on the validation split."),
    ];
}
