using EcgPeft.Core.Ecg;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>The data set, its splits, what may leak between them, and the preprocessing.</summary>
internal static class DataChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Data");
        var recipe = data.Runs[0].Recipe;
        if (data.Segments is { } set)
        {
            var groups = set.Groups?.Distinct(StringComparer.Ordinal).Count();
            yield return new ParagraphBlock(
                $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(recipe.Data.Path!))} holds {Number.Count(set.Count)} segments of {set.Length} samples{(set.SamplingRateHz is { } rate ? $" at {Number.Fixed(rate, 0)} Hz" : "")}, "
                + $"{Number.Count(set.Positives)} of them ({Number.Percent((double)set.Positives / set.Count)}) with label 1, {(groups is { } g ? $"of {g} {(g == 1 ? "person" : "people")}" : "of people who are not known")}.");
        }
        yield return new ParagraphBlock($"Content hash of the values and labels: {recipe.Data.Hash}.");
        var splits = data.Runs.GroupBy(run => run, SameSplit).OrderBy(runs => runs.Key.Repeat, StringComparer.Ordinal).Select(runs => runs.ToList()).ToList();
        var alike = splits.Select(runs => runs[0].Repeat).Distinct(StringComparer.Ordinal).Count() == splits.Count;
        yield return new TableBlock(alike ? "Splits: the same for every model and method of a repetition." : "Splits: not the same for every model and method of a repetition, so only those with the same test rows are compared.",
            ["Repetition", "Kind", "Training", "Validation", "Test", "Label 1 in test", "People in test", "Near-duplicates of other splits in test"],
            [.. splits.Select(runs => Split(data, runs[0], alike ? runs[0].Repeat : $"{runs[0].Repeat} ({string.Join(", ", runs.Select(run => run.Folder.Id))})"))], [1]);
        foreach (var sentence in Leakage(data)) yield return new ParagraphBlock(sentence);

        yield return new HeadingBlock(2, "Preprocessing");
        foreach (var group in data.Runs.GroupBy(run => run.Recipe.Preprocessing))
            yield return new ParagraphBlock($"{Who(data, group.Key)}: {Steps(group.First())}.");
        foreach (var kind in data.Runs.Select(run => run.Recipe.Preprocessing.Normalization).Distinct()) yield return new ParagraphBlock(kind switch
        {
            NormalizationKind.Segment => "A z-score of each segment takes out the gain and offset of an electrode and a person, which say nothing about the label, and uses nothing from other segments, so nothing can leak.",
            NormalizationKind.Global => "The global z-score keeps differences of amplitude between segments; its mean and deviation are taken over all segments, those of the test split too, which is a slight leak.",
            NormalizationKind.GlobalTraining => "The global z-score keeps differences of amplitude between segments; its mean and deviation come from the training split alone.",
            _ => "No normalisation: the models see the samples as they are in the file.",
        });
    }

    /// <summary>Runs that belong to one repetition and have the same rows in validation and test.</summary>
    private static readonly IEqualityComparer<ReportRun> SameSplit = EqualityComparer<ReportRun>.Create(
        (a, b) => a!.Repeat == b!.Repeat && a.Predictions.Test.SameSegments(b.Predictions.Test) && a.Predictions.Validation.SameSegments(b.Predictions.Validation), run => run.Repeat.GetHashCode(StringComparison.Ordinal));

    private static IReadOnlyList<string> Split(ReportData data, ReportRun run, string name)
    {
        var file = SplitsFile.ReadFrom(run.Folder);
        var test = run.Predictions.Test;
        return
        [
            name, file is null ? run.Recipe.Split.Kind.ToString() : file.ByGroup ? "by person" : "random, stratified by label", Number.Count(run.Plan?.TrainingSegments ?? file?.Training.Length ?? 0), Number.Count(run.Predictions.Validation.Count), Number.Count(test.Count),
            Number.Percent(test.Labels.Average(label => (double)label)), data.Segments?.Groups is { } groups ? test.Rows.Select(row => groups[row]).Distinct(StringComparer.Ordinal).Count().ToString(System.Globalization.CultureInfo.InvariantCulture) : "unknown",
            file is null ? "not checked" : $"{(file.Leakage.Complete ? "" : "at least ")}{Number.Count(file.Leakage.Test)}",
        ];
    }

    private static string Who(ReportData data, Training.PreprocessingRecipe preprocessing)
    {
        if (data.Runs.All(run => run.Recipe.Preprocessing == preprocessing)) return "Every run";
        var these = data.Tuned.Where(contender => contender.Runs.First().Recipe.Preprocessing == preprocessing).ToList();
        return data.Study?.Ablation is { Count: > 0 } && these.Count == data.Tuned.Count(data.IsOfGrid) && these.All(data.IsOfGrid) ? "Every run of the grid" : string.Join(", ", these.Select(contender => contender.Name));
    }

    private static IEnumerable<string> Leakage(ReportData data)
    {
        var files = data.Runs.Select(run => SplitsFile.ReadFrom(run.Folder)).ToList();
        var apart = files.OfType<SplitsFile>().Select(file => file.ByGroup).Distinct().ToList();
        yield return apart.Count == 0 ? "Leakage: how the splits treat people is not recorded in these runs."
            : apart is [true]
            ? "Leakage: no person is in two splits, so the results speak about people whom the models have never seen."
            : apart.Count == 2 ? "Leakage: only some of the splits keep people apart, as the table says; the results of the others may be worse for a new person."
            : data.Segments?.Groups is null
                ? "Leakage: who the segments are from is not known, so segments of one person may be in training and test; results for a new person may be worse."
                : "Leakage: the split does not keep people apart, so segments of one person are in training and test; results for a new person may be worse.";
        if (files.OfType<SplitsFile>().FirstOrDefault(file => file.Leakage.Test > 0) is { } leaking)
            yield return $"Near-duplicates are test segments whose samples correlate at {Number.Fixed(leaking.Leakage.Threshold, 3)} or more with a segment of another split; they make results look better than they are.";
    }

    private static string Steps(ReportRun run)
    {
        var p = run.Recipe.Preprocessing;
        var steps = new List<string>();
        if (p.Detrend) steps.Add("linear detrend");
        if (p.BandPassLowHz is { } low && p.BandPassHighHz is { } high) steps.Add($"zero-phase band-pass {Number.Fixed(low, 2)} to {Number.Fixed(high, 1)} Hz");
        if (p.NotchHz is { } notch) steps.Add($"zero-phase notch at {Number.Fixed(notch, 0)} Hz");
        steps.Add(p.Normalization switch { NormalizationKind.Segment => "z-score of each segment", NormalizationKind.Global => "z-score over the whole data set", NormalizationKind.GlobalTraining => "z-score by the training split", _ => "no normalisation" });
        steps.Add(p.Resampling != ResamplingKind.Rate ? "linear interpolation to the length that the backbone expects, so that its convolutions see a beat at the scale they were built for" : "polyphase resampling to the backbone's sampling rate");
        return string.Join(", then ", steps);
    }
}
