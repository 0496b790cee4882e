using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft yardsticks</c>: the classical methods of a study that are missing. The dashboard starts it for its studies.</summary>
internal static class YardsticksCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var study = new Option<string>("--study") { Description = "The study's folder.", Required = true, HelpName = "DIR" };
        var command = new Command("yardsticks", "Compute the classical methods of a study that are missing, on the splits of its runs.") { study };
        command.SetAction(parsed =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(study));
            using var stop = new CancellationTokenSource();
            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Cancel();
            }
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            NativeThreads.Share(ProductSettings.Workers());
            try
            {
                Measure(folder, Study.Read(folder), stop.Token);
                return 0;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return RunWorker.StoppedExitCode;
            }
        });
        return command;
    }

    /// <summary>Computes what is missing and says each result.</summary>
    public static void Measure(string folder, Study study, CancellationToken stop) => YardstickWork.Measure(folder, study, (result, fold) => Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{Yardstick.All.Single(y => y.Name == result.Name).Title}, seed {result.Seed}{(fold is null ? "" : $", fold {fold}")}: test {StudyDisplay.Results(result.Test.Metrics(0.5))} ({result.Seconds:F1} s)")), stop);
}
