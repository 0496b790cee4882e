namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>Checks on names that become addresses and paths, whether the user or the server chose them.</summary>
internal static class HubNames
{
    private const int MaxName = 200;

    public static void CheckRepository(string repository)
    {
        var parts = repository.Split('/');
        if (parts.Length > 2 || !parts.All(IsPlain) || repository.Contains("--", StringComparison.Ordinal))
        {
            throw new HubException($"'{repository}' is not the name of a hub repository; write it as organisation/name, for example facebook/wav2vec2-base.");
        }
    }

    public static void CheckFile(string file)
    {
        if (file.Contains('\\', StringComparison.Ordinal) || file.Contains(':', StringComparison.Ordinal) || file.Split('/').Any(p => p is "" or "." or ".." || p.Any(char.IsControl)))
        {
            throw new HubException($"'{file}' is not the path of a file in a repository.");
        }
    }

    public static void CheckRevision(string revision)
    {
        if (revision.Split('/').Any(p => p is "" or "." or "..") || revision.Any(c => char.IsControl(c) || c is '\\' or ':' or ' '))
        {
            throw new HubException($"'{revision}' is not a revision; use a branch, a tag or a commit, for example main.");
        }
    }

    /// <summary>Fit to be one component of a path: an ETag or a commit.</summary>
    public static bool IsPlain(string name) => name.Length is > 0 and <= MaxName && name is not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>A full commit hash: what it points to never changes.</summary>
    public static bool IsCommit(string revision) => revision.Length == 40 && revision.All(char.IsAsciiHexDigitLower);

    public static bool IsSha256(string etag) => etag.Length == 64 && etag.All(char.IsAsciiHexDigit);
}
