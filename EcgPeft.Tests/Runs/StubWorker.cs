using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using Process = System.Diagnostics.Process;
using ProcessStartInfo = System.Diagnostics.ProcessStartInfo;

namespace EcgPeft.Tests.Runs;

/// <summary>
/// A worker process without a network to train: this assembly started with <c>--stub-worker MODE FOLDER</c>. It runs before the
/// test framework's entry point.
/// </summary>
internal static class StubWorker
{
    private const string Switch = "--stub-worker", DashboardSwitch = "--stub-dashboard";

    /// <summary>Three steps, then completed.</summary>
    public static WorkerCommand Quick { get; } = Command("quick");

    /// <summary>Three steps, a checkpoint, then it waits until asked to stop; when resumed, one step more and completed.</summary>
    public static WorkerCommand Hold { get; } = Command("hold");

    /// <summary>Epochs of one step as far as the recipe lets it; the validation AUROC is the learning rate.</summary>
    public static WorkerCommand Epochs { get; } = Command("epochs");

    /// <summary>As <see cref="Epochs"/>, but a run of HuBERT fails until there is a file <c>mended</c> in the data folder.</summary>
    public static WorkerCommand EpochsWithoutHubert { get; } = Command("epochs-without-hubert");

    /// <summary>As <see cref="Epochs"/>, but the worker of a run of HuBERT is killed in its first epoch.</summary>
    public static WorkerCommand EpochsKilledWithHubert { get; } = Command("epochs-killed-with-hubert");

    /// <summary>Leaves a line in worker.log and ends before it has the run.</summary>
    public static WorkerCommand EndsAtOnce { get; } = Command("ends-at-once");

    /// <summary>Computes the yardsticks of a study without data, each with a file of the same eight predictions.</summary>
    public static WorkerCommand Yardsticks { get; } = Command("yardsticks");

