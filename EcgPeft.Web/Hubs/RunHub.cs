using EcgPeft.Core;
using Microsoft.AspNetCore.SignalR;

namespace EcgPeft.Web.Hubs;

/// <summary>The live curves of runs: a snapshot, then increments.</summary>
internal sealed class RunHub(RunWatches watches) : Hub<IRunClient>
{
    /// <summary>Everything so far; from now on <see cref="IRunClient.Increment"/> brings what follows. Asked again, it starts anew.</summary>
    /// <param name="runId">The run.</param>
    /// <exception cref="HubException">There is no such run, or its folder cannot be read.</exception>
    public CurveSnapshot Watch(string runId)
    {
        try
        {
            return watches.Add(Context.ConnectionId, runId);
        }
        catch (UserInputException e)
        {
            throw new HubException(e.Message, e);
        }
    }

    /// <summary>Ends the increments of a run.</summary>
    /// <param name="runId">The run.</param>
    public void Unwatch(string runId) => watches.Remove(Context.ConnectionId, runId);

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watches.RemoveAll(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}
