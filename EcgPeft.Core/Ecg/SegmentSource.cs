namespace EcgPeft.Core.Ecg;

/// <summary>Segments and where they come from.</summary>
/// <param name="Segments">The segments, with groups and sampling rate where they are known.</param>
/// <param name="Warnings">What a person should know about them.</param>
/// <param name="Name">Name of the data set, or of the file.</param>
public sealed record LoadedSegments(SegmentSet Segments, IReadOnlyList<SegmentWarning> Warnings, string Name);

/// <summary>Loads segments from whatever a recipe may name: a CSV file, or the folder of an imported data set.</summary>
public static class SegmentSource
{
    /// <summary>Loads them.</summary>
    /// <param name="path">A CSV file, or the folder of a data set of the library.</param>
    /// <param name="groupsPath">CSV file with each segment's group; for an imported data set it replaces the imported groups. Null for none.</param>
    /// <param name="progress">Receives the share of the file that has been read, 0 to 1.</param>
    /// <param name="labelled">False for a CSV file whose columns are all samples; every segment then has label 0.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="UserInputException">The file or folder is not what it should be.</exception>
    public static LoadedSegments Load(string path, string? groupsPath, IProgress<double>? progress = null, bool labelled = true, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        LoadedSegments loaded;
        if (Directory.Exists(path))
        {
            if (!DataSetFolder.Is(path)) throw new UserInputException($"{path} is a folder without {DataSetFolder.InfoFile}; name a CSV file or the folder of an imported data set.");
            var info = DataSetFolder.ReadInfo(path);
            loaded = new LoadedSegments(DataSetFolder.Read(path), info.Warnings, info.Name);
        }
        else
        {
            var read = labelled ? SegmentCsv.Read(path, progress, cancel) : SegmentCsv.ReadUnlabelled(path, progress, cancel);
            loaded = new LoadedSegments(read.Segments, read.Warnings, Path.GetFileName(path));
        }
        return groupsPath is null ? loaded : loaded with { Segments = loaded.Segments.WithGroups(GroupsCsv.Read(groupsPath, loaded.Segments.Count)) };
    }
}
