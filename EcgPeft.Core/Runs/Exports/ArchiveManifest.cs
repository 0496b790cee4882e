using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>What an exported zip holds (<c>ecgpeft.json</c> in it): run folders below <c>runs/{id}/</c>, a study's own files below <c>study/</c>.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="CreatedUtc">When it was written, UTC.</param>
/// <param name="Study">Id of the study; null for a run.</param>
/// <param name="Runs">Ids of the runs.</param>
/// <param name="Files">Every other file of the zip.</param>
internal sealed partial record ArchiveManifest(int Format, DateTime CreatedUtc, string? Study, IReadOnlyList<string> Runs, IReadOnlyList<ArchivedFile> Files)
{
    public const string FileName = "ecgpeft.json";
    public const int CurrentFormat = 1;

    /// <summary>More than any study has; a list without end is an attack.</summary>
    private const int MostFiles = 200_000;

    private const long LargestManifest = 64 << 20, LargestFile = 1L << 40;

    /// <summary>Reads and checks the list, and that the zip holds exactly what it names.</summary>
    /// <exception cref="UserInputException">It is missing, damaged, or asks for what no export asks for.</exception>
    public static ArchiveManifest Read(ZipArchive zip, string name)
    {
        var entry = zip.GetEntry(FileName) ?? throw new UserInputException($"{name} is no exported run: {FileName} is missing in it; export with 'ecgpeft runs export RUN --format zip', or on the run's page.");
        if (entry.Length > LargestManifest) throw Damaged(name, $"{FileName} is too large");
        ArchiveManifest manifest;
        try
        {
            using var stream = entry.Open();
            manifest = JsonSerializer.Deserialize<ArchiveManifest>(stream, ProductJson.Indented) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw Damaged(name, $"{FileName} is not readable");
        }
        if (manifest.Format != CurrentFormat) throw new UserInputException($"{name} was made by another version of EcgPeft (format {manifest.Format}, this one reads {CurrentFormat}); import it with that version, or update this one.");
        manifest.Check(zip, name);
        return manifest;
    }

    public static UserInputException Damaged(string name, string what) => new($"{name} is damaged: {what}; export the run again.");

    private void Check(ZipArchive zip, string name)
    {
        if (Runs is not { Count: > 0 } || Files is null || Files.Count > MostFiles) throw Damaged(name, "its list of runs or files makes no sense");
        if ((Study is { } study ? Runs.Append(study) : Runs).FirstOrDefault(id => !IsId(id)) is { } bad) throw Damaged(name, $"'{bad}' cannot be an id");
        if (Runs.Distinct(StringComparer.OrdinalIgnoreCase).Count() != Runs.Count) throw Damaged(name, "it names a run twice");
        var listed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Files)
        {
            if (file?.Path is null || !IsInside(file.Path)) throw Damaged(name, $"the path '{file?.Path}' leads out of the run's folder");
            if (file.Bytes is < 0 or > LargestFile) throw Damaged(name, $"{file.Path} cannot have {file.Bytes} bytes");
            if (!listed.Add(file.Path)) throw Damaged(name, $"it names {file.Path} twice");
        }
        // Directories need no entry; anything else that is not listed has no hash.
        if (zip.Entries.FirstOrDefault(entry => entry.FullName != FileName && !entry.FullName.EndsWith('/') && !listed.Contains(entry.FullName)) is { } extra) throw Damaged(name, $"{extra.FullName} is not in its list of files");
        if (zip.Entries.GroupBy(entry => entry.FullName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice) throw Damaged(name, $"it holds {twice.Key} twice");
    }

    /// <summary>Whether a path is one below a folder that the list names, made of plain names.</summary>
    private bool IsInside(string path)
    {
        var parts = path.Split('/');
        var below = parts is ["runs", var id, ..] ? Runs.Contains(id) ? 2 : 0 : parts is ["study", ..] && Study is not null ? 1 : 0;
        return below > 0 && parts.Length > below && parts.Skip(below).All(part => Plain().IsMatch(part) && part[^1] is not ('.' or ' '));
    }

    private static bool IsId(string? id) => id is not null && Id().IsMatch(id);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,150}\\z")]
    private static partial Regex Id();

    [GeneratedRegex("""^[^\x00-\x1f/\\:*?"<>|]{1,200}\z""")]
    private static partial Regex Plain();
}

/// <summary>A file of an exported zip.</summary>
/// <param name="Path">Its name in the zip.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">SHA-256 of its content, hexadecimal.</param>
internal sealed record ArchivedFile(string Path, long Bytes, string Sha256);
