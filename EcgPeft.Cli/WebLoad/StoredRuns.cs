using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli.WebLoad;

/// <summary>
/// Fills a data folder with completed runs that nobody trained: made predictions on the demo data set, metrics that follow from them, events, and studies
/// of 24 runs each. What a dashboard shows of them is not worth reading; how quickly it shows it is what is measured.
/// </summary>
internal static class StoredRuns
{
    private const int Epochs = 5, StepsPerEpoch = 12, StudySeeds = 6;

    /// <summary>Runs of a study.</summary>
    public const int StudySize = 24;

    private static readonly string[] Models = ["demo/wav2vec2", "demo/hubert"], Methods = ["lora", "adapter"];

    /// <summary>Writes the runs; returns their ids.</summary>
    public static IReadOnlyList<string> Write(DataRoot root, int count, CancellationToken cancel)
    {
        var library = new DataSetLibrary(root);
        library.EnsureDemo();
        var (set, data) = (library.Load(DataSetLibrary.DemoId), library.FolderOf(DataSetLibrary.DemoId));
        var splits = Enumerable.Range(1, StudySeeds).ToDictionary(seed => seed, seed => Splits.Divide(set, SplitKind.Auto, .15, .15, seed));
        var ids = new string[count];
        Parallel.For(0, count, new() { CancellationToken = cancel }, number =>
        {
            var recipe = RecipeOf(number, data, set.Hash);
            ids[number] = Complete(RunFolder.Create(root.Runs, recipe), recipe, set, splits[recipe.Seed], number).Id;
        });
        for (var first = 0; first + StudySize <= count; first += 2 * StudySize) WriteStudy(root, new() { Path = data, Hash = set.Hash }, first / StudySize, ids[first..(first + StudySize)], first);
        return ids;
    }

    private static Recipe RecipeOf(int number, string data, string hash)
    {
        PeftConfig peft = MethodOf(number) == "lora" ? new LoraConfig { Rank = 4 << (number / StudySize % 3) } : new AdapterConfig();
        return new()
        {
            Name = $"{ModelOf(number)[5..]}-{MethodOf(number)}-{number.ToString("0000", CultureInfo.InvariantCulture)}", Data = new() { Path = data, Hash = hash }, Backbone = new() { Model = ModelOf(number), Hash = new string('a', 64) },
            Peft = peft, Seed = SeedOf(number), Training = new() { Epochs = Epochs, LearningRate = 1e-3 * (1 + (number / 48 % 5)) },
        };
    }

    private static string ModelOf(int number) => Models[number / 2 % 2];

    private static string MethodOf(int number) => Methods[number % 2];

    private static int SeedOf(int number) => 1 + (number / 4 % StudySeeds);

    private static RunFolder Complete(RunFolder folder, Recipe recipe, SegmentSet set, DataSplit split, int number)
    {
        var random = new Random(number);
        var skill = .3 + (.6 * random.NextDouble());
        Predictions Predict(int[] rows) => new(rows, [.. rows.Select(row => set.Labels.Span[row])], [.. rows.Select(row => Math.Clamp(.5 + ((set.Labels.Span[row] - .5) * skill) + ((random.NextDouble() - .5) * .9), 0, 1))]);
        var (validation, test, threshold, decisions) = RunDecisions.Decide(recipe.Evaluation, Predict(split.Validation), Predict(split.Test));
        var trainable = MethodOf(number) == "lora" ? 12_000 : 26_000;
        RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(new PlanEvent(Epochs, StepsPerEpoch, Epochs * StepsPerEpoch, split.Training.Length, split.Validation.Length, split.Test.Length, trainable, 3_000_000));
            for (var epoch = 1; epoch <= Epochs; epoch++)
            {
                for (var step = 1; step <= StepsPerEpoch; step++) report(new StepEvent(((epoch - 1) * StepsPerEpoch) + step, epoch, 1.0 / (epoch + (.1 * step)), recipe.Training.LearningRate, .5, 100));
                report(new EpochEvent(epoch, epoch * StepsPerEpoch, .6 / epoch, .7 / epoch, validation.Metrics(threshold), 1.5, epoch == Epochs));
            }
            PredictionsFile.Write(folder, validation, test);
            new RunMetrics(validation.Metrics(threshold), test!.Metrics(threshold), new RunResources(trainable, 3_000_000, 40 + (random.NextDouble() * 30), 8, 1L << 29, 60_000, Epochs, Epochs), decisions).WriteTo(folder);
            return TrainingOutcome.Completed;
        }, CancellationToken.None);
        return folder;
    }

    private static void WriteStudy(DataRoot root, DataRecipe data, int number, string[] ids, int first)
    {
        var folder = Path.Combine(root.Studies, $"study-{number.ToString("000", CultureInfo.InvariantCulture)}");
        Directory.CreateDirectory(folder);
        var runs = ids.Select((id, i) => new StudyRun(Path.GetRelativePath(folder, Path.Combine(root.Runs, id)), ModelOf(first + i), MethodOf(first + i), SeedOf(first + i))).ToList();
        new Study(DateTime.UtcNow, data, Models, Methods, [.. Enumerable.Range(1, StudySeeds)], [], runs, []) { Name = $"study {number}" }.WriteTo(folder);
    }
}
