using EcgPeft.Core.Runs;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace EcgPeft.Web.Hosting;

/// <summary>What a page does, it does for the user of its own web socket's handshake: the one request that lasts as long as the page.</summary>
internal sealed class CircuitActor(CurrentUser user) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        using (Actor.Begin(user.Actor)) await next(context);
    };
}

/// <summary>Who looks at a page.</summary>
/// <param name="state">The user of the page's web socket.</param>
/// <param name="users">The configured proxies; null where users are not known.</param>
public sealed class CurrentUser(AuthenticationStateProvider state, UserSettings users)
{
    /// <summary>Whether users are known here; otherwise no page speaks of owners.</summary>
    public bool IsKnown => users.Known;

    /// <summary>The user's name; null where users are not known.</summary>
    public string? Name => Actor?.Name;

    internal Actor? Actor => users.Known ? new Actor(state.GetAuthenticationStateAsync().GetAwaiter().GetResult().User.Identity?.Name) : null;

    /// <summary>Whether this user may change what belongs to somebody.</summary>
    /// <param name="owner">To whom it belongs; null for nobody.</param>
    public bool May(string? owner) => Actor is not { } actor || actor.Owns(owner);
}

/// <summary>Whether users are known.</summary>
/// <param name="Known">A proxy is configured that names them.</param>
public sealed record UserSettings(bool Known);
