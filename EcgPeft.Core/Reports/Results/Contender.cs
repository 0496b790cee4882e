using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Reports.Results;

/// <summary>One repetition of a contender: a run, or a yardstick on the split of a seed.</summary>
/// <param name="Repeat">Which repetition; contenders are compared repetition by repetition.</param>
/// <param name="Validation">Predictions of the validation split.</param>
/// <param name="Test">Predictions of the test split.</param>
/// <param name="Threshold">From which probability a segment is called positive.</param>
/// <param name="Run">The run; null for a yardstick.</param>
/// <param name="Yardstick">The yardstick's result; null for a run.</param>
public sealed record Trial(string Repeat, Predictions Validation, Predictions Test, double Threshold, ReportRun? Run, YardstickResult? Yardstick)
{
    /// <summary>Metrics of the test split.</summary>
    public BinaryMetrics TestMetrics { get; } = Test.Metrics(Threshold);

    /// <summary>Metrics of the validation split.</summary>
    public BinaryMetrics ValidationMetrics { get; } = Validation.Metrics(Threshold);

    /// <summary>The test split, as resampling needs it.</summary>
    public SplitResult TestResult => new(Test, Threshold);
}

/// <summary>Something that is compared: a model with a method and settings, or a classical method; with all its repetitions.</summary>
/// <param name="Name">Name for people, for example <c>hubert · LoRA</c>.</param>
/// <param name="Model">The model's short name; empty for a yardstick.</param>
/// <param name="Method">The PEFT method, or the yardstick's name.</param>
/// <param name="Variant">Settings beside model and method in which it differs from others, for example <c>preprocessing.normalization global</c>; mostly empty.</param>
/// <param name="Trials">Its repetitions.</param>
public sealed record Contender(string Name, string Model, string Method, string Variant, IReadOnlyList<Trial> Trials)
{
    // These vary between repetitions, or follow from others.
    private static readonly string[] NoSettings = ["name", "seed", "split.seed", "split.fold", "data.path", "data.groups", "backbone.hash"];

    /// <summary>Whether it is a classical method.</summary>
    public bool IsYardstick => Model.Length == 0;

    /// <summary>The runs of its repetitions.</summary>
    public IEnumerable<ReportRun> Runs => Trials.Select(trial => trial.Run).OfType<ReportRun>();

    /// <summary>Mean over repetitions of a metric of the test split; null where one of them does not define it.</summary>
    /// <param name="metric">The metric.</param>
    public double? Mean(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var values = Trials.Select(trial => metric.Of(trial.TestMetrics)).ToList();
        return values.Any(value => value is null) ? null : values.Average();
    }

    /// <summary>Mean over repetitions of the validation split's AUROC; null where one of them does not define it.</summary>
    public double? ValidationAuroc => Trials.Any(trial => trial.ValidationMetrics.Auroc is null) ? null : Trials.Average(trial => trial.ValidationMetrics.Auroc);

    /// <summary>Standard deviation over repetitions (n - 1); null with one repetition or where one of them does not define the metric.</summary>
    /// <param name="metric">The metric.</param>
    public double? Spread(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var values = Trials.Select(trial => metric.Of(trial.TestMetrics)).ToList();
        if (values.Count < 2 || values.Any(value => value is null)) return null;
        var mean = values.Average()!.Value;
        return Math.Sqrt(values.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (values.Count - 1));
    }

    /// <summary>Groups runs whose settings differ in nothing but the repetition.</summary>
    /// <param name="runs">Completed runs.</param>
    public static IReadOnlyList<Contender> Of(IReadOnlyList<ReportRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        // Where the people's file lies is no setting; whether there is one is: it decides how the data are divided.
        SettingRow[] all = [.. RecipeSettings.Compare([.. runs.Select(run => run.Recipe)]).Where(row => !NoSettings.Contains(row.Path)), new("data.groups", [.. runs.Select(run => run.Recipe.Data.Groups is null ? "not given" : "given")])];
        var rows = all.Where(row => row.Differs).ToList();
        var groups = Enumerable.Range(0, runs.Count).GroupBy(i => string.Join('\n', rows.Select(row => row.Values[i]))).ToList();
        return [.. groups.Select(group =>
        {
            var first = runs[group.First()];
            // Only what runs of the same model and method have apart: a method's own settings differ from another method's anyway.
            var kin = Enumerable.Range(0, runs.Count).Where(i => runs[i].Model == first.Model && runs[i].Method == first.Method).ToList();
            var variant = string.Join(", ", rows.Where(row => kin.Select(i => row.Values[i]).Distinct().Count() > 1).Select(row => $"{row.Path} {Shown(row.Values[group.First()])}"));
            var name = $"{first.Model} · {MethodTitle(first.Method)}";
            return new Contender(variant.Length == 0 ? name : $"{name} · {variant}", first.Model, first.Method, variant,
                [.. group.Select(i => new Trial(runs[i].Repeat, runs[i].Predictions.Validation, runs[i].Predictions.Test, runs[i].Metrics.Test.Threshold, runs[i], null))
                    .OrderBy(trial => trial.Repeat, StringComparer.Ordinal).DistinctBy(trial => trial.Repeat)]);
        })];
    }

    /// <summary>The yardsticks of a study.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="runs">Its completed runs; a yardstick takes part in the repetitions that they have.</param>
    public static IEnumerable<Contender> YardsticksOf(string folder, Study study, IReadOnlyList<ReportRun> runs)
    {
        ArgumentNullException.ThrowIfNull(study);
        foreach (var yardstick in Yardstick.All.Where(y => study.Yardsticks.Contains(y.Name)))
        {
            var trials = new List<Trial>();
            foreach (var run in runs.DistinctBy(run => run.Repeat).OrderBy(run => run.Repeat, StringComparer.Ordinal))
                if (StudyYardsticks.Read(folder, yardstick.Name, run.Recipe.Seed, study.Folds is null ? null : run.Recipe.Split.Fold) is { } result)
                    trials.Add(new Trial(run.Repeat, result.Validation, result.Test, DecisionThreshold.Default, null, result));
            if (trials.Count > 0) yield return new Contender(yardstick.Title, "", yardstick.Name, "", trials);
        }
    }

    /// <summary>The method as the field writes it.</summary>
    /// <param name="method">The recipe's name.</param>
    public static string MethodTitle(string method) => method switch
    {
        "lora" => "LoRA",
        "adapter" => "adapter",
        "adalora" => "AdaLoRA",
        "dora" => "DoRA",
        "ia3" => "IA3",
        _ => method,
    };

    private static string Shown(string value) => value.Length == 0 ? "none" : value;
}
