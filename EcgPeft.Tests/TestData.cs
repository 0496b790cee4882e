namespace EcgPeft.Tests;

/// <summary>Where tests find golden values and real ECG.</summary>
public static class TestData
{
    /// <summary>Folder with golden cases: <c>ECGPEFT_GOLDEN</c>, by default the copy in the repository.</summary>
    public static string Golden { get; } =
        Environment.GetEnvironmentVariable("ECGPEFT_GOLDEN") is { Length: > 0 } set ? Path.GetFullPath(set) : Path.Combine(RepositoryRoot(), "EcgPeft.Tests", "Golden");

    /// <summary>Folder with real ECG: <c>ECGPEFT_DATA</c>, by default <c>../shared/data</c>; may be absent.</summary>
    public static string RealEcg { get; } =
        Path.GetFullPath(Environment.GetEnvironmentVariable("ECGPEFT_DATA") is { Length: > 0 } set ? set : Path.Combine(RepositoryRoot(), "..", "shared", "data"));

    /// <summary>A file of the real ECG folder; skips the test with a reason where the folder is absent.</summary>
    /// <param name="relativePath">Path below the folder.</param>
    public static string RealEcgFile(string relativePath)
    {
        var path = Path.Combine(RealEcg, relativePath);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"Real ECG is not here ({path}); set ECGPEFT_DATA to run this test.");
        return path;
    }

    /// <summary>The folders below <paramref name="family"/> of the golden cases that hold a <c>case.json</c>.</summary>
    /// <param name="family">For example <c>wav2vec2</c> or <c>lora</c>.</param>
    public static IEnumerable<string> GoldenCases(string family)
    {
        var root = Path.Combine(Golden, family);
        return Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "case.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Golden, Path.GetDirectoryName(f)!)).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>The top folder of the source tree.</summary>
    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EcgPeft.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("EcgPeft.sln was not found above the test assembly.");
    }

    /// <summary>How long a test waits for what must come. No measure of anything: a machine that does other things as well may take its time.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>A new empty folder, which goes when all tests have ended.</summary>
    public static string TemporaryFolder() => TemporaryFolders.New();
}
