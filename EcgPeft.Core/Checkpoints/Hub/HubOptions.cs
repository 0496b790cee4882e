namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>Where the hub and its local cache are, in the terms of the Python tools' environment variables.</summary>
public sealed record HubOptions
{
    private const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The hub's address (<c>HF_ENDPOINT</c>).</summary>
    public Uri Endpoint { get; init; } = new(DefaultEndpoint);

    /// <summary>The access token (<c>HF_TOKEN</c>, else the file that <c>huggingface-cli login</c> writes); sent to <see cref="Endpoint"/> only. Null: none.</summary>
    public string? Token { get; init; }

    /// <summary>The cache folder shared with the Python tools (<c>HF_HUB_CACHE</c>, else <c>$HF_HOME/hub</c>).</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Use the cache only (<c>HF_HUB_OFFLINE</c>).</summary>
    public bool Offline { get; init; }

    /// <summary>Attempts in a row that bring less than a megabyte before a download is given up.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause before the second attempt; it doubles with every further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the hub may stay silent before an attempt counts as cut.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The settings that the Python tools would use in this environment.</summary>
    /// <param name="variable">Looks an environment variable up; null for the process's own.</param>
    /// <exception cref="HubException"><c>HF_ENDPOINT</c> is not a web address, or the token file cannot be read.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        string? Get(string name) => (variable ?? Environment.GetEnvironmentVariable)(name) is { Length: > 0 } value ? value : null;
        var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        string Expanded(string path) => Path.GetFullPath(path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(user, path[2..]) : path);

        var home = Expanded(Get("HF_HOME") ?? Path.Combine(Get("XDG_CACHE_HOME") ?? Path.Combine(user, ".cache"), "huggingface"));
        var endpoint = Get("HF_ENDPOINT") ?? DefaultEndpoint;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new HubException($"HF_ENDPOINT is '{endpoint}', which is not a web address; set it to one such as {DefaultEndpoint} or remove it.");
        }
        return new HubOptions
        {
            Endpoint = address,
            Token = (Get("HF_TOKEN") ?? Get("HUGGING_FACE_HUB_TOKEN") ?? StoredToken(Expanded(Get("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))))?.Trim(),
            CacheFolder = Expanded(Get("HF_HUB_CACHE") ?? Get("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Offline = Get("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
    }

    private static string? StoredToken(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return File.ReadAllText(path) is var token && string.IsNullOrWhiteSpace(token) ? null : token;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"The hub token file {path} cannot be read ({e.Message.TrimEnd('.')}); make it readable or set HF_TOKEN.", e);
        }
    }
}
