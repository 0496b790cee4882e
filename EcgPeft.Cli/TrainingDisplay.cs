using System.Globalization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary>Shows a run while it trains: a progress bar on a terminal, plain lines elsewhere.</summary>
internal abstract class TrainingDisplay(RunFolder folder) : IDisposable
{
    public static TrainingDisplay Create(RunFolder folder, bool plain) => plain ? new PlainDisplay(folder) : new TerminalDisplay(folder);

    /// <summary>Why the run failed, or null. Not shown here: it belongs on standard error.</summary>
    public string? Failure { get; private set; }

    public void Show(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case PlanEvent plan: OnPlan(plan); break;
            case StepEvent step: OnStep(step); break;
            case EpochEvent epoch: WriteLine(Line(epoch)); break;
            case StatusEvent { Status: RunStatus.Failed } failed: Failure = failed.Message; break;
            case LogEvent { Level: "error" }: break;
            case LogEvent log: WriteLine(log.Level == "info" ? log.Message : $"{log.Level}: {log.Message}"); break;
            case StatusEvent { Status: RunStatus.Completed }: WriteResults(); break;
            case StatusEvent { Message: { } message }: WriteLine(message); break;
        }
    }

    public virtual void Dispose()
    {
    }

    protected abstract void WriteLine(string line);

    protected virtual void OnPlan(PlanEvent plan)
    {
    }

    protected virtual void OnStep(StepEvent step)
    {
    }

    private static string Line(EpochEvent e) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {e.Epoch}: training loss {e.TrainingLoss:F4}, validation loss {e.ValidationLoss:F4}{(e.Validation is { } metrics ? $", F1 {metrics.F1.ToString("F3", CultureInfo.InvariantCulture)}, AUROC {Auroc(metrics)}" : "")} ({e.Seconds:F1} s){(e.Best ? ", best so far" : "")}");

    private static string Auroc(BinaryMetrics metrics) => metrics.Auroc?.ToString("F3", CultureInfo.InvariantCulture) ?? "undefined";

    private void WriteResults()
    {
        if (Directory.Exists(folder.ModelFolder))
        {
            WriteLine($"model folder: {folder.ModelFolder}");
            return;
        }
        var (validation, test, _, _) = RunMetrics.ReadFrom(folder);
        var metrics = test ?? validation;
        WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(test is null ? "validation (the test split is left alone)" : "test")}: accuracy {metrics.Accuracy:F3}, precision {metrics.Precision:F3}, recall {metrics.Recall:F3}, F1 {metrics.F1:F3}, AUROC {Auroc(metrics)}"));
        WriteLine($"run folder: {folder.Path}");
    }

    private sealed class PlainDisplay(RunFolder folder) : TrainingDisplay(folder)
    {
        protected override void WriteLine(string line) => Console.WriteLine(line);
    }

    /// <summary>
    /// The bar is redrawn by its own thread; training stays on the thread that started it, as libtorch needs.
    /// </summary>
    private sealed class TerminalDisplay : TrainingDisplay
    {
        private readonly TaskCompletionSource done = new();
        private readonly TaskCompletionSource<ProgressTask> started = new();
        private readonly Task drawing;
        private long stepsPerEpoch;

        public TerminalDisplay(RunFolder folder) : base(folder) =>
            drawing = AnsiConsole.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
                .StartAsync(async context =>
                {
                    started.SetResult(context.AddTask("preparing", maxValue: 1));
                    await done.Task;
                });

        public override void Dispose()
        {
            done.TrySetResult();
            drawing.GetAwaiter().GetResult();
            base.Dispose();
        }

        protected override void WriteLine(string line) => AnsiConsole.WriteLine(line);

        protected override void OnPlan(PlanEvent plan)
        {
            stepsPerEpoch = plan.StepsPerEpoch;
            started.Task.Result.MaxValue = plan.TotalSteps;
        }

        protected override void OnStep(StepEvent step)
        {
            var task = started.Task.Result;
            task.Value = step.Step;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"epoch {step.Epoch}, step {(step.Step - 1) % stepsPerEpoch + 1}/{stepsPerEpoch}, loss {step.Loss:F3}");
        }
    }
}
