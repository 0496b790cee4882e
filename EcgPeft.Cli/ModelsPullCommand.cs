using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints.Hub;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft models pull ID</c>: a model from the hub, into the cache that the Python tools use too.</summary>
internal static class ModelsPullCommand
{
    private const int Stopped = 130;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "Organisation and name on the hub, for example facebook/wav2vec2-base; /file.pt names one checkpoint, @revision a branch, tag or commit." };
        var command = new Command("pull", "Download a model from the Hugging Face hub (HF_ENDPOINT, HF_TOKEN and HF_HOME are followed); goes on where a broken download ended.") { id };
        command.SetAction(parsed => Pull(parsed.GetRequiredValue(id)));
        return command;
    }

    private static int Pull(string id)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var catalogue = new ModelCatalogue(ProductSettings.DataRoot());
        try
        {
            var path = Console.IsOutputRedirected
                ? catalogue.PullAsync(id, new PlainProgress(), stop.Token).GetAwaiter().GetResult()
                : AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
                    .Start(context => catalogue.PullAsync(id, new BarProgress(context), stop.Token).GetAwaiter().GetResult());
            Console.Out.WriteLine($"{id} is ready in {path}");
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; what has come of {id} is kept, and the next pull goes on from there.");
            return Stopped;
        }
    }

    /// <summary>A line for every tenth of a file.</summary>
    private sealed class PlainProgress : IProgress<HubProgress>
    {
        private (string File, int Tenth) last = ("", -1);

        public void Report(HubProgress value)
        {
            var tenth = value.BytesTotal is > 0 ? (int)(10 * value.BytesDone / value.BytesTotal.Value) : 0;
            if (last == (value.File, tenth)) return;
            last = (value.File, tenth);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.File}: {10 * tenth} %, {value.BytesDone} of {value.BytesTotal?.ToString(CultureInfo.InvariantCulture) ?? "?"} bytes"));
        }
    }

    /// <summary>A bar for every file.</summary>
    private sealed class BarProgress(ProgressContext context) : IProgress<HubProgress>
    {
        private readonly Dictionary<string, ProgressTask> tasks = [];

        public void Report(HubProgress value)
        {
            if (!tasks.TryGetValue(value.File, out var task)) tasks[value.File] = task = context.AddTask(Markup.Escape(value.File));
            task.IsIndeterminate = value.BytesTotal is null;
            task.MaxValue = Math.Max(1, value.BytesTotal ?? value.BytesDone);
            task.Value = value.BytesDone;
        }
    }
}
