using System.Threading.Channels;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A worker in this process that does the steps that a test tells it to, and then ends well.</summary>
internal sealed class LiveWorker
{
    private readonly Channel<RunEvent> _events = Channel.CreateUnbounded<RunEvent>();
    private readonly Task<int> _work;

    /// <param name="folder">The run.</param>
    /// <param name="plan">What it reports first.</param>
    public LiveWorker(RunFolder folder, PlanEvent plan)
    {
        var cancel = TestContext.Current.CancellationToken;
        _work = Task.Run(() => RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(plan);
            while (_events.Reader.WaitToReadAsync(cancel).AsTask().GetAwaiter().GetResult())
                while (_events.Reader.TryRead(out var happened)) report(happened);
            RunSamples.Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }, cancel), cancel);
    }

    public void Report(RunEvent happened) => _events.Writer.TryWrite(happened);

    public void Steps(int from, int to)
    {
        for (var step = from; step <= to; step++) Report(RunSamples.Step(step));
    }

    public async Task EndAsync()
    {
        _events.Writer.TryComplete();
        Assert.Equal(0, await _work);
    }
}