    /// <summary>As <see cref="Yardsticks"/>, but the data are not to be found until there is a file <c>data</c> in the study's folder.</summary>
    public static WorkerCommand YardsticksWithoutData { get; } = Command("yardsticks-without-data");

    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        var arguments = Environment.GetCommandLineArgs();
        // As a batch script calls it, and as the dashboard does.
        if (arguments is [_, Switch, var stub, "train", "--slurm-resumes", var left, "--resume", var run]) Environment.Exit(InJob(stub, new RunFolder(run), int.Parse(left, CultureInfo.InvariantCulture)));
        if (arguments is [_, Switch, _, "train", "--frames-of", var list]) Environment.Exit(File.Exists(list) ? 0 : 1);
        if (arguments is [_, DashboardSwitch, var worker, var root, var store]) BeDashboard(Command(worker), DataRoot.Resolve(root, store));
        if (arguments is not [_, Switch, var mode, var path]) return;
        if (mode.StartsWith("yardsticks", StringComparison.Ordinal))
        {
            Measure(path, mode != "yardsticks" && !File.Exists(Path.Combine(path, "data")));
            return;
        }
        var folder = new RunFolder(path);
        if (mode == "ends-at-once")
        {
            File.AppendAllText(folder.WorkerLogFile, "the model is missing\n");
            Environment.Exit(2);
        }
        Environment.Exit(RunWorker.Run(folder, Job(mode), CancellationToken.None, onlyIfWaiting: true));
    }

    private static TrainingJob Job(string mode) => mode switch { "quick" => Train, "epochs" => TrainEpochs, "epochs-without-hubert" => FailWithHubert, "epochs-killed-with-hubert" => DieWithHubert, _ => TrainAndHold };

    private static int InJob(string mode, RunFolder folder, int left)
    {
        if (mode == "ends-at-once")
        {
            Console.Error.WriteLine("the model is missing");
            return 2;
        }
        using CancellationTokenSource limit = new(), ending = new(), stop = new();
        static Action<PosixSignalContext> Cancels(CancellationTokenSource source) => context =>
        {
            context.Cancel = true;
            source.Cancel();
        };
        using var near = PosixSignalRegistration.Create((PosixSignal)10, Cancels(limit));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancels(ending));
        using var asked = PosixSignalRegistration.Create((PosixSignal)12, Cancels(stop));
        return RunWorker.Run(folder, Job(mode), stop.Token, task: SlurmTask.OfThisJob(left, limit.Token, ending.Token));
    }

    /// <summary>Starts a dashboard without pages, which drives the runs until it is killed.</summary>
    public static Process StartDashboard(DataRoot root, WorkerCommand worker)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(StubWorker).Assembly.Location, DashboardSwitch, worker.Arguments[^1], root.Path, root.Store.Connection]);
        return Process.Start(start)!;
    }

    private static void BeDashboard(WorkerCommand worker, DataRoot root)
    {
        using (var services = RunServices.Open(root, worker))
        {
            services.Start();
            Thread.Sleep(TestData.Patience); // bounded, so that nothing of a failed test stays behind
        }
        Environment.Exit(0);
    }

    private static void Measure(string path, bool lost)
    {
        if (lost)
        {
            Console.Error.WriteLine("There is no file /data/segments.csv.");
            Environment.Exit(2);
        }
        var study = Study.Read(path);
        Predictions predictions = new([0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 0, 1, 0, 1, 0, 1], [.1, .9, .2, .8, .3, .7, .6, .4]);
        foreach (var (seed, fold, name) in YardstickWork.Missing(path, study)) StudyYardsticks.Write(path, new(name, seed, 1, 0.5, predictions, predictions), fold);
        Environment.Exit(0);
    }

    private static TrainingOutcome Train(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        report(RunSamples.Plan);
        for (var step = 1; step <= 3; step++) report(RunSamples.Step(step));
        RunSamples.Metrics.WriteTo(folder);
        return TrainingOutcome.Completed;
    }

    private static TrainingOutcome TrainEpochs(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        var (training, validation) = (recipe.Training, RunSamples.Binary(.5) with { Auroc = recipe.Training.LearningRate });
        report(RunSamples.Plan with { Epochs = training.Epochs, StepsPerEpoch = 1, TotalSteps = training.Epochs });
        var done = EventLog.Read(folder.EventsFile, 0).Events.OfType<EpochEvent>().Select(e => e.Epoch).DefaultIfEmpty(0).Max();
        for (var epoch = done + 1; epoch <= training.Epochs; epoch++)
        {
            if (stop.IsCancellationRequested || epoch > training.StopAfterEpoch) return TrainingOutcome.Stopped;
            report(new StepEvent(epoch, epoch, 1, 1e-3, 1, 1));
            report(new EpochEvent(epoch, epoch, 1, 1, validation, 1, epoch == 1));
        }
        (RunSamples.Metrics with { Validation = validation, Tested = recipe.Evaluation.ValidationOnly ? null : validation }).WriteTo(folder);
        return TrainingOutcome.Completed;
    }

    private static TrainingOutcome FailWithHubert(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop) =>
        recipe.Backbone.Model == "demo/hubert" && !File.Exists(Path.Combine(folder.Path, "..", "..", "mended"))
            ? throw new UserInputException("The weights of demo/hubert are damaged; pull them again.")
            : TrainEpochs(recipe, folder, report, stop);

    private static TrainingOutcome DieWithHubert(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        if (recipe.Backbone.Model == "demo/hubert") Process.GetCurrentProcess().Kill();
        return TrainEpochs(recipe, folder, report, stop);
    }

    private static TrainingOutcome TrainAndHold(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        report(RunSamples.Plan);
        if (Directory.Exists(folder.CheckpointFolder))
        {
            report(RunSamples.Step(4));
            RunSamples.Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }
        for (var step = 1; step <= 3; step++) report(RunSamples.Step(step));
        // Bounded, so that no worker of a failed test stays behind.
        if (!stop.WaitHandle.WaitOne(TestData.Patience)) throw new TimeoutException("Nobody stopped this worker.");
        RunSamples.WriteCheckpoint(folder, 3);
        return TrainingOutcome.Stopped;
    }

    private static WorkerCommand Command(string mode) => new("dotnet", [typeof(StubWorker).Assembly.Location, Switch, mode]);
}
