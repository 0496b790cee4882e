namespace EcgPeft.Core.Runs;

/// <summary>
/// For whom the code at work acts, where an authenticating proxy names users. It flows with the execution, also into tasks that are started meanwhile.
/// Without one (the command line, the product's own threads, a dashboard without such a proxy) everything is permitted.
/// </summary>
/// <param name="Name">The user; null for a request that names none: it may look and change nothing.</param>
public sealed record Actor(string? Name)
{
    private static readonly AsyncLocal<Actor?> Acting = new();

    /// <summary>Who acts; null where there are no users.</summary>
    public static Actor? Current => Acting.Value;

    /// <summary>Whether whoever acts may change what belongs to somebody.</summary>
    /// <param name="owner">To whom it belongs; null for nobody.</param>
    public static bool May(string? owner) => Current is not { } actor || actor.Owns(owner);

    /// <summary>Acts for somebody until disposed.</summary>
    /// <param name="actor">For whom; null for the product itself.</param>
    public static IDisposable Begin(Actor? actor)
    {
        var before = Acting.Value;
        Acting.Value = actor;
        return new Ending(before);
    }

    /// <summary>Whether something is this user's own. What belongs to nobody is nobody's.</summary>
    /// <param name="owner">To whom it belongs; null for nobody.</param>
    public bool Owns(string? owner) => Name is not null && Name == owner;

    /// <summary>Refuses a change of what is not one's own.</summary>
    /// <param name="owner">To whom it belongs.</param>
    /// <param name="kind">A word: run or study.</param>
    /// <param name="id">Its id.</param>
    /// <exception cref="NotYoursException">It is not the acting user's.</exception>
    internal static void Demand(string? owner, string kind, string id)
    {
        if (May(owner)) return;
        if (Current!.Name is not { } name) throw Nobody();
        throw new NotYoursException(owner is null
            ? $"The {kind} {id} belongs to nobody, and {name} can change only {name}'s own; on the server, 'ecgpeft runs give {id} {name}' gives it to {name}."
            : $"The {kind} {id} belongs to {owner}; {name} can look at it and clone it, but only {owner} can change, stop or delete it.");
    }

    /// <summary>To whom belongs what is made now; null where there are no users.</summary>
    /// <exception cref="NotYoursException">Who acts is not known.</exception>
    internal static string? OwnerOfNew() => Current is { } actor ? actor.Name ?? throw Nobody() : null;

    private static NotYoursException Nobody() => new("This request names no user, so it can only look; come through the proxy that logs users in.");

    private sealed class Ending(Actor? before) : IDisposable
    {
        public void Dispose() => Acting.Value = before;
    }
}

/// <summary>A user wants to change what is not the user's own.</summary>
/// <param name="message">Whose it is and what to do.</param>
public sealed class NotYoursException(string message) : UserInputException(message);
