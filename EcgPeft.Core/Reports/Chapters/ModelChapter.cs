using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Models, methods with their placement, and hyper-parameters.</summary>
internal static class ModelChapter
{
    private static readonly string[] Repeating = ["seed", "split.seed", "split.fold"];

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
        if (data.Study?.Search is not null)
            foreach (var block in SearchChapter.Of(data.Folder!, data.Study)) yield return block;
        var same = Rows(data).Where(row => !row.Differs && row.Values[0].Length > 0).ToList();
        yield return new TableBlock("The same in every run.", ["Setting", "Value"], [.. same.Select(row => (IReadOnlyList<string>)[row.Path, row.Values[0]])], [1]);
        var (repeated, varied) = (Rows(data).Where(row => row.Differs && Repeating.Contains(row.Path)), Varied(data));
        IReadOnlyList<IReadOnlyList<string>> different = [.. repeated.Concat(varied).Select(row => (IReadOnlyList<string>)[row.Path, string.Join(", ", row.Values.Distinct().Select(v => v.Length == 0 ? "none" : v))])];
        if (different.Count > 0) yield return new TableBlock("What differs between runs.", ["Setting", "Values"], different, [1]);
        if (data.Study?.Search is null)
            yield return new ParagraphBlock(varied.Count == 0
                ? "No hyper-parameter was searched over: each model and method has the settings of its recipe, so a better setting for one of them cannot be excluded."
                : "Where settings were varied, the choice is made on the validation split; each variant is a row of its own in the tables below.");
    }

    /// <summary>Settings of training and method that differ between runs and are no mere repetition; of a method, between its own runs. What an ablation changes is not among them.</summary>
    public static IReadOnlyList<SettingRow> Varied(ReportData data)
    {
        var grid = data.Runs.Where(run => data.Study?.Ablation is not { Count: > 0 } || data.Study.Runs.FirstOrDefault(r => r.In(data.Folder!).Path == run.Folder.Path)?.Ablated is null).ToList();
        return
        [
            .. Rows(data).Where(row => row.Differs && !Repeating.Contains(row.Path)),
            .. RecipeSettings.Compare([.. grid.Select(run => run.Recipe)]).Where(row => row.Differs && row.Path.StartsWith("preprocessing.", StringComparison.Ordinal)),
            .. grid.GroupBy(run => run.Method).SelectMany(runs => RecipeSettings.Compare([.. runs.Select(run => run.Recipe)]).Where(row => row.Differs && row.Path.StartsWith("peft.", StringComparison.Ordinal))
                .Select(row => row with { Path = $"{row.Path} ({Contender.MethodTitle(runs.Key)})" })),
        ];
    }

    private static IEnumerable<SettingRow> Rows(ReportData data) => RecipeSettings.Compare([.. data.Runs.Select(run => run.Recipe)]).Where(row => !Left.Any(prefix => row.Path.StartsWith(prefix, StringComparison.Ordinal)) || row.Path == "seed");

    /// <summary>The settings of a run's method in one line.</summary>
    public static string Settings(ReportRun run)
    {
        var texts = RecipeSettings.Of(run.Recipe).Where(s => s.Key.StartsWith("peft.", StringComparison.Ordinal) && s.Key != "peft.method" && s.Value.Length > 0).Select(s => $"{s.Key[5..]} {s.Value}").ToList();
        return texts.Count == 0 ? "none" : string.Join(", ", texts);
    }

    /// <summary>AfterAttention: after attention.</summary>
    private static string Place(LayerPlace place) => string.Concat(place.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}
