using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Limits, and how to repeat every run.</summary>
internal static class ClosingChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Limits");
        yield return new ListBlock([.. Limits(data)]);
        yield return new HeadingBlock(2, "How to repeat it");
        if (data.Study is { } study)
        {
            yield return new ParagraphBlock("The whole study, on the same data file:");
            yield return new CodeBlock(Command(study));
        }
        yield return new ParagraphBlock("Each run folder holds its recipe, events, predictions, metrics and adapter; the recipe alone repeats the run: ecgpeft train --recipe RECIPE --out DIR. It names the content hashes of data and weights and is refused on others.");
        yield return new TableBlock("Runs.", ["Run", "Recipe", "Seed", "Epochs", "Test AUROC"],
            [.. data.Runs.Select(run => (IReadOnlyList<string>)
            [
                run.Folder.Id, data.Study?.Models.Contains(run.Model) != true ? "recipe.json of the run" : $"recipes/{run.Model}-{run.Method}.json", run.Recipe.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), Number.Count(run.Metrics.Resources.EpochsTrained), Number.Fixed(run.Metrics.Test.Auroc, 6),
            ])], [1]);
        var machines = data.Runs.Select(run => RunEnvironment.ReadFrom(run.Folder)).OfType<RunEnvironment>()
            .Select(e => $"EcgPeft {e.Product}, {e.Runtime}, TorchSharp {e.TorchSharp}, {e.OperatingSystem}, {e.Processor}, {e.Threads} of {e.Processors} threads, {e.Precision}{(e.Device is null or "cpu" ? "" : $" on {e.Device}")}").Distinct().ToList();
        yield return new ListBlock(machines.Count == 0 ? ["What the runs ran on is not recorded."] : machines);
    }

    private static IEnumerable<string> Limits(ReportData data)
    {
        yield return "One data set: nothing here says that the order of methods or models would be the same on another.";
        var repeats = data.Repeats.Count;
        yield return repeats == 1 ? "One repetition: how much another seed would change is not known, and the intervals do not hold it." : $"{repeats} repetitions: the spread between them is known only roughly.";
        if (data.Segments?.Groups is { } groups) yield return $"The data hold {groups.Distinct(StringComparer.Ordinal).Count()} people; {data.Resampled.Units} of them {(data.Resampled.Units == 1 ? "is" : "are")} in a test split.";
        else yield return "The people behind the segments are not known; intervals that take segments as independent are too narrow.";
        foreach (var run in data.Runs.DistinctBy(run => run.Recipe.Backbone.Model))
            if (ReportData.Card(run) is { } card) yield return $"{run.Model} here is {card.Title} ({card.PreTraining}); larger published weights may behave differently.";
        yield return "Metrics at a threshold depend on it; AUROC and average precision do not.";
        if (data.Study?.Search is not null) yield return "The settings were searched on one split with one seed; another split may choose others, and more trials may find better ones.";
        else if (ModelChapter.Varied(data).Count == 0) yield return "Each method was run with one setting; the comparison is of these settings, not of the methods at their best.";
    }

    private static string Command(Study study) =>
        string.Join(" \\\n  ", StudyCommandLine.Of(study)) + " \\\n  --out study" + (study.Base is null ? "" : "\n# recipe.json: the \"base\" of the study's study.json");
}
