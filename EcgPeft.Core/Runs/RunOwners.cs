using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Core.Runs;

/// <summary>Gives runs and studies to somebody: what was made on the command line or before users were known belongs to nobody.</summary>
public static class RunOwners
{
    /// <summary>Gives a run, or a study with all of its runs.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="id">The run or study.</param>
    /// <param name="owner">The user, as the proxy names them; null for nobody.</param>
    /// <returns>How many runs.</returns>
    /// <exception cref="UserInputException">There is neither a run nor a study of that id, or its files are damaged.</exception>
    public static int Give(DataRoot root, string id, string? owner)
    {
        ArgumentNullException.ThrowIfNull(root);
        using var turn = new CommandGate(root).Enter();
        if (RunFolder.Find(root.Runs, id) is { } single) return Give([single], owner);
        if (RunFolder.Find(root.Studies, id) is not { } folder || !Study.Is(folder.Path)) throw new UserInputException($"There is neither a run nor a study {id} in {root.Path}; 'ecgpeft runs list' lists the runs.");
        var study = Study.Read(folder.Path);
        (study with { Owner = owner }).WriteTo(folder.Path);
        return Give(study.AllRuns.Select(run => run.In(folder.Path)).Where(run => Directory.Exists(run.Path)), owner);
    }

    private static int Give(IEnumerable<RunFolder> runs, string? owner)
    {
        var count = 0;
        foreach (var run in runs)
        {
            (RunNotes.Read(run) with { Owner = owner }).WriteTo(run);
            count++;
        }
        return count;
    }
}
