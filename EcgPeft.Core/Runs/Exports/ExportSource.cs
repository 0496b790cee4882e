using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>What is exported: one run, or a study with its runs.</summary>
/// <param name="Name">The run's or the study's id: the name of its folder.</param>
/// <param name="Runs">The run folders that are there.</param>
/// <param name="StudyFolder">The study's folder; null for a run.</param>
public sealed record ExportSource(string Name, IReadOnlyList<RunFolder> Runs, string? StudyFolder = null)
{
    /// <summary>Finds a run or a study by its id in the data folder, or by the path of its folder.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="name">Id or path.</param>
    /// <exception cref="UserInputException">There is neither.</exception>
    public static ExportSource Find(DataRoot root, string name)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(name);
        if (ById(root, name) is { } found) return found;
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        if (Study.Is(path)) return OfStudy(path);
        var folder = new RunFolder(path);
        if (File.Exists(folder.RecipeFile)) return new(folder.Id, [folder]);
        throw new UserInputException($"There is no run or study '{name}': it is neither an id in {root.Path} nor a run's or study's folder; 'ecgpeft runs list' shows the runs.");
    }

    /// <summary>Finds a run or a study by its id alone.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="id">The id.</param>
    /// <returns>Null where there is neither.</returns>
    public static ExportSource? ById(DataRoot root, string id)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (RunFolder.Find(root.Runs, id) is { } run && File.Exists(run.RecipeFile)) return new(id, [run]);
        // The same rule as for runs: an id is a plain folder name.
        return RunFolder.Find(root.Studies, id) is { } folder && Study.Is(folder.Path) ? OfStudy(folder.Path) : null;
    }

    /// <summary>The histories of the runs; one that has not begun yet is left out.</summary>
    /// <exception cref="UserInputException">A run cannot be read, or none has begun.</exception>
    public IReadOnlyList<RunHistory> Histories()
    {
        var histories = Runs.Where(run => RunLife.Current(run) is not null).Select(RunHistory.Read).ToList();
        return histories.Count > 0 ? histories : throw new UserInputException($"{Name} has nothing to export yet: no run in it has begun.");
    }

    private static ExportSource OfStudy(string folder) =>
        new(Path.GetFileName(folder), [.. Study.Read(folder).AllRuns.Select(run => run.In(folder)).Where(run => File.Exists(run.RecipeFile))], folder);
}
