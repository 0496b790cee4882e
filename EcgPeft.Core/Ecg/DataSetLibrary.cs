using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>The imported data sets: one folder each under <see cref="DataRoot.DataSets"/>.</summary>
/// <param name="root">Where the product writes.</param>
public sealed class DataSetLibrary(DataRoot root)
{
    /// <summary>Id of the built-in synthetic data set.</summary>
    public const string DemoId = "demo";

    // Names that start with a dot are never data sets.
    private const string DeletedPrefix = ".deleted-";

    /// <summary>All data sets, the newest first. A damaged folder is left out; <see cref="Find"/> says what is wrong with it.</summary>
    public IReadOnlyList<DataSetInfo> List()
    {
        if (!Directory.Exists(root.DataSets)) return [];
        var found = new List<DataSetInfo>();
        foreach (var folder in Directory.EnumerateDirectories(root.DataSets))
        {
            if (!DataSetId.Is(Path.GetFileName(folder)) || !DataSetFolder.Is(folder)) continue;
            try
            {
                found.Add(DataSetFolder.ReadInfo(folder) with { Id = Path.GetFileName(folder) });
            }
            catch (UserInputException)
            {
                // One damaged folder must not hide the others.
            }
        }
        return [.. found.OrderByDescending(d => d.ImportedUtc).ThenBy(d => d.Id, StringComparer.Ordinal)];
    }

    /// <summary>One data set.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="UserInputException">There is none with this id, or it is damaged.</exception>
    public DataSetInfo Find(string id)
    {
        var folder = FolderOf(id);
        if (!Directory.Exists(folder)) throw new UserInputException($"There is no data set \"{id}\"; import it first.");
        return DataSetFolder.ReadInfo(folder) with { Id = id };
    }

    /// <summary>The folder of a data set, whether it exists or not.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="UserInputException">This cannot be an id.</exception>
    public string FolderOf(string id)
    {
        if (!DataSetId.Is(id)) throw new UserInputException($"\"{id}\" cannot be the id of a data set; an id has lower-case letters, digits and hyphens.");
        return Path.Combine(root.DataSets, id);
    }

    /// <summary>The segments of a data set, with groups and sampling rate where they are known.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="UserInputException">There is none with this id, or it is damaged.</exception>
    public SegmentSet Load(string id)
    {
        Find(id);
        return DataSetFolder.Read(FolderOf(id));
    }

    /// <summary>Imports a CSV file; it is not needed afterwards. After an error nothing is left behind.</summary>
    /// <param name="csvPath">The segments.</param>
    /// <param name="name">Name for people; the id is made from it.</param>
    /// <param name="groupsPath">CSV file with each segment's group, or null.</param>
    /// <param name="samplingRateHz">Samples a second, or null when unknown.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1.</param>
    /// <param name="cancel">Stops the import.</param>
    /// <exception cref="UserInputException">A file or an argument is not what it should be.</exception>
    public DataSetInfo Import(string csvPath, string name, string? groupsPath, double? samplingRateHz, IProgress<double>? progress = null, CancellationToken cancel = default) =>
        Import(new ImportRequest(csvPath) { Groups = groupsPath, SamplingRateHz = samplingRateHz }, name, progress, cancel);

    /// <summary>Imports a file with the chosen repairs; it is not needed afterwards. After an error nothing is left behind.</summary>
    /// <param name="request">The file and every choice about it.</param>
    /// <param name="name">Name for people; the id is made from it.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1.</param>
    /// <param name="cancel">Stops the import.</param>
    /// <exception cref="UserInputException">A file or an argument is not what it should be.</exception>
    public DataSetInfo Import(ImportRequest request, string name, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrWhiteSpace(name)) throw new UserInputException("The data set needs a name.");
        using var draft = new DataSetDraft(root.DataSets);
        var scan = SegmentFile.Scan(request, draft.Append, progress, cancel);
        if (scan.Problem is { } problem) throw problem;
        cancel.ThrowIfCancellationRequested();
        var set = scan.Segments!;
        draft.Complete(set);
        var groupsFile = request.Groups is null ? null : Path.GetFileName(request.Groups);
        var description = $"Imported from {scan.Name}{(groupsFile is null ? "" : $" with groups from {groupsFile}")}.";
        var facts = new ImportFacts(scan.Name, File.Exists(request.Path) ? new FileInfo(request.Path).Length : 0, groupsFile, scan.Format, scan.RowsInFile, scan.Counts, request.Repairs.Choices(), scan.Values!);
        return DataSetId.For(name)
            .Select(id => Describe(id, name.Trim(), set, synthetic: false, description, scan.Warnings()) with { Import = facts })
            .First(info => draft.TryPublish(info, FolderOf(info.Id)));
    }

    /// <summary>Gives a data set another name; its id stays.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="name">The new name.</param>
    /// <exception cref="UserInputException">There is none with this id, or the name is empty.</exception>
    public DataSetInfo Rename(string id, string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new UserInputException("The data set needs a name.");
        var info = Find(id) with { Name = name.Trim() };
        DataSetFolder.WriteInfo(FolderOf(id), info);
        return info;
    }

    /// <summary>
    /// The built-in data set, made where it is missing or damaged: 4,000 synthetic segments of 40 virtual people. Safe to call from several
    /// processes at once.
    /// </summary>
    public DataSetInfo EnsureDemo()
    {
        var folder = FolderOf(DemoId);
        if (Directory.Exists(folder))
        {
            try
            {
                return Find(DemoId);
            }
            catch (UserInputException)
            {
                Delete(DemoId);
            }
        }
        var set = DemoDataSet.Make();
        var info = Describe(DemoId, DemoDataSet.Name, set, synthetic: true, DemoDataSet.Description, []);
        using var draft = new DataSetDraft(root.DataSets);
        draft.Complete(set);
        return draft.TryPublish(info, folder) ? info : Find(DemoId);
    }

    /// <summary>Deletes a data set.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="UserInputException">There is none with this id.</exception>
    public void Delete(string id)
    {
        var folder = FolderOf(id);
        if (!Directory.Exists(folder)) throw new UserInputException($"There is no data set \"{id}\".");
        foreach (var left in Directory.EnumerateDirectories(root.DataSets, DeletedPrefix + "*")) TryDelete(left);
        // Renamed first: nobody sees half a data set.
        var gone = Path.Combine(root.DataSets, DeletedPrefix + Guid.NewGuid().ToString("n"));
        try
        {
            Directory.Move(folder, gone);
        }
        catch (DirectoryNotFoundException)
        {
            return; // another process was faster
        }
        TryDelete(gone);
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody still has it mapped (Windows keeps such a file); it is no data set any more, and the next deletion takes it along.
        }
    }

    private static DataSetInfo Describe(string id, string name, SegmentSet set, bool synthetic, string description, IReadOnlyList<SegmentWarning> warnings) =>
        new(id, name, set.Count, set.Length, set.Positives, set.Groups?.Distinct(StringComparer.Ordinal).Count(), set.SamplingRateHz,
            set.Hash, DateTime.UtcNow, synthetic, description, warnings);
}
