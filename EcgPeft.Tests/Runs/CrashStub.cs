using System.Diagnostics;
using System.Runtime.CompilerServices;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>
/// A worker that trains the small golden model for real and meets a moment of the crash matrix: there it leaves a mark and, if it shall die, ends
/// itself as <c>kill -9</c> does. And a dashboard without pages: what drives the runs, until it is killed.
/// </summary>
internal static class CrashStub
{
    public const string AtStart = "start", MidStep = "mid-step", AtCheckpoint = "checkpoint", AtValidation = "validation", AtEnd = "end";

    private const string WorkerSwitch = "--crash-worker", WebSwitch = "--stub-web";

    /// <summary>Four short epochs; a checkpoint after every second one.</summary>
    public static Recipe Recipe { get; } = SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { Epochs = 4, CheckpointSteps = 2 } };

    public static WorkerCommand Worker(string moment, bool dies) => new("dotnet", [typeof(CrashStub).Assembly.Location, WorkerSwitch, moment, dies ? "dies" : "lives"]);

    /// <summary>The file that says that the moment has come.</summary>
    public static string MarkOf(RunFolder folder) => Path.Combine(folder.Path, "moment.mark");

    /// <summary>Starts the dashboard stub, whose workers meet <paramref name="moment"/>.</summary>
    public static Process StartWeb(DataRoot root, string moment, bool dies)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { typeof(CrashStub).Assembly.Location, WebSwitch, moment, dies ? "dies" : "lives", root.Path }) start.ArgumentList.Add(argument);
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
                Environment.Exit(RunWorker.Run(folder, (recipe, _, report, stop) => Train(recipe, folder, report, moment, () => Meet(folder, fate == "dies", atOnce: moment == AtEnd), stop), CancellationToken.None));
                break;
            case [_, WebSwitch, var moment, var fate, var path]:
                using (var services = RunServices.Open(new DataRoot(path), Worker(moment, fate == "dies")))
                {
                    services.Start();
                    Thread.Sleep(TimeSpan.FromMinutes(1)); // bounded, so that nothing of a failed test stays behind
                }
                Environment.Exit(0);
                break;
        }
    }

    private static void Meet(RunFolder folder, bool dies, bool atOnce)
    {
        File.WriteAllText(MarkOf(folder), "");
        // What follows the end takes no time at all, so there the kill must not come late.
        if (dies && atOnce) Process.GetCurrentProcess().Kill();
        // On another thread, while this one goes on into what follows. No code of this assembly there: it would wait for the end of this initializer.
        if (dies) Task.Run((Action)Process.GetCurrentProcess().Kill);
    }

    private static TrainingOutcome Train(Recipe recipe, RunFolder folder, Action<RunEvent> report, string? moment, Action meet, CancellationToken stop)
    {
        if (moment == AtStart) meet();
        var small = new SmallRun(recipe, stop) { CheckpointFolder = folder.CheckpointFolder, AdapterFolder = folder.AdapterFolder };
        small.OnEvent = runEvent =>
        {
            report(runEvent);
            if (runEvent is StepEvent step && step.Step == StepBefore(moment, small)) meet();
        };
        if (!small.Run().Completed) return TrainingOutcome.Stopped;
        RunSamples.Metrics.WriteTo(folder);
        if (moment == AtEnd) meet();
        return TrainingOutcome.Completed;
    }

    /// <summary>The step after which a moment comes: another step follows, a checkpoint, or a validation.</summary>
    private static long StepBefore(string? moment, SmallRun run) => moment switch
    {
        MidStep => 7,
        AtCheckpoint => 6,
        AtValidation => 2 * run.Events.OfType<PlanEvent>().Last().StepsPerEpoch,
        _ => -1,
    };
}
