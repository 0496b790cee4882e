using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>
/// Run folders as one zip that another installation imports (<see cref="RunImport"/>), each file with its SHA-256. The runs' locks are
/// held meanwhile, so nothing of them changes.
/// </summary>
public static class RunArchive
{
    /// <summary>Writes the zip.</summary>
    /// <param name="source">What is exported.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="UserInputException">A worker is at work on a run, or there is none.</exception>
    public static void Write(ExportSource source, Stream output, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Runs.Count == 0) throw new UserInputException($"{source.Name} has nothing to export yet: no run in it has begun.");
        var held = new List<WorkerLock>();
        try
        {
            foreach (var run in source.Runs)
                held.Add(WorkerLock.TryTake(run) ?? throw new UserInputException($"A worker is at work on run {run.Id}; stop it first, or wait for its end: a zip holds one state of the whole folder."));

            using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
            var files = new List<ArchivedFile>();
            foreach (var run in source.Runs)
                foreach (var (path, name) in FilesBelow(run.Path, _ => false)) files.Add(Add(zip, path, $"runs/{run.Id}/{name}", cancel));
            if (source.StudyFolder is { } study)
                foreach (var (path, name) in FilesBelow(study, folder => File.Exists(new RunFolder(folder).RecipeFile))) files.Add(Add(zip, path, $"study/{name}", cancel));

            var manifest = new ArchiveManifest(ArchiveManifest.CurrentFormat, DateTime.UtcNow, source.StudyFolder is null ? null : source.Name, [.. source.Runs.Select(run => run.Id)], files);
            using var stream = zip.CreateEntry(ArchiveManifest.FileName).Open();
            JsonSerializer.Serialize(stream, manifest, ProductJson.Indented);
        }
        finally
        {
            foreach (var taken in held) taken.Dispose();
        }
    }

    /// <summary>Every file that belongs to a folder, with its path in the zip; not what only a worker or an unfinished write needs, and no links.</summary>
    private static IEnumerable<(string Path, string Name)> FilesBelow(string folder, Predicate<string> skip)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (file.LinkTarget is null && !IsTransient(file.Name)) yield return (file.FullName, file.Name);
        }
        foreach (var inner in new DirectoryInfo(folder).EnumerateDirectories().OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            if (inner.LinkTarget is not null || inner.Name.StartsWith('.') || skip(inner.FullName)) continue;
            foreach (var (path, name) in FilesBelow(inner.FullName, skip)) yield return (path, $"{inner.Name}/{name}");
        }
    }

    private static bool IsTransient(string name) =>
        name is "worker.lock" or "worker.json" or "stop.request" or "study.lock" or "yardsticks.lock" || name.StartsWith('.') || name.EndsWith(".active", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal);

    private static ArchivedFile Add(ZipArchive zip, string path, string name, CancellationToken cancel)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var to = entry.Open();
        var buffer = new byte[1 << 17];
        long bytes = 0;
        for (int got; (got = from.Read(buffer)) > 0; bytes += got)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, got);
            to.Write(buffer, 0, got);
        }
        return new ArchivedFile(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
