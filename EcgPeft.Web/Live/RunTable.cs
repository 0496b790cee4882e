using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Live;

/// <summary>All runs, kept true for a page: renders at most four times a second, whatever happens.</summary>
internal sealed class RunTable : IDisposable
{
    private readonly RunMonitor _monitor;
    private readonly RunStudies? _studies;
    private readonly Coalescer _coalescer;
    private readonly IDisposable _changed, _removed;

    /// <param name="monitor">Knows the runs.</param>
    /// <param name="feed">Tells of changes.</param>
    /// <param name="render">Passes on to the component's dispatcher and renders.</param>
    /// <param name="studies">Knows the runs' studies, for a page that shows them.</param>
    public RunTable(RunMonitor monitor, RunFeed feed, Func<Task> render, RunStudies? studies = null)
    {
        _monitor = monitor;
        _studies = studies;
        _coalescer = new Coalescer(render, TimeSpan.FromMilliseconds(250));
        _changed = feed.SubscribeAll(_ => _coalescer.Signal());
        _removed = feed.SubscribeRemoved(_ => _coalescer.Signal());
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RunSummary> Runs => [.. (_studies?.Named(_monitor.Runs) ?? _monitor.Runs).OrderByDescending(run => run.CreatedUtc).ThenByDescending(run => run.Id, StringComparer.Ordinal)];

    public void Dispose()
    {
        _changed.Dispose();
        _removed.Dispose();
        _coalescer.Dispose();
    }
}
