using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Models, methods with their placement, and hyper-parameters.</summary>
internal static class ModelChapter
{
    private static readonly string[] Left = ["name", "seed", "data.", "backbone.", "peft.", "preprocessing."];

    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Models");
        yield return new TableBlock("Backbones; all their weights stay frozen except where a method says otherwise.", ["Model", "Id", "Parameters", "Pre-training", "Weights (SHA-256)"],
            [.. data.Runs.DistinctBy(run => run.Recipe.Backbone.Model).Select(run => (IReadOnlyList<string>)
            [
                run.Model, run.Recipe.Backbone.Model, Number.Count(run.Metrics.Resources.TotalParameters - run.Metrics.Resources.TrainableParameters), ReportData.Card(run)?.PreTraining ?? "not known to this program", run.Recipe.Backbone.Hash?[..16] ?? "",
            ])], [1, 3, 4]);

        yield return new HeadingBlock(2, "Methods and where they sit");
        foreach (var run in data.Runs.DistinctBy(run => run.Method))
        {
            var places = run.Recipe.Peft.Places;
            yield return new ParagraphBlock($"{run.Recipe.Peft.Title}: {run.Recipe.Peft.Sentence.TrimEnd('.')}. Settings: {Settings(run)}.{(places.Count == 0 ? "" : $" It sits at: {string.Join("; ", places.Select(Place))}.")}");
        }
        yield return new TableBlock("What is trained (the method's modules and the classification head).", ["Model and method", "Trainable", "Of all parameters", "Adapter file"],
            [.. data.Tuned.Select(c => c.Runs.First()).Zip(data.Tuned).Select(pair => (IReadOnlyList<string>)
            [
                pair.Second.Name, Number.Count(pair.First.Metrics.Resources.TrainableParameters), Number.Percent((double)pair.First.Metrics.Resources.TrainableParameters / pair.First.Metrics.Resources.TotalParameters), Number.Bytes(pair.First.Metrics.Resources.AdapterBytes),
            ])]);

        yield return new HeadingBlock(2, "Hyper-parameters");
        var rows = RecipeSettings.Compare([.. data.Runs.Select(run => run.Recipe)]).Where(row => !Left.Any(prefix => row.Path.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        var same = rows.Where(row => !row.Differs && row.Values[0].Length > 0).ToList();
        yield return new TableBlock("The same in every run.", ["Setting", "Value"], [.. same.Select(row => (IReadOnlyList<string>)[row.Path, row.Values[0]])], [1]);
        var different = rows.Where(row => row.Differs).ToList();
        if (different.Count > 0)
            yield return new TableBlock("What was varied.", ["Setting", "Values"], [.. different.Select(row => (IReadOnlyList<string>)[row.Path, string.Join(", ", row.Values.Distinct().Select(v => v.Length == 0 ? "none" : v))])], [1]);
        yield return new ParagraphBlock(data.Study?.Search is { } search ? Searched(data.Study, search) : different.All(row => row.Path is "seed" or "split.seed" or "split.fold")
            ? "No hyper-parameter was searched over: each model and method has the settings of its recipe, so a better setting for one of them cannot be excluded."
            : "Where settings were varied, the choice is made on the validation split; each variant is a row of its own in the tables below.");
    }

    private static string Searched(Study study, SearchPlan search)
    {
        var kind = search.Kind switch { SearchKind.Grid => "every combination of a grid", SearchKind.Random => "settings drawn at random", _ => "successive halving" };
        var seeds = study.Seeds.Count == 1 ? "" : $" Its settings were trained again with {(study.Seeds.Count == 2 ? "seed" : "the seeds")} {string.Join(", ", study.Seeds.Skip(1))} on the same split.";
        return $"The settings of each model and method were searched ({kind}; {study.Runs.Count} trials in all) over {string.Join(", ", search.Space.Select(dimension => dimension.Path))}. The trials left the test split alone; the one with the best validation score won, and the winners alone were tested, once.{seeds}";
    }

    /// <summary>The settings of a run's method in one line.</summary>
    public static string Settings(ReportRun run)
    {
        var texts = RecipeSettings.Of(run.Recipe).Where(s => s.Key.StartsWith("peft.", StringComparison.Ordinal) && s.Key != "peft.method" && s.Value.Length > 0).Select(s => $"{s.Key[5..]} {s.Value}").ToList();
        return texts.Count == 0 ? "none" : string.Join(", ", texts);
    }

    /// <summary>AfterAttention: after attention.</summary>
    private static string Place(LayerPlace place) => string.Concat(place.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}
