using System.Net;

namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>
/// Gets files of model repositories from a Hugging Face hub into the cache that the Python tools use too
/// (docs/hub/local-cache of the hub's documentation; requests as huggingface_hub's <c>file_download.py</c> makes them).
/// Safe to use from several threads and processes at once.
/// </summary>
public sealed class HubClient : IDisposable
{
    /// <summary>The branch that is meant when no revision is named.</summary>
    public const string MainRevision = "main";

    private const string SafetensorsName = "model.safetensors", IndexName = "model.safetensors.index.json", PyTorchName = "pytorch_model.bin";

    private readonly HubOptions _options;
    private readonly HttpClient _http;
    private readonly HubRequests _requests;

    /// <summary>Creates a client.</summary>
    /// <param name="options">Usually <see cref="HubOptions.FromEnvironment"/>.</param>
    public HubClient(HubOptions options)
    {
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = TimeSpan.FromSeconds(15) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // silence is what is limited, not duration
        };
        _requests = new HubRequests(options, _http);
    }

    /// <summary>
    /// Gets what is needed to load a model, all of one commit: <c>config.json</c>, <c>preprocessor_config.json</c> if there is one,
    /// and the weights as <c>model.safetensors</c>, else its shards with their index, else <c>pytorch_model.bin</c>.
    /// </summary>
    /// <param name="repository">For example <c>facebook/wav2vec2-base</c>.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="checkpoint">The one weights file to get instead, for example a fairseq <c>.pt</c>; then <c>config.json</c> may be absent.</param>
    /// <param name="progress">Receives each file's progress.</param>
    /// <param name="cancel">Stops the download; what has come is kept for the next attempt.</param>
    /// <returns>The snapshot folder with these files under their names.</returns>
    /// <exception cref="HubException">The model cannot be had; the message says why.</exception>
    public async Task<string> DownloadModelAsync(
        string repository, string revision = MainRevision, string? checkpoint = null, IProgress<HubProgress>? progress = null, CancellationToken cancel = default)
    {
        // The first file that is certain to be there fixes the commit for all others.
        var commit = revision;
        async Task<string?> TryGet(string file)
        {
            var path = await TryDownloadAsync(repository, file, commit, progress, cancel).ConfigureAwait(false);
            if (path is not null && commit == revision) commit = new HubCache(_options.CacheFolder, repository).Commit(revision) ?? revision;
            return path;
        }

        var weights = checkpoint ?? "config.json";
        if (await TryGet(weights).ConfigureAwait(false) is null) throw HubRequests.Missing(repository, revision, weights);
        if (checkpoint is not null) await TryGet("config.json").ConfigureAwait(false);
        await TryGet("preprocessor_config.json").ConfigureAwait(false);
        if (checkpoint is null && await TryGet(SafetensorsName).ConfigureAwait(false) is null)
        {
            if (await TryGet(IndexName).ConfigureAwait(false) is { } index)
            {
                foreach (var shard in SafetensorsIndex.ShardNames(index))
                {
                    if (await TryGet(shard).ConfigureAwait(false) is null) throw HubRequests.Missing(repository, revision, shard);
                }
            }
            else if (await TryGet(PyTorchName).ConfigureAwait(false) is null)
            {
                throw new HubException($"{repository} at revision '{revision}' has neither {SafetensorsName} nor {PyTorchName}; name the checkpoint file to get.");
            }
        }
        var resolved = new HubCache(_options.CacheFolder, repository);
        return resolved.Snapshot(resolved.Commit(commit) ?? commit);
    }

    /// <summary>Gets one file.</summary>
    /// <param name="repository">For example <c>facebook/wav2vec2-base</c>.</param>
    /// <param name="file">Its path in the repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancel">Stops the download; what has come is kept for the next attempt.</param>
    /// <returns>The file's path in the cache's snapshot folder.</returns>
    /// <exception cref="HubException">The file cannot be had; the message says why.</exception>
    public async Task<string> DownloadAsync(string repository, string file, string revision = MainRevision, IProgress<HubProgress>? progress = null, CancellationToken cancel = default) =>
        await TryDownloadAsync(repository, file, revision, progress, cancel).ConfigureAwait(false) ?? throw HubRequests.Missing(repository, revision, file);

    /// <summary>The file in the cache, without asking the hub; null if it is not there.</summary>
    /// <param name="repository">For example <c>facebook/wav2vec2-base</c>.</param>
    /// <param name="file">Its path in the repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <exception cref="HubException">A name is malformed.</exception>
    public string? FindCached(string repository, string file, string revision = MainRevision)
    {
        HubNames.CheckRepository(repository);
        HubNames.CheckFile(file);
        HubNames.CheckRevision(revision);
        var cache = new HubCache(_options.CacheFolder, repository);
        return cache.Commit(revision) is { } commit && cache.Pointer(commit, file) is var path && HubCache.Find(path) is not null ? path : null;
    }

    private async Task<string?> TryDownloadAsync(string repository, string file, string revision, IProgress<HubProgress>? progress, CancellationToken cancel)
    {
        var cached = FindCached(repository, file, revision);
        if (cached is not null && (_options.Offline || HubNames.IsCommit(revision))) return cached;
        if (_options.Offline)
        {
            // Which optional files the repository has is not known offline; only a cached snapshot can answer.
            var cache = new HubCache(_options.CacheFolder, repository);
            if (cache.Commit(revision) is { } known && Directory.Exists(cache.Snapshot(known))) return null;
            throw new HubException($"{repository} is not in the cache {_options.CacheFolder} and HF_HUB_OFFLINE is set; remove that setting to download it.");
        }
        try
        {
            var info = await _requests.InfoAsync(repository, revision, file, cancel).ConfigureAwait(false);
            return info is null ? null : await FetchAsync(repository, file, revision, info, progress, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"The cache folder {_options.CacheFolder} cannot be written ({e.Message.TrimEnd('.')}); make room, or set HF_HOME to a folder that can be written.", e);
        }
    }

    private async Task<string> FetchAsync(string repository, string file, string revision, HubFileInfo info, IProgress<HubProgress>? progress, CancellationToken cancel)
    {
        var cache = new HubCache(_options.CacheFolder, repository);
        var blob = cache.Blob(info.ETag);
        if (!IsWhole(blob, info))
        {
            using var _ = await cache.LockAsync(info.ETag, cancel).ConfigureAwait(false);
            // Another process may have brought it while this one waited.
            if (!IsWhole(blob, info)) await new HubDownload(_options, _requests, repository, file, info, progress).RunAsync(blob, cancel).ConfigureAwait(false);
        }
        cache.WriteRef(revision, info.Commit);
        var pointer = cache.Pointer(info.Commit, file);
        return IsWhole(pointer, info) ? pointer : cache.Link(info.Commit, file, info.ETag);
    }

    /// <summary>A file of another length (a copy cut short, a disk that was full) counts as absent.</summary>
    private static bool IsWhole(string path, HubFileInfo info) => HubCache.Find(path) is { } file && (info.Size is null || file.Length == info.Size);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();
}
