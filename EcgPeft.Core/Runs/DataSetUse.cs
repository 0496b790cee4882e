using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What runs have to do with data sets of the library.</summary>
public static class DataSetUse
{
    /// <summary>A run that trains on a data set, waits for it, or can still go on with it (stopped, interrupted); null where there is none.</summary>
    /// <param name="monitor">Knows the runs.</param>
    /// <param name="library">Knows the data sets.</param>
    /// <param name="id">The data set.</param>
    public static RunSummary? UnfinishedRun(RunMonitor monitor, DataSetLibrary library, string id)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ArgumentNullException.ThrowIfNull(library);
        var folder = library.FolderOf(id);
        return monitor.Runs.FirstOrDefault(run =>
            run.Status is RunStatus.Queued or RunStatus.Running or RunStatus.Stopping or RunStatus.Stopped or RunStatus.Interrupted
            && run.Recipe?.Data.Path is { } path && Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) == folder);
    }
}
