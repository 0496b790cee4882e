using System.Threading.Channels;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Live;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EcgPeft.Tests.Web;

/// <summary>The hub as the chart module uses it, with this process as the worker, so that each step comes when the test wants it.</summary>
public sealed class RunHubTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Snapshot_and_increments_join_without_gap_or_duplicate()
    {
        var folder = RunSamples.NewRun(fixture.Web.Root);
        var steps = Channel.CreateUnbounded<double>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = Task.Run(() => RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(RunSamples.Plan);
            begun.SetResult();
            var step = 0;
            while (steps.Reader.WaitToReadAsync(Cancel).AsTask().GetAwaiter().GetResult())
                while (steps.Reader.TryRead(out var loss)) report(RunSamples.Step(++step) with { Loss = loss });
            RunSamples.Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }, Cancel), Cancel);

        await using var hub = Connection();
        var increments = Channel.CreateUnbounded<CurveIncrement>();
        hub.On<string, CurveIncrement>("Increment", (id, increment) =>
        {
            Assert.Equal(folder.Id, id);
            increments.Writer.TryWrite(increment);
        });
        await hub.StartAsync(Cancel);
        await begun.Task.WaitAsync(TestData.Patience, Cancel);
        var snapshot = await hub.InvokeAsync<CurveSnapshot>("Watch", folder.Id, Cancel);

        var seen = snapshot.Steps.Step.ToList();
        var losses = snapshot.Steps.Loss.ToList();
        var sequence = snapshot.Sequence;
        for (var step = 1; step <= 40; step++) steps.Writer.TryWrite(step == 7 ? double.NaN : 1.0 / step);
        while (seen.Count < 40)
        {
            var increment = await increments.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TestData.Patience, Cancel);
            Assert.Equal(sequence, increment.FromSequence);
            sequence = increment.ToSequence;
            seen.AddRange(increment.Steps.Step);
            losses.AddRange(increment.Steps.Loss);
        }
        Assert.Equal(Enumerable.Range(1, 40).Select(step => (long)step), seen);
        Assert.True(double.IsNaN(losses[6]));

        steps.Writer.Complete();
        Assert.Equal(0, await worker);
        var after = await hub.InvokeAsync<CurveSnapshot>("Watch", folder.Id, Cancel);
        Assert.Equal(seen, after.Steps.Step);
    }

    [Fact]
    public async Task A_hundred_thousand_points_come_thinned_and_a_zoom_brings_its_stretch()
    {
        var folder = RunSamples.NewRun(fixture.Web.Root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        await using (var events = new StreamWriter(folder.EventsFile, append: true))
            for (var step = 1; step <= 100_000; step++)
                await events.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize<RunEvent>(RunSamples.Step(step) with { Loss = step == 77_777 ? 50 : 1 }, ProductJson.Line));

        await using var hub = Connection();
        await hub.StartAsync(Cancel);
        var snapshot = await hub.InvokeAsync<CurveSnapshot>("Watch", folder.Id, Cancel);
        Assert.Equal(100_000, snapshot.TotalSteps);
        Assert.InRange(snapshot.Steps.Step.Count, 2, 5000);
        Assert.Equal(77_777, snapshot.Steps.Step[snapshot.Steps.Loss.ToList().IndexOf(50)]);

        var window = await hub.InvokeAsync<StepWindow>("Steps", folder.Id, 77_000L, 78_999L, 400, Cancel);
        Assert.Equal(2000, window.Total);
        Assert.Equal((77_000L, 78_999L), (window.Steps.Step[0], window.Steps.Step[^1]));
        Assert.Contains(50, window.Steps.Loss);
        var closest = await hub.InvokeAsync<StepWindow>("Steps", folder.Id, 77_770L, 77_790L, 400, Cancel);
        Assert.Equal(Enumerable.Range(77_770, 21).Select(step => (long)step), closest.Steps.Step);
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_named_in_a_sentence()
    {
        await using var hub = Connection();
        await hub.StartAsync(Cancel);
        foreach (var id in new[] { "nobody", "../../etc", "" })
            Assert.Contains("There is no run", (await Assert.ThrowsAsync<HubException>(() => hub.InvokeAsync<CurveSnapshot>("Watch", id, Cancel))).Message, StringComparison.Ordinal);
    }

    private HubConnection Connection() => new HubConnectionBuilder()
        .WithUrl(fixture.Web.Address + "/hubs/runs")
        .AddJsonProtocol(options => options.PayloadSerializerOptions = new(ProductJson.Line))
        .Build();
}
