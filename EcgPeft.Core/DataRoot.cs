namespace EcgPeft.Core;

/// <summary>
/// The one folder under which the product writes: data sets, models, caches, runs and the database
/// (configuration key <c>EcgPeft:DataRoot</c>).
/// </summary>
/// <param name="Path">Absolute path of the folder.</param>
public sealed record DataRoot(string Path)
{
    /// <summary>One folder a data set.</summary>
    public string DataSets => System.IO.Path.Combine(Path, "datasets");

    /// <summary>One folder a backbone: <c>config.json</c> and <c>model.safetensors</c>.</summary>
    public string Models => System.IO.Path.Combine(Path, "models");

    /// <summary>One folder a run.</summary>
    public string Runs => System.IO.Path.Combine(Path, "runs");

    /// <summary>One folder a study.</summary>
    public string Studies => System.IO.Path.Combine(Path, "studies");

    /// <summary>Files that can be deleted at any time: they are computed again.</summary>
    public string Cache => System.IO.Path.Combine(Path, "cache");

    /// <summary>The SQLite file of the run store, where none other is configured.</summary>
    public string Database => System.IO.Path.Combine(Path, "ecgpeft.db");

    /// <summary>Where the table of runs is kept; by default <see cref="Database"/>.</summary>
    public StoreAddress Store { get; init; } = StoreAddress.Sqlite(System.IO.Path.Combine(Path, "ecgpeft.db"));

    /// <summary>
    /// Resolves the configured value: empty means <c>EcgPeft</c> in the user's local application data; a relative path is
    /// relative to the current folder. Creates the folder.
    /// </summary>
    /// <param name="configured">The value of <c>EcgPeft:DataRoot</c>, or null.</param>
    /// <param name="store">The value of <c>EcgPeft:Store</c>, or null.</param>
    /// <exception cref="UserInputException">The folder cannot be created or written, or the store's value cannot be read.</exception>
    public static DataRoot Resolve(string? configured, string? store = null)
    {
        var path = string.IsNullOrWhiteSpace(configured) ? Default() : System.IO.Path.GetFullPath(configured);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"The data folder {path} cannot be created ({e.Message}); set EcgPeft:DataRoot to a folder that can be written.", e);
        }
        var root = new DataRoot(path);
        return string.IsNullOrWhiteSpace(store) ? root : root with { Store = StoreAddress.Parse(store) };
    }

    /// <summary>Finds out now, and not in the middle of something, whether the folder can be written.</summary>
    /// <exception cref="UserInputException">It cannot.</exception>
    public void CheckWritable()
    {
        var probe = System.IO.Path.Combine(Path, $".write-{Guid.NewGuid():n}");
        try
        {
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"The data folder {Path} cannot be written ({e.Message.TrimEnd('.')}); let this account write there, make room, or set EcgPeft:DataRoot to another folder.", e);
        }
    }

    private static string Default()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (string.IsNullOrEmpty(local)) throw new UserInputException("This account has no home folder; set EcgPeft:DataRoot to the folder for data sets, models and runs.");
        return System.IO.Path.Combine(local, "EcgPeft");
    }
}
