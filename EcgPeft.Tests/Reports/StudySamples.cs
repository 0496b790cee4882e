using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Reports;

/// <summary>Completed runs that nobody trained: made predictions on a small synthetic data set.</summary>
internal sealed class StudySamples
{
    public const int Segments = 240, People = 12;

    // Half of the people are tested: enough for intervals over people.
    private const double Validation = 0.2, Test = 0.5;

    private readonly SegmentSet _set;
    private readonly string? _groups;

    public StudySamples(bool grouped)
    {
        Folder = TestData.TemporaryFolder();
        Data = Path.Combine(Folder, "segments.csv");
        _set = SyntheticEcg.Generate(Segments, People, 5);
        SegmentCsv.Write(Data, _set);
        if (!grouped) return;
        _groups = Path.Combine(Folder, "groups.csv");
        GroupsCsv.Write(_groups, _set.Groups!);
    }

    public string Folder { get; }

    public string Data { get; }

    private SegmentSet Set => _groups is null ? _set.WithGroups(null) : _set;

    /// <summary>A completed run whose probabilities separate the classes more, the higher the skill.</summary>
    public RunFolder Run(string path, string model, string method, int seed, double skill, Func<Recipe, Recipe>? change = null)
    {
        PeftConfig peft = method == "lora" ? new LoraConfig() : new AdapterConfig();
        var recipe = new Recipe
        {
            Name = Path.GetFileName(path), Data = new() { Path = Data, Groups = _groups, Hash = _set.Hash }, Backbone = new() { Model = model, Hash = new string('a', 64) }, Peft = peft, Seed = seed,
            Split = new() { Validation = Validation, Test = Test },
        };
        recipe = change?.Invoke(recipe) ?? recipe;
        var folder = RunFolder.CreateAt(path, recipe);
        var split = Splits.Divide(Set, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, seed);
        var random = new Random(seed * 100 + method.Length + model.Length);
        Predictions Predict(int[] rows) => new(rows, [.. rows.Select(r => _set.Labels.Span[r])], [.. rows.Select(r => Math.Clamp(0.5 + (_set.Labels.Span[r] - 0.5) * skill + (random.NextDouble() - 0.5) * 0.8, 0, 1))]);
        var (validation, test, threshold, decisions) = RunDecisions.Decide(recipe.Evaluation, Predict(split.Validation), Predict(split.Test));
        RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(new PlanEvent(3, 4, 12, split.Training.Length, split.Validation.Length, split.Test.Length, method == "lora" ? 1000 : 2000, 100_000));
            for (var epoch = 1; epoch <= 3; epoch++)
            {
                for (var step = 1; step <= 4; step++) report(new StepEvent((epoch - 1) * 4 + step, epoch, 1.0 / (epoch * 4 + step), 1e-3, 0.5, 100));
                report(new EpochEvent(epoch, epoch * 4, 0.6 / epoch, 0.7 / epoch, validation.Metrics(threshold) with { Auroc = 0.5 + 0.4 * epoch / 3 }, 1.5, true));
            }
            PredictionsFile.Write(folder, validation, test);
            new RunMetrics(validation.Metrics(threshold), test!.Metrics(threshold), new RunResources(method == "lora" ? 1000 : 2000, 100_000, 12.5 + seed, 4.2, 1L << 28, 8000, 3, 3), decisions).WriteTo(folder);
            return TrainingOutcome.Completed;
        }, CancellationToken.None);
        return folder;
    }

    /// <summary>A study of two models, two methods and some seeds, where LoRA's skill may differ.</summary>
    public string Study(int seeds, double loraSkill, double adapterSkill, string? at = null)
    {
        var folder = at ?? Path.Combine(Folder, "study");
        var runs = new List<StudyRun>();
        for (var seed = 1; seed <= seeds; seed++)
            foreach (var model in new[] { "wav2vec2", "hubert" })
                foreach (var method in new[] { "lora", "adapter" })
                {
                    runs.Add(new StudyRun($"{model}-{method}-seed{seed}", model, method, seed));
                    Run(Path.Combine(folder, runs[^1].Folder), $"demo/{model}", method, seed, method == "lora" ? loraSkill : adapterSkill);
                }
        new Study(DateTime.UtcNow, new() { Path = Data, Groups = _groups, Hash = _set.Hash }, ["wav2vec2", "hubert"], ["lora", "adapter"], [.. Enumerable.Range(1, seeds)], [], runs, ["majority"]).WriteTo(folder);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var split = Splits.Divide(Set, SplitKind.Auto, Validation, Test, seed);
            StudyYardsticks.Write(folder, Core.Training.Yardsticks.Yardstick.Majority.Run(_set.Values.ToArray(), _set.Length, _set.Labels, split, seed, CancellationToken.None));
        }
        return folder;
    }
}
