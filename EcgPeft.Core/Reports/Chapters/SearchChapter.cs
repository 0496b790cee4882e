using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>What a search tried and what it chose.</summary>
internal static class SearchChapter
{
    // Of each model and method; the rest is in the study's folder.
    private const int Shown = 5;

    public static IEnumerable<ReportBlock> Of(string folder, Study study)
    {
        var (search, winners) = (study.Search!, SearchProgress.Winners(folder, study));
        var pairs = SearchPair.Of(study).Select(pair => (Pair: pair, Trials: pair.Trials.Select(run => SearchTrial.Read(folder, study, run)).ToList())).ToList();
        var score = pairs.SelectMany(pair => pair.Pair.Trials).Select(run => run.In(folder)).FirstOrDefault(run => File.Exists(run.RecipeFile))?.ReadRecipe().Training.SelectionMetric.ToString().ToLowerInvariant() ?? "score";
        yield return new ParagraphBlock($"{Kind(search)}, for each model and method by itself. The trials saw training and validation split alone; the winner is the one with the best validation score ({score}) among those trained to the end, and each winner called the test split once, after all of them were chosen.{Again(study)}");
        yield return new TableBlock("What was searched.", ["Setting", "Values"], [.. search.Space.Select(dimension => (IReadOnlyList<string>)[dimension.Path, Values(dimension)])], [1]);
        yield return new TableBlock(
            $"What was chosen, and what it was chosen of: the best trials of each model and method, {Shown} at the most. Score: the best on the validation split, of the epochs that the trial was let train.",
            ["Model and method", "Trial", "Settings", "Epochs", "Validation score", "Result"],
            [.. pairs.SelectMany(pair => Rows(pair.Pair, pair.Trials, winners))], [1, 2, 5]);
        foreach (var (pair, trials) in pairs.Where(pair => pair.Trials.Count > Shown))
            yield return new ParagraphBlock($"{Name(pair)}: {trials.Count} trials, {trials.Count(trial => trial.Epochs > 0)} of them trained, {Number.Count(trials.Sum(trial => trial.Epochs))} epochs together.");
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(SearchPair pair, List<SearchTrial> trials, IReadOnlyDictionary<StudyRun, StudyRun> winners) =>
        trials.Index().OrderByDescending(trial => winners.GetValueOrDefault(pair.Final) == trial.Item.Run).ThenByDescending(trial => trial.Item.Epochs > 0).ThenByDescending(trial => trial.Item.Score).Take(Shown)
            .Select(trial => (IReadOnlyList<string>)
            [
                Name(pair), Number.Count(trial.Index + 1), trial.Item.Run.Variant, Number.Count(trial.Item.Epochs), Number.Metric(trial.Item.Score), winners.GetValueOrDefault(pair.Final) == trial.Item.Run ? "chosen" : "",
            ]);

    private static string Name(SearchPair pair) => $"{Path.TrimEndingDirectorySeparator(pair.Final.Model).Split('/', '\\')[^1]} · {Contender.MethodTitle(pair.Final.Method)}";

    private static string Kind(SearchPlan search) => search.Kind switch
    {
        SearchKind.Grid => "Every combination of the listed values was trained",
        SearchKind.Random => $"{search.Trials} settings were drawn at random (seed {search.Seed})",
        _ => $"{search.Trials} settings were drawn at random (seed {search.Seed}) and tried by asynchronous successive halving: one in {search.Eta} goes on to {search.Eta} times the epochs",
    };

    private static string Again(Study study) => study.Seeds.Count == 1 ? ""
        : $" The settings of each winner were then trained again with {(study.Seeds.Count == 2 ? "seed" : "the seeds")} {string.Join(", ", study.Seeds.Skip(1))} on the very same split, and tested once each.";

    private static string Values(SearchDimension dimension) => dimension.Values is { } listed ? string.Join(", ", listed)
        : string.Create(Number.Culture, $"{dimension.Low} to {dimension.High}{(dimension.Whole ? ", whole numbers" : "")}{(dimension.Log ? ", drawn evenly in the logarithm" : "")}");
}
