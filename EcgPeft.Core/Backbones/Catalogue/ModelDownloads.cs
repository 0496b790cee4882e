using System.Collections.Concurrent;
using EcgPeft.Core.Checkpoints.Hub;

namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>A download that is running, or how the last one ended.</summary>
/// <param name="File">File that is coming; null before the hub has answered.</param>
/// <param name="BytesDone">Bytes of it that are here.</param>
/// <param name="BytesTotal">Its size; null while the hub has not said it.</param>
/// <param name="Failure">Why the last attempt failed: one sentence; null while it runs.</param>
public sealed record ModelDownload(string? File, long BytesDone, long? BytesTotal, string? Failure)
{
    /// <summary>Share of the weights that is here, 0 to 1; a model's small files do not count.</summary>
    public double Share => IsWeights && BytesTotal is > 0 ? (double)BytesDone / BytesTotal.Value : 0;

    private bool IsWeights => File is not null && !File.EndsWith(".json", StringComparison.Ordinal);
}

/// <summary>Downloads in the background, one a model, which belong to the process and not to a page. Safe to use from several threads.</summary>
/// <param name="catalogue">Gets the models.</param>
public sealed class ModelDownloads(ModelCatalogue catalogue) : IDisposable
{
    private readonly ConcurrentDictionary<string, ModelDownload> present = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CancellationTokenSource> running = new(StringComparer.Ordinal);
    private readonly Lock starting = new();

    /// <summary>Something about a download has changed; raised on any thread, and often.</summary>
    public event Action? Changed;

    /// <summary>The models of which a download is running or has failed.</summary>
    public IReadOnlyList<string> Ids => [.. present.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The download of a model; null where none is running and none has failed.</summary>
    /// <param name="id">The model's id.</param>
    public ModelDownload? Of(string id) => present.GetValueOrDefault(id);

    /// <summary>Starts a download, or does nothing where it is running.</summary>
    /// <param name="id">The model's id.</param>
    public void Start(string id)
    {
        CancellationTokenSource cancel;
        lock (starting)
        {
            if (running.ContainsKey(id)) return;
            running[id] = cancel = new CancellationTokenSource();
        }
        Show(id, new ModelDownload(null, 0, null, null));
        _ = Task.Run(() => RunAsync(id, cancel), CancellationToken.None);
    }

    /// <summary>Stops a download; what has come is kept, and the next one goes on from there.</summary>
    /// <param name="id">The model's id.</param>
    public void Cancel(string id)
    {
        lock (starting)
            if (running.TryGetValue(id, out var cancel)) cancel.Cancel();
    }

    /// <summary>Takes note that a failure has been read.</summary>
    /// <param name="id">The model's id.</param>
    public void Dismiss(string id)
    {
        lock (starting)
            if (!running.ContainsKey(id)) present.TryRemove(id, out _);
        Changed?.Invoke();
    }

    /// <summary>Stops all downloads.</summary>
    public void Dispose()
    {
        lock (starting)
            foreach (var cancel in running.Values) cancel.Cancel();
    }

    private async Task RunAsync(string id, CancellationTokenSource cancel)
    {
        string? failure = null;
        try
        {
            await catalogue.PullAsync(id, new Reported(progress => Show(id, new ModelDownload(progress.File, progress.BytesDone, progress.BytesTotal, null))), cancel.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // A person wanted that.
        }
        catch (Exception e)
        {
            failure = e is UserInputException ? e.Message : $"The download failed: {e.Message}";
        }
        lock (starting)
        {
            running.Remove(id);
            cancel.Dispose();
            if (failure is null) present.TryRemove(id, out _);
            else present[id] = new ModelDownload(null, 0, null, failure);
        }
        Changed?.Invoke();
    }

    private void Show(string id, ModelDownload download)
    {
        present[id] = download;
        Changed?.Invoke();
    }

    // Progress<T> would report through the thread pool, out of order.
    private sealed class Reported(Action<HubProgress> report) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => report(value);
    }
}
