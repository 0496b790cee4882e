using EcgPeft.Core;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>Runs, events and metrics for these tests, and how they wait.</summary>
internal static class RunSamples
{
    public static PlanEvent Plan { get; } = new(2, 4, 8, 70, 15, 15, 1234, 98765);

    public static RunMetrics Metrics { get; } = new(
        Binary(0.75), Binary(0.1 + 0.2), new RunResources(1234, 98765, 12.5, 6.25, 1 << 30, 4936, 2, 1));

    public static StepEvent Step(long step) => new(step, (int)((step - 1) / 4) + 1, 1.0 / step, 1e-3, 0.5, 100);

    public static EpochEvent Epoch(int epoch, bool best) => new(epoch, epoch * 4, 0.5, 0.25 * epoch, Binary(0.5), 1.5, best);

    public static BinaryMetrics Binary(double accuracy) => new()
    {
        Count = 20, Positives = 8, Threshold = 0.5, Accuracy = accuracy, Precision = 1.0 / 3, Recall = 2.0 / 3, F1 = 4.0 / 9, Specificity = 0.9,
        BalancedAccuracy = 0.7, Mcc = 0.1, Auroc = null, Brier = 0.2, LogLoss = 0.6, Ece = 0.05, TruePositives = 4, FalsePositives = 8, TrueNegatives = 4, FalseNegatives = 4,
    };

    public static DataRoot Root() => new(TestData.TemporaryFolder());

    public static RunFolder NewRun(DataRoot root, string? name = null) => RunFolder.Create(root.Runs, new Recipe { Name = name, Data = new() { Path = "/data/demo/segments.csv" } });

    public static void WriteCheckpoint(RunFolder folder, int step)
    {
        Directory.CreateDirectory(folder.CheckpointFolder);
        File.WriteAllText(Path.Combine(folder.CheckpointFolder, "state.json"), $$"""{ "step": {{step}}, "epoch": 1 }""");
    }

    /// <summary>A run that went through three steps to its end in this process.</summary>
    public static RunFolder Completed(DataRoot root)
    {
        var folder = NewRun(root);
        RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(Plan);
            for (var step = 1; step <= 3; step++) report(Step(step));
            report(Epoch(1, best: true));
            Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }, CancellationToken.None);
        return folder;
    }

    /// <summary>A run that diverged at its fourth step.</summary>
    public static RunFolder Failed(DataRoot root)
    {
        var folder = NewRun(root, "diverged");
        RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(Plan);
            for (var line = 1; line <= 5; line++) report(new LogEvent("info", $"Line {line}."));
            for (var step = 1; step <= 3; step++) report(Step(step));
            report(Step(4) with { Loss = double.NaN });
            throw new TrainingDivergedException(4, 1e-3, double.NaN);
        }, CancellationToken.None);
        return folder;
    }

    /// <summary>The folder of a worker that was killed at a step: its last status is running, and nobody holds its lock.</summary>
    public static RunFolder Abandoned(DataRoot root, int step)
    {
        var folder = NewRun(root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        RunLife.Move(folder, RunStatus.Running, 0, null);
        for (var done = 1; done <= step; done++) EventLog.Append(folder.EventsFile, Step(done));
        return folder;
    }

    public static IReadOnlyList<RunEvent> Events(RunFolder folder) => EventLog.Read(folder.EventsFile, 0).Events;

    public static RunStatus[] Statuses(RunFolder folder) => [.. Events(folder).OfType<StatusEvent>().Select(status => status.Status)];

    /// <summary>The row of a run as soon as it is what the test waits for.</summary>
    public static async Task<RunSummary> Until(this RunServices services, string id, Predicate<RunSummary> reached)
    {
        var found = new TaskCompletionSource<RunSummary>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(RunSummary run)
        {
            if (run.Id == id && reached(run)) found.TrySetResult(run);
        }
        using var subscription = services.Feed.SubscribeAll(Look);
        foreach (var run in services.Monitor.Runs) Look(run);
        return await found.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);
    }
}
