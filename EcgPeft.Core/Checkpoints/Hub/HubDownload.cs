using System.Net;
using System.Security.Cryptography;

namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>Brings one blob into the cache: streams, resumes what an earlier attempt or process left, verifies, then renames.</summary>
internal sealed class HubDownload(HubOptions options, HubRequests requests, string repository, string file, HubFileInfo info, IProgress<HubProgress>? progress)
{
    private const int BufferSize = 1 << 17;
    private const long WorthGoingOn = 1 << 20; // bytes of progress after which failed attempts are forgiven; also the progress step

    /// <summary>Downloads into <c>blob.incomplete</c> and renames it. The caller holds the blob's lock.</summary>
    public async Task RunAsync(string blob, CancellationToken cancel)
    {
        var partial = blob + ".incomplete";
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        var attempt = 1;
        while (true)
        {
            var before = Length(partial);
            if (before > info.Size) File.Delete(partial);
            CheckSpace(partial);
            HttpRequestException cut;
            try
            {
                if (info.Size is null || Length(partial) < info.Size || !File.Exists(partial)) await ContinueAsync(partial, cancel).ConfigureAwait(false);
                break;
            }
            catch (HttpRequestException e)
            {
                cut = e;
            }
            attempt = Length(partial) - before >= WorthGoingOn ? 1 : attempt + 1;
            if (attempt > options.Attempts)
            {
                throw new HubException($"The download of {file} of {repository} broke off {options.Attempts} times ({cut.Message.TrimEnd('.')}); {Length(partial)} bytes are kept, so try again to go on from there.", cut);
            }
            await requests.PauseAsync(attempt - 1, cancel).ConfigureAwait(false);
        }
        await VerifyAsync(partial, cancel).ConfigureAwait(false);
        File.Move(partial, blob, overwrite: true);
    }

    /// <summary>One request that appends to the partial file; a cut, a stall or a passing refusal is a <see cref="HttpRequestException"/>.</summary>
    private async Task ContinueAsync(string partial, CancellationToken cancel)
    {
        var have = Length(partial);
        using var response = await requests.GetAsync(repository, info.Commit, file, have, cancel).ConfigureAwait(false);
        if (HubRequests.IsTransient(response.StatusCode)) throw new HttpRequestException($"the hub answered {(int)response.StatusCode}");
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(partial);
            throw new HttpRequestException("the hub does not accept the part that is here, so the file starts again");
        }
        if (!response.IsSuccessStatusCode) throw requests.Refused(response, repository, info.Commit, file);
        var resumes = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        if (response.StatusCode == HttpStatusCode.PartialContent && !resumes) throw new HttpRequestException("the hub sent another part than was asked for");

        using var source = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var target = new FileStream(partial, resumes ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await CopyAsync(source, target, cancel).ConfigureAwait(false);
        if (target.Length < info.Size) throw new HttpRequestException("the connection ended early");
    }

    private async Task CopyAsync(Stream source, FileStream target, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        var reported = target.Length;
        progress?.Report(new HubProgress(file, reported, info.Size));
        while (true)
        {
            var read = await ReadAsync(source, buffer, cancel).ConfigureAwait(false);
            if (read == 0) break;
            await target.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
            // One byte too many is proof enough; a server that never stops must not fill the disk.
            if (target.Length > info.Size) break;
            if (target.Length - reported < WorthGoingOn) continue;
            reported = target.Length;
            progress?.Report(new HubProgress(file, reported, info.Size));
        }
        if (target.Length != reported) progress?.Report(new HubProgress(file, target.Length, info.Size));
    }

    private async Task<int> ReadAsync(Stream source, byte[] buffer, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(options.SilenceLimit);
        try
        {
            return await source.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"nothing came for {options.SilenceLimit.TotalSeconds:0} seconds", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException("the connection was cut", e);
        }
    }

    private async Task VerifyAsync(string partial, CancellationToken cancel)
    {
        var length = Length(partial);
        if (info.Size is { } size && length != size)
        {
            File.Delete(partial);
            throw new HubException($"{file} of {repository} came with {length} bytes where the hub announced {size}; it was deleted, so pull it again.");
        }
        if (!HubNames.IsSha256(info.ETag)) return;
        string actual;
        using (var stream = new FileStream(partial, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, useAsync: true))
        {
            actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel).ConfigureAwait(false));
        }
        if (actual.Equals(info.ETag, StringComparison.OrdinalIgnoreCase)) return;
        File.Delete(partial);
        throw new HubException($"{file} of {repository} was damaged on its way: its SHA-256 is {actual} where the hub announced {info.ETag}; it was deleted, so pull it again.");
    }

    private void CheckSpace(string partial)
    {
        if (partial.StartsWith(@"\\", StringComparison.Ordinal)) return; // a Windows network share has no drive to ask
        var needed = (info.Size ?? 0) - Length(partial);
        var free = new DriveInfo(Path.GetDirectoryName(partial)!).AvailableFreeSpace;
        if (needed > free) throw new HubException($"{file} of {repository} needs {needed >> 20} MB but only {free >> 20} MB are free at {options.CacheFolder}; make room or set HF_HOME to another disk.");
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
