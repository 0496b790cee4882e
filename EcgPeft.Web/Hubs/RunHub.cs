using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Live;
using Microsoft.AspNetCore.SignalR;

namespace EcgPeft.Web.Hubs;

/// <summary>The live curves of runs: a snapshot, then increments.</summary>
internal sealed class RunHub(RunWatches watches, RunFeed feed) : Hub<IRunClient>
{
    /// <summary>Everything so far, long curves thinned; from now on <see cref="IRunClient.Increment"/> brings every step that follows. Asked again, it starts anew.</summary>
    /// <param name="runId">The run.</param>
    /// <exception cref="HubException">There is no such run, or its folder cannot be read.</exception>
    public CurveSnapshot Watch(string runId) => Answer(() => watches.Add(Context.ConnectionId, runId));

    /// <summary>
    /// A stretch of the step curves for a chart that is zoomed in: of each bucket the first and last step and, for each curve, the lowest
    /// and the highest, so no spike is lost at any zoom.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="from">First step.</param>
    /// <param name="to">Last step.</param>
    /// <param name="buckets">Pixels of the chart; at most 4,096.</param>
    /// <exception cref="HubException">There is no such run, or its folder cannot be read.</exception>
    public StepWindow Steps(string runId, long from, long to, int buckets) => Answer(() => StepWindow.Of(feed.Window(runId, from, to, buckets)));

    /// <summary>Ends the increments of a run.</summary>
    /// <param name="runId">The run.</param>
    public void Unwatch(string runId) => watches.Remove(Context.ConnectionId, runId);

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watches.RemoveAll(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }

    private static T Answer<T>(Func<T> question)
    {
        try
        {
            return question();
        }
        catch (UserInputException e)
        {
            throw new HubException(e.Message, e);
        }
    }
}
