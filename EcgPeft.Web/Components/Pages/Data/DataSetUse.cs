using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.Data;

/// <summary>Which runs still need a data set's files.</summary>
internal static class DataSetUse
{
    /// <summary>A run that waits or trains on the data set, or null.</summary>
    public static RunSummary? ActiveRun(RunMonitor monitor, DataSetLibrary library, string id)
    {
        var folder = library.FolderOf(id);
        return monitor.Runs.FirstOrDefault(run =>
            (run.Status == RunStatus.Queued || RunLife.HasWorker(run.Status)) && run.Recipe?.Data.Path is { } path && Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) == folder);
    }
}
