using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>A run that an import brought.</summary>
/// <param name="Id">Its id here.</param>
/// <param name="OriginalId">Its id where it was made.</param>
/// <param name="WasHere">Whether the very same run was here already; then nothing was changed.</param>
/// <param name="Note">One sentence about its data set, or null where its recipe can be used as it is.</param>
public sealed record ImportedRun(string Id, string OriginalId, bool WasHere, string? Note);

/// <summary>What an import brought.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Study">Id of the study here; null where the zip held single runs.</param>
public sealed record ImportedRuns(IReadOnlyList<ImportedRun> Runs, string? Study);

/// <summary>
/// Takes runs from a zip that <see cref="RunArchive"/> wrote. Every path, size and hash is checked before a run appears, and a run appears
/// whole or not at all. A run whose id another run has here gets a new one.
/// </summary>
/// <param name="root">The data folder.</param>
public sealed class RunImport(DataRoot root)
{
    private const string StagingPrefix = ".import-";

    /// <summary>Events and predictions become a tenth of their size; a file that unpacks to far more is made to fill the disk.</summary>
    private const long LargestRatio = 200, LargeBytes = 1L << 30;

    /// <summary>Imports a file.</summary>
    /// <param name="path">The zip.</param>
    /// <param name="cancel">Stops it; nothing is left behind.</param>
    /// <exception cref="UserInputException">It is no exported run, is damaged, or there is no room for it.</exception>
    public ImportedRuns Import(string path, CancellationToken cancel = default)
    {
        if (!File.Exists(path)) throw new UserInputException($"There is no file {path}; name a zip that 'ecgpeft runs export' has written.");
        var name = Path.GetFileName(path);
        _ = Actor.OwnerOfNew(); // whom nobody knows may not bring anything
        Directory.CreateDirectory(root.Runs);
        Tidy();
        // Below the runs, so that a run gets its place by one move; names that begin with a dot are no runs.
        var staging = Path.Combine(root.Runs, StagingPrefix + Guid.NewGuid().ToString("n"));
        try
        {
            using var zip = ZipFile.OpenRead(path);
            var manifest = ArchiveManifest.Read(zip, name);
            CheckRoom(manifest.Files.Sum(file => file.Bytes), new FileInfo(path).Length, name);
            foreach (var file in manifest.Files) Extract(zip, file, staging, name, cancel);
            return Settle(manifest, staging, name);
        }
        catch (InvalidDataException e)
        {
            throw new UserInputException($"{name} is no zip file, or is damaged ({e.Message.TrimEnd('.')}); export the run again.", e);
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
    }

    private static void Extract(ZipArchive zip, ArchivedFile file, string staging, string name, CancellationToken cancel)
    {
        var entry = zip.GetEntry(file.Path) ?? throw ArchiveManifest.Damaged(name, $"{file.Path} is missing in it");
        var target = Path.GetFullPath(Path.Combine(staging, file.Path));
        if (!target.StartsWith(Path.GetFullPath(staging) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw ArchiveManifest.Damaged(name, $"the path '{file.Path}' leads out of the run's folder");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var to = new FileStream(target, FileMode.CreateNew))
        using (var from = entry.Open())
        {
            var buffer = new byte[1 << 17];
            for (int got; (got = from.Read(buffer)) > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                // The list's word counts, not the zip's: a few bytes can unpack to a full disk.
                if (to.Length + got > file.Bytes) throw ArchiveManifest.Damaged(name, $"{file.Path} is longer than it says");
                hash.AppendData(buffer, 0, got);
                to.Write(buffer, 0, got);
            }
            if (to.Length != file.Bytes) throw ArchiveManifest.Damaged(name, $"{file.Path} is cut off");
        }
        if (!Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(file.Sha256, StringComparison.OrdinalIgnoreCase)) throw ArchiveManifest.Damaged(name, $"{file.Path} does not have the content that was exported (its SHA-256 differs)");
    }

    private ImportedRuns Settle(ArchiveManifest manifest, string staging, string name)
    {
        // All are looked at before the first appears.
        var runs = manifest.Runs.Select(id => new RunFolder(Path.Combine(staging, "runs", id))).ToList();
        foreach (var run in runs)
        {
            if (!File.Exists(run.RecipeFile)) throw ArchiveManifest.Damaged(name, $"run {run.Id} has no recipe.json");
            RunSummary.Read(run);
        }
        var study = manifest.Study is null ? null : Study.Read(Path.Combine(staging, "study"));

        var imported = runs.Select(Place).ToList();
        return new(imported, study is null ? null : Place(manifest.Study!, study, Path.Combine(staging, "study"), imported));
    }

    private ImportedRun Place(RunFolder staged)
    {
        var original = staged.Id;
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? original : $"{original}-{n}";
            var target = new RunFolder(Path.Combine(root.Runs, id));
            if (Directory.Exists(target.Path))
            {
                if (IsSame(staged, target)) return new(id, original, WasHere: true, null);
                continue;
            }
            var note = FindData(staged);
            LeaveQueue(staged);
            if (SlurmJob.Read(staged) is { Done: false }) File.Delete(staged.SlurmFile); // a job of that number here is another run's
            // Its owner elsewhere is its owner here; what was nobody's belongs to whoever brings it.
            if (Actor.OwnerOfNew() is { } owner && RunNotes.Read(staged) is { Owner: null } notes) (notes with { Owner = owner }).WriteTo(staged);
            try
            {
                Directory.Move(staged.Path, target.Path);
            }
            catch (IOException) when (Directory.Exists(target.Path))
            {
                continue; // somebody has just taken the id
            }
            return new(id, original, WasHere: false, note);
        }
    }

    private string Place(string original, Study study, string staged, IReadOnlyList<ImportedRun> runs)
    {
        Directory.CreateDirectory(root.Studies);
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? original : $"{original}-{n}";
            var target = Path.Combine(root.Studies, id);
            if (Directory.Exists(target))
            {
                if (Study.Is(target) && Study.Read(target) is var present && present.CreatedUtc == study.CreatedUtc && present.AsksTheSame(study)) return id;
                continue;
            }
            string Here(StudyRun run) => runs.FirstOrDefault(r => r.OriginalId == Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Folder)))?.Id is { } here
                ? Path.GetRelativePath(target, Path.Combine(root.Runs, here)) : run.Folder;
            (study with { Owner = study.Owner ?? Actor.OwnerOfNew(), Runs = [.. study.Runs.Select(run => run with { Folder = Here(run) })], Winners = study.Winners is { } winners ? [.. winners.Select(run => run with { Folder = Here(run) })] : null }).WriteTo(staged);
            Directory.Move(staged, target);
            return id;
        }
    }

    /// <summary>The run here has the same recipe (but for where its data lie) and begins with the same events; it may have gone on since.</summary>
    private static bool IsSame(RunFolder staged, RunFolder here) => File.Exists(here.RecipeFile) && Words(staged.ReadRecipe()) == Words(here.ReadRecipe()) && BeginsWith(here.EventsFile, staged.EventsFile);

    private static string Words(Recipe recipe) => JsonSerializer.Serialize(recipe with { Data = recipe.Data with { Path = null, Groups = null } }, ProductJson.Line);

    private static bool BeginsWith(string path, string beginning)
    {
        if (!File.Exists(beginning)) return true;
        if (!File.Exists(path)) return false;
        using var whole = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var first = File.OpenRead(beginning);
        if (whole.Length < first.Length) return false;
        var (a, b) = (new byte[1 << 16], new byte[1 << 16]);
        for (int got; (got = first.Read(a)) > 0;)
            if (whole.ReadAtLeast(b.AsSpan(0, got), got, throwOnEndOfStream: false) < got || !a.AsSpan(0, got).SequenceEqual(b.AsSpan(0, got))) return false;
        return true;
    }

    /// <summary>The recipe's path is one of another machine: where a data set here has the same content, that one is used.</summary>
    private string? FindData(RunFolder run)
    {
        var recipe = run.ReadRecipe();
        if (recipe.Data.Path is not { } path || File.Exists(path) || Directory.Exists(path)) return null;
        var library = new DataSetLibrary(root);
        if (recipe.Data.Hash is { } hash && library.List().FirstOrDefault(set => set.Hash == hash) is { } here)
        {
            run.WriteRecipe(recipe with { Data = recipe.Data with { Path = library.FolderOf(here.Id), Groups = null } });
            return null;
        }
        return $"Its data ({path}) are not on this machine; its results can be seen and compared, but to go on with it or to repeat it, import the data set first.";
    }

    /// <summary>What waited or was at work elsewhere does not start here by itself.</summary>
    private static void LeaveQueue(RunFolder run)
    {
        if (EventLog.LastStatus(run.EventsFile) is not { } last) return;
        if (last.Status == RunStatus.Queued) RunLife.Move(run, RunStatus.Stopped, last.Step, "It waited in the queue where it was exported; resume it to start it here.");
        else if (RunLife.HasWorker(last.Status)) RunLife.Move(run, RunStatus.Interrupted, last.Step, "It was at work where it was exported; resume it to go on here.");
    }

    private void CheckRoom(long bytes, long packed, string name)
    {
        if (bytes > LargeBytes && bytes / LargestRatio > packed) throw ArchiveManifest.Damaged(name, $"it would become {bytes / packed} times as large, as no run does");
        var free = new DriveInfo(Path.GetFullPath(root.Path)).AvailableFreeSpace;
        if (bytes > free) throw new UserInputException($"{name} needs {bytes / 1e6:0} MB and {root.Path} has {free / 1e6:0} MB free; make room and import it again.");
    }

    /// <summary>What an import left whose process was killed.</summary>
    private void Tidy()
    {
        foreach (var left in new DirectoryInfo(root.Runs).EnumerateDirectories(StagingPrefix + "*"))
            if (left.LastWriteTimeUtc < DateTime.UtcNow.AddDays(-1)) left.Delete(recursive: true);
    }
}
