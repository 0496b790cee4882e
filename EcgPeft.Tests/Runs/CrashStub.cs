using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Runs;

/// <summary>
/// A worker that trains the small golden model for real and meets a moment of the crash matrix exactly: within a step's forward pass,
/// within a validation, half-way through the file of a checkpoint, before and after everything. There it leaves a mark, waits (if asked) until somebody has done
/// something about that, and ends itself as <c>kill -9</c> does (if it shall die). And a dashboard without pages: what drives the runs, until it is killed.
/// </summary>
internal static partial class CrashStub
{
    public const string AtStart = "at the start", MidStep = "mid-step", AtCheckpoint = "during a checkpoint", AtValidation = "during validation", AtEnd = "at the end";

    /// <summary>What a worker does at its moment.</summary>
    public const string Dies = "dies", WaitsAndDies = "waits and dies", WaitsAndLives = "waits and lives";

    private const string WorkerSwitch = "--crash-worker", WebSwitch = "--stub-web";
    private const int CheckpointStep = 6, FileSizeLimit = 1;

    /// <summary>Four short epochs; a checkpoint after every second step.</summary>
    public static Recipe Recipe { get; } = SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { Epochs = 4, CheckpointSteps = 2 } };

    // The limit on the size of files would else count the runtime's own memory, which is a file while it guards it.
    public static WorkerCommand Worker(string moment, string fate) => OperatingSystem.IsWindows()
        ? new("dotnet", [typeof(CrashStub).Assembly.Location, WorkerSwitch, moment, fate])
        : new("env", ["DOTNET_EnableWriteXorExecute=0", "dotnet", typeof(CrashStub).Assembly.Location, WorkerSwitch, moment, fate]);

    /// <summary>The file that says that the moment has come.</summary>
    public static string MarkOf(RunFolder folder) => Path.Combine(folder.Path, "moment.mark");

    /// <summary>The file that lets the worker go on.</summary>
    public static string GoOf(RunFolder folder) => Path.Combine(folder.Path, "moment.go");

    /// <summary>Starts the dashboard stub, whose workers meet <paramref name="moment"/>.</summary>
    public static Process StartWeb(DataRoot root, string moment, string fate)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { typeof(CrashStub).Assembly.Location, WebSwitch, moment, fate, root.Path }) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Trains to the end; also the way to resume in this process.</summary>
    public static TrainingOutcome Train(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop) => Train(recipe, folder, report, null, () => { }, stop);

    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        switch (Environment.GetCommandLineArgs())
        {
            case [_, WorkerSwitch, var moment, var fate, var path]:
                NativeThreads.Quieten();
                var folder = new RunFolder(path);
                Environment.Exit(RunWorker.Run(folder, (recipe, _, report, stop) => Train(recipe, folder, report, moment, () => Meet(folder, moment, fate), stop), CancellationToken.None));
                break;
            case [_, WebSwitch, var moment, var fate, var path]:
                using (var services = RunServices.Open(new DataRoot(path), Worker(moment, fate)))
                {
                    services.Start();
                    Thread.Sleep(TestData.Patience); // bounded, so that nothing of a failed test stays behind
                }
                Environment.Exit(0);
                break;
        }
    }

    private static void Meet(RunFolder folder, string moment, string fate)
    {
        File.WriteAllText(MarkOf(folder), "");
        // Bounded, so that no worker of a failed test stays behind.
        for (var waited = Stopwatch.StartNew(); fate != Dies && !File.Exists(GoOf(folder)) && waited.Elapsed < TestData.Patience;) Thread.Sleep(5);
        if (fate == WaitsAndLives) return;
        if (moment == AtCheckpoint && !OperatingSystem.IsWindows()) DieHalfWayThrough(new FileInfo(Path.Combine(folder.CheckpointFolder, "state.safetensors")).Length);
        else Process.GetCurrentProcess().Kill();
    }

    /// <summary>The kernel kills the process (SIGXFSZ) in the write that would make a file longer than half of the checkpoint's tensors.</summary>
    private static void DieHalfWayThrough(long length)
    {
        var half = new Limit((ulong)length / 2, (ulong)length / 2);
        if (SetLimit(FileSizeLimit, in half) != 0) throw new InvalidOperationException("The size of files could not be limited.");
    }

    private static TrainingOutcome Train(Recipe recipe, RunFolder folder, Action<RunEvent> report, string? moment, Action meet, CancellationToken stop)
    {
        if (moment == AtStart) meet();
        long step = 0, perEpoch = long.MaxValue;
        var met = false;
        void Pass(bool training)
        {
            if (met || !(moment == MidStep ? training && step == 7 : moment == AtValidation && !training && step == 2 * perEpoch)) return;
            met = true;
            meet();
        }
        var small = new SmallRun(recipe, stop)
        {
            CheckpointFolder = folder.CheckpointFolder, AdapterFolder = folder.AdapterFolder,
            OnModel = model => model.Classifier.Backbone.Layers[^1].Intermediate.Attach(new Bystander(Pass)),
        };
        small.OnEvent = runEvent =>
        {
            report(runEvent);
            if (runEvent is PlanEvent plan) perEpoch = plan.StepsPerEpoch;
            if (runEvent is StepEvent done) step = done.Step;
            if (runEvent is StepEvent { Step: CheckpointStep } && moment == AtCheckpoint) meet();
        };
        if (!small.Run().Completed) return TrainingOutcome.Stopped;
        RunSamples.Metrics.WriteTo(folder);
        if (moment == AtEnd) meet();
        return TrainingOutcome.Completed;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(ulong Soft, ulong Hard);

    /// <summary>Stands on a layer that the method leaves alone, changes nothing and tells when a step's forward pass comes by, or a validation that merges the method's weights.</summary>
    private sealed class Bystander(Action<bool> pass) : IProjectionUpdate
    {
        public Tensor Apply(Projection projection, Tensor input)
        {
            pass(true);
            return projection.Plain(input);
        }

        public (Tensor Weight, Tensor? Bias) Merged(Projection projection)
        {
            pass(false);
            return (projection.Weight.clone(), null);
        }
    }
}
