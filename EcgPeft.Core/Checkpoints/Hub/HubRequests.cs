using System.Net;
using System.Net.Http.Headers;

namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>What the hub says of a file before its bytes.</summary>
/// <param name="Commit">The commit that the revision is now.</param>
/// <param name="ETag">The blob's name; the content's SHA-256 for large files.</param>
/// <param name="Size">In bytes; null if not said.</param>
internal sealed record HubFileInfo(string Commit, string ETag, long? Size);

/// <summary>The hub's requests: redirects followed by hand so that the token never leaves the endpoint, answers turned into sentences.</summary>
internal sealed class HubRequests(HubOptions options, HttpClient http)
{
    private const int MaxRedirects = 10;

    public string Address(string repository, string revision, string file) =>
        $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{repository}/resolve/{Uri.EscapeDataString(revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>HEAD; null if the repository has no such file.</summary>
    public async Task<HubFileInfo?> InfoAsync(string repository, string revision, string file, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // The hub's own answer carries the commit and the ETag; where it redirects to a store, that store's answer does not.
                using var response = await SendAsync(HttpMethod.Head, new Uri(Address(repository, revision, file)), null, leaveHub: false, cancel).ConfigureAwait(false);
                if (IsTransient(response.StatusCode) && attempt < options.Attempts) await PauseAsync(attempt, cancel).ConfigureAwait(false);
                else if (response.StatusCode == HttpStatusCode.NotFound && Header(response, "X-Error-Code") is null or "EntryNotFound") return null;
                else return Info(response, repository, revision, file);
            }
            catch (HttpRequestException) when (attempt < options.Attempts)
            {
                await PauseAsync(attempt, cancel).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                throw Unreachable(e);
            }
        }
    }

    /// <summary>GET from a byte on; any redirects followed. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage> GetAsync(string repository, string commit, string file, long from, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, new Uri(Address(repository, commit, file)), from > 0 ? new RangeHeaderValue(from, null) : null, leaveHub: true, cancel);

    public static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    public Task PauseAsync(int attempt, CancellationToken cancel) => Task.Delay(options.RetryDelay * Math.Pow(2, attempt - 1), cancel);

    public HubException Unreachable(Exception e) =>
        new($"The hub {options.Endpoint.Host} cannot be reached ({e.Message.TrimEnd('.')}); check the connection or HF_ENDPOINT, or use a folder with the model's files.", e);

    public HubException Refused(HttpResponseMessage response, string repository, string revision, string file) => (int)response.StatusCode switch
    {
        401 or 403 => new($"The hub does not give out {repository} ({(int)response.StatusCode}): it does not exist, is private, or its licence must be accepted at {options.Endpoint.AbsoluteUri.TrimEnd('/')}/{repository} first; then set HF_TOKEN to your access token."),
        404 when Header(response, "X-Error-Code") == "RevisionNotFound" => new($"{repository} has no revision '{revision}'; leave it out for the main one."),
        404 when Header(response, "X-Error-Code") == "RepoNotFound" => new($"The hub has no repository {repository}; check the spelling."),
        404 => Missing(repository, revision, file),
        429 => new($"The hub {options.Endpoint.Host} asks to slow down (429); try again in a few minutes."),
        var status => new($"The hub {options.Endpoint.Host} answered {status} for {file} of {repository}; try again later."),
    };

    public static HubException Missing(string repository, string revision, string file) =>
        new($"{repository} at revision '{revision}' has no file {file}, or there is no such repository; check the spelling.");

    private HubFileInfo Info(HttpResponseMessage response, string repository, string revision, string file)
    {
        if ((int)response.StatusCode is not (>= 200 and < 400)) throw Refused(response, repository, revision, file);
        var commit = Header(response, "X-Repo-Commit");
        var etag = (Header(response, "X-Linked-Etag") ?? response.Headers.ETag?.Tag ?? Header(response, "ETag"))?.Trim();
        if (etag?.StartsWith("W/", StringComparison.Ordinal) == true) etag = etag[2..];
        etag = etag?.Trim('"');
        if (commit is null || !HubNames.IsPlain(commit) || etag is null || !HubNames.IsPlain(etag))
        {
            throw new HubException($"{options.Endpoint} did not answer as a hub does (no usable X-Repo-Commit and ETag for {file}); check HF_ENDPOINT.");
        }
        var linked = Header(response, "X-Linked-Size");
        var isRedirect = (int)response.StatusCode >= 300; // then the length is that of the redirect's own text
        long? size = linked is null ? (isRedirect ? null : response.Content.Headers.ContentLength) : long.TryParse(linked, out var bytes) && bytes >= 0 ? bytes : null;
        return new HubFileInfo(commit, etag, size);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, RangeHeaderValue? range, bool leaveHub, CancellationToken cancel)
    {
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.AcceptEncoding.ParseAdd("identity");
            request.Headers.UserAgent.ParseAdd("ecgpeft");
            request.Headers.Range = range;
            if (options.Token is not null && IsHub(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
            var response = await SendOnceAsync(request, cancel).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            var next = new Uri(address, location);
            if (!leaveHub && !IsHub(next)) return response;
            response.Dispose();
            if (next.Scheme != "https" && (next.Scheme != "http" || address.Scheme == "https")) throw new HubException($"The hub redirects to {next.Scheme}://{next.Host}, which is less secure than {address.Scheme}; nothing was downloaded from there.");
            address = next;
        }
        throw new HubException($"The hub {options.Endpoint.Host} redirects more than {MaxRedirects} times; try again later.");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(options.SilenceLimit);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {options.SilenceLimit.TotalSeconds:0} seconds", e);
        }
    }

    private bool IsHub(Uri address) => Uri.Compare(address, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
