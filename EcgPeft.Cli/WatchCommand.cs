using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Live;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft watch</c>: follows a run of a dashboard, here or elsewhere, over SignalR.</summary>
internal static class WatchCommand
{
    private const string Default = "http://127.0.0.1:5080";

    private static readonly JsonSerializerOptions Reading = new(ProductJson.Line) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "Id of the run." };
        var url = new Option<string>("--url") { Description = "Where the dashboard is.", HelpName = "URL", DefaultValueFactory = _ => Default };
        var token = new Option<string?>("--token") { Description = "The dashboard's access token; by default EcgPeft:AccessToken of this machine's settings.", HelpName = "SECRET" };
        var command = new Command("watch", "Follow a run of a dashboard until it ends; exit code 0 for completed, 1 for failed or interrupted, 130 for stopped.") { run, url, token };
        command.SetAction((parsed, cancel) => FollowAsync(parsed.GetRequiredValue(run), Address(parsed.GetRequiredValue(url)), parsed.GetValue(token) ?? ProductSettings.AccessToken(), cancel));
        return command;
    }

    private static Uri Address(string url) => Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new UserInputException($"'{url}' is no address of a dashboard; give --url such as {Default}.");

    private static async Task<int> FollowAsync(string id, Uri address, string? token, CancellationToken cancel)
    {
        await using var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(address, "hubs/runs"), options => options.AccessTokenProvider = () => Task.FromResult(token))
            .AddJsonProtocol(options => options.PayloadSerializerOptions = Reading)
            .WithAutomaticReconnect([.. Enumerable.Range(0, 20).Select(attempt => TimeSpan.FromSeconds(Math.Min(attempt, 10)))])
            .Build();
        // Null: the connection is new, so is the snapshot.
        var increments = Channel.CreateUnbounded<CurveIncrement?>();
        hub.On<string, CurveIncrement>(nameof(IRunClient.Increment), (run, increment) => increments.Writer.TryWrite(run == id ? increment : null));
        hub.Reconnected += _ =>
        {
            increments.Writer.TryWrite(null);
            return Task.CompletedTask;
        };
        hub.Closed += _ =>
        {
            increments.Writer.TryComplete();
            return Task.CompletedTask;
        };
        await ConnectAsync(hub, address, token, cancel);

        var shown = new Shown();
        while (true)
        {
            var snapshot = await AskAsync(hub, id, cancel);
            shown.Show(snapshot.Steps, snapshot.Epochs, snapshot.Run);
            var (sequence, run) = (snapshot.Sequence, snapshot.Run);
            while (!IsAtRest(run.Status))
            {
                if (!await increments.Reader.WaitToReadAsync(cancel)) throw new UserInputException($"The dashboard at {address} is gone; the run goes on without it. Watch again when it is back.");
                increments.Reader.TryRead(out var next);
                if (next is not null && next.ToSequence <= sequence) continue; // it is in the snapshot
                if (next is null || next.FromSequence != sequence) break;
                shown.Show(next.Steps, next.Epochs, next.Run);
                (sequence, run) = (next.ToSequence, next.Run);
            }
            if (IsAtRest(run.Status)) return Shown.End(run);
        }
    }

    private static bool IsAtRest(RunStatus status) => !(status == RunStatus.Queued || RunLife.HasWorker(status));

    private static async Task ConnectAsync(HubConnection hub, Uri address, string? token, CancellationToken cancel)
    {
        try
        {
            await hub.StartAsync(cancel);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.Unauthorized)
        {
            throw new UserInputException(token is null ? $"The dashboard at {address} asks for its access token; give it with --token." : $"The dashboard at {address} does not know this access token.", e);
        }
        catch (HttpRequestException e)
        {
            throw new UserInputException($"There is no dashboard to be reached at {address} ({e.Message.TrimEnd('.')}); start it, or give its address with --url.", e);
        }
    }

    private static async Task<CurveSnapshot> AskAsync(HubConnection hub, string id, CancellationToken cancel)
    {
        try
        {
            return await hub.InvokeAsync<CurveSnapshot>("Watch", id, cancel);
        }
        catch (HubException e)
        {
            // "An unexpected error occurred invoking 'Watch' on the server. HubException: the sentence"
            var at = e.Message.IndexOf("HubException: ", StringComparison.Ordinal);
            throw new UserInputException(at < 0 ? e.Message : e.Message[(at + "HubException: ".Length)..], e);
        }
    }

    /// <summary>What has been printed; after a new connection nothing is printed twice.</summary>
    private sealed class Shown
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

        private int _epoch;
        private RunStatus? _status;
        private DateTime _said;

        public void Show(StepColumns steps, IReadOnlyList<EpochPoint> epochs, RunStanding run)
        {
            if (run.Status != _status && !IsAtRest(run.Status))
            {
                Console.WriteLine(run.Message is { } message ? $"{Word(run.Status)}: {message}" : Word(run.Status));
                if (_status == RunStatus.Queued) _epoch = 0;
            }
            _status = run.Status;
            foreach (var epoch in epochs.Where(epoch => epoch.Epoch > _epoch))
            {
                _epoch = epoch.Epoch;
                Console.WriteLine(Line(epoch, run));
            }
            if (steps.Step.Count == 0 || IsAtRest(run.Status) || DateTime.UtcNow - _said < Pause) return;
            _said = DateTime.UtcNow;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {steps.Step[^1]}{(run.TotalSteps is { } total ? $" of {total}" : "")}: loss {steps.Loss[^1]:F4}, {steps.SegmentsPerSecond[^1]:F0} segments/s"));
        }

        public static int End(RunStanding run)
        {
            if (run.Test is { } test) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"test: accuracy {test.Accuracy:F3}, precision {test.Precision:F3}, recall {test.Recall:F3}, F1 {test.F1:F3}, AUROC {Number(test.Auroc)}"));
            Console.WriteLine(run.Message is { } message ? $"{Word(run.Status)}: {message}" : Word(run.Status));
            return run.Status switch { RunStatus.Completed => 0, RunStatus.Stopped => RunWorker.StoppedExitCode, _ => 1 };
        }

        private static string Line(EpochPoint e, RunStanding run) => string.Create(CultureInfo.InvariantCulture,
            $"epoch {e.Epoch} of {run.Epochs}: training loss {e.TrainingLoss:F4}, validation loss {e.ValidationLoss:F4}{(e.F1 is { } f1 ? $", F1 {f1:F3}, AUROC {Number(e.Auroc)}" : "")} ({e.Seconds:F1} s){(e.Best ? ", best so far" : "")}");

        private static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "undefined";

        private static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
    }
}
