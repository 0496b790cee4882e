using System.Collections.Concurrent;

namespace EcgPeft.Web.Api;

/// <summary>How far the server is with checking uploaded files; the page that waits looks its own up.</summary>
internal sealed class ImportProgress
{
    private readonly ConcurrentDictionary<Guid, double> _shares = [];

    /// <summary>The share that is done, 0 to 1, or null while nothing is known.</summary>
    public double? Of(Guid import) => _shares.TryGetValue(import, out var share) ? share : null;

    public void Report(Guid import, double share) => _shares[import] = share;

    public void Forget(Guid import) => _shares.TryRemove(import, out _);
}
