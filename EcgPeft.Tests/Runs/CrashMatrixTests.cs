using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>
/// The worker, the dashboard or both are killed at every kind of moment. Whatever it was: the status is right, the run ends with the adapter
/// of one that was never interrupted, byte for byte, no step is missing, and a step done twice has the same values.
/// </summary>
public sealed class CrashMatrixTests(CrashMatrixTests.Uninterrupted whole) : IClassFixture<CrashMatrixTests.Uninterrupted>
{
    private readonly DataRoot _root = RunSamples.Root();

    public static TheoryData<string> Moments => [CrashStub.AtStart, CrashStub.MidStep, CrashStub.AtCheckpoint, CrashStub.AtValidation, CrashStub.AtEnd];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_worker_is_killed(string moment)
    {
        using var services = RunServices.Open(_root, CrashStub.Worker(moment, CrashStub.Dies));
        services.Start();
        var id = services.Queue.Enqueue(CrashStub.Recipe);
        var run = await services.Until(id, run => run.Status == RunStatus.Interrupted);
        Assert.True(File.Exists(CrashStub.MarkOf(Folder(id))), run.StatusMessage);
        IsOf(moment, Folder(id));
        Resume(id);
        await Ended(services, id, interrupted: true);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_dashboard_is_killed(string moment)
    {
        var id = await KillWebAt(moment, CrashStub.WaitsAndLives);
        using var next = RunServices.Open(_root, StubWorker.Quick);
        next.Start();
        await Ended(next, id, interrupted: false);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Worker_and_dashboard_are_killed(string moment)
    {
        var id = await KillWebAt(moment, CrashStub.WaitsAndDies);
        var folder = Folder(id);
        for (var clock = Stopwatch.StartNew(); WorkerLock.IsHeld(folder); await Task.Delay(20, Cancel)) Assert.True(clock.Elapsed < TestData.Patience);
        IsOf(moment, folder);
        File.AppendAllText(folder.EventsFile, """{"type":"step","time":"2026-01-0"""); // a line that was cut off in the middle
        foreach (var file in Directory.GetFiles(_root.Path, "ecgpeft.db*")) File.Delete(file); // and the database is gone as well

        using var next = RunServices.Open(_root, StubWorker.Quick);
        next.Start();
        Assert.Equal(RunStatus.Interrupted, next.Store.Find(id)!.Status);
        Resume(id);
        await Ended(next, id, interrupted: true);
    }

    /// <summary>Every state that a kill can leave between the first and the last thing that writing a checkpoint does.</summary>
    public static TheoryData<string> HalfWritten => ["no tensors yet", "half the tensors", "no position yet", "half the position", "not moved yet", "the one before is gone", "between the two moves"];

    [Theory]
    [MemberData(nameof(HalfWritten))]
    public async Task A_checkpoint_that_was_being_written_costs_nothing(string state)
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        var folder = RunFolder.Create(_root.Runs, CrashStub.Recipe);
        Assert.Equal(RunWorker.StoppedExitCode, RunWorker.Run(folder, (recipe, run, report, _) =>
        {
            using var stop = new CancellationTokenSource();
            return CrashStub.Train(recipe, run, runEvent => { report(runEvent); if (runEvent is StepEvent { Step: 5 }) stop.Cancel(); }, stop.Token);
        }, CancellationToken.None));

        var (next, previous) = (folder.CheckpointFolder + ".next", folder.CheckpointFolder + ".previous");
        var (tensors, position) = (Path.Combine(next, "state.safetensors"), Path.Combine(next, "state.json"));
        Directory.CreateDirectory(next);
        foreach (var file in Directory.GetFiles(folder.CheckpointFolder)) File.Copy(file, Path.Combine(next, Path.GetFileName(file)));
        switch (state)
        {
            case "no tensors yet": File.Delete(tensors); File.Delete(position); break;
            case "half the tensors": File.WriteAllBytes(tensors, File.ReadAllBytes(tensors)[..1000]); File.Delete(position); break;
            case "no position yet": File.Delete(position); break;
            case "half the position": File.WriteAllText(position, File.ReadAllText(position)[..40]); break;
            case "the one before is gone": Directory.Delete(previous, recursive: true); break;
            case "between the two moves": Directory.Delete(previous, recursive: true); Directory.Move(folder.CheckpointFolder, previous); break;
        }
        Resume(folder.Id);
        services.Monitor.Tick();
        await Ended(services, folder.Id, interrupted: false);
        Assert.False(Directory.Exists(next));
    }

    /// <summary>What a worker that died at this moment has left, so that the test cannot miss its moment.</summary>
    private static void IsOf(string moment, RunFolder folder)
    {
        var steps = RunSamples.Events(folder).OfType<StepEvent>().Select(step => step.Step).DefaultIfEmpty(0).Max();
        switch (moment)
        {
            case CrashStub.AtStart: Assert.Equal((0, false), (steps, Directory.Exists(folder.CheckpointFolder))); break;
            case CrashStub.MidStep: Assert.Equal((7, 6), (steps, Checkpointed(folder))); break;
            case CrashStub.AtCheckpoint: Assert.Equal((6, 5, !OperatingSystem.IsWindows()), (steps, Checkpointed(folder), HalfAFile(folder))); break;
            case CrashStub.AtValidation: Assert.Single(RunSamples.Events(folder).OfType<EpochEvent>()); break;
            case CrashStub.AtEnd: Assert.True(File.Exists(folder.MetricsFile)); break;
        }
    }

    private static long Checkpointed(RunFolder folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.CheckpointFolder, "state.json"))).RootElement.GetProperty("step").GetInt64();

    private static bool HalfAFile(RunFolder folder)
    {
        // A file has another name until it is whole.
        var written = new DirectoryInfo(folder.CheckpointFolder + ".next").GetFiles().Single();
        return written.Name != "state.safetensors" && written.Length == new FileInfo(Path.Combine(folder.CheckpointFolder, "state.safetensors")).Length / 2;
    }

    /// <summary>A dashboard process starts a run; it is killed when the run's moment has come, and only then does the worker go on, or die.</summary>
    private async Task<string> KillWebAt(string moment, string fate)
    {
        using (var before = RunServices.Open(_root, StubWorker.Quick)) before.Queue.Enqueue(CrashStub.Recipe); // waits, since nothing drives it
        var id = Path.GetFileName(Directory.GetDirectories(_root.Runs).Single());
        using var web = CrashStub.StartWeb(_root, moment, fate);
        try
        {
            for (var clock = Stopwatch.StartNew(); !File.Exists(CrashStub.MarkOf(Folder(id))); await Task.Delay(5, Cancel))
                Assert.True(clock.Elapsed < TestData.Patience && !web.HasExited, "The moment did not come.");
        }
        finally
        {
            web.Kill();
            await web.WaitForExitAsync(Cancel);
        }
        File.WriteAllText(CrashStub.GoOf(Folder(id)), "");
        return id;
    }

    /// <summary>As <c>ecgpeft train --resume</c> does, beside the dashboard.</summary>
    private void Resume(string id) => Assert.Equal(0, RunWorker.Run(Folder(id), CrashStub.Train, CancellationToken.None));

    private async Task Ended(RunServices services, string id, bool interrupted)
    {
        var run = await services.Until(id, run => run.Status == RunStatus.Completed);
        var folder = Folder(id);
        Assert.Equal(whole.Adapter, File.ReadAllBytes(Path.Combine(folder.AdapterFolder, PeftModel.WeightsFile)));

        var events = RunSamples.Events(folder);
        var steps = events.OfType<StepEvent>().ToList();
        Assert.All(steps, step => Assert.Equal(whole.Losses[step.Step], step.Loss));
        Assert.Equal(whole.Losses.Keys.Order(), steps.Select(step => step.Step).Distinct().Order());
        Assert.Equal(whole.Losses.Keys.Order(), services.Feed.Snapshot(id).Steps.Select(step => step.Step));
        Assert.DoesNotContain(events, runEvent => runEvent is LogEvent { Level: "warning" or "error" });

        var statuses = RunSamples.Statuses(folder);
        Assert.Equal(interrupted ? 1 : 0, statuses.Count(status => status == RunStatus.Interrupted));
        Assert.Single(statuses, RunStatus.Completed);
        Assert.Equal(RunStatus.Completed, statuses[^1]);
        for (var at = 0; at < statuses.Length; at++) Assert.True(RunLife.MayMove(at == 0 ? null : statuses[at - 1], statuses[at]));
        Assert.Equal(RunSamples.Metrics.Test, run.Test);
        Assert.Equal(whole.Losses.Keys.Max(), run.Step);
    }

    private RunFolder Folder(string id) => RunFolder.Find(_root.Runs, id)!;

    /// <summary>What the same recipe gives when nothing happens.</summary>
    public sealed class Uninterrupted
    {
        public Uninterrupted()
        {
            var folder = RunFolder.Create(RunSamples.Root().Runs, CrashStub.Recipe);
            Assert.Equal(0, RunWorker.Run(folder, CrashStub.Train, CancellationToken.None));
            Adapter = File.ReadAllBytes(Path.Combine(folder.AdapterFolder, PeftModel.WeightsFile));
            Losses = RunSamples.Events(folder).OfType<StepEvent>().ToDictionary(step => step.Step, step => step.Loss);
        }

        public byte[] Adapter { get; }

        public IReadOnlyDictionary<long, double> Losses { get; }
    }
}
