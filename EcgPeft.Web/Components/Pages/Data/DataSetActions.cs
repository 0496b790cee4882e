using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;
using MudBlazor;

namespace EcgPeft.Web.Components.Pages.Data;

/// <summary>What runs have to do with a data set.</summary>
internal static class DataSetActions
{
    /// <summary>The finished runs on these values and labels, wherever they lay.</summary>
    public static IReadOnlyList<RunFolder> FinishedRuns(RunMonitor monitor, DataRoot root, string hash) =>
        [.. monitor.Runs.Where(run => run.Status == RunStatus.Completed && run.Recipe?.Data.Hash == hash).Select(run => RunFolder.Find(root.Runs, run.Id)).OfType<RunFolder>()];

    /// <summary>Asks, and deletes the data set where no run needs it.</summary>
    /// <returns>Whether it is gone.</returns>
    public static async Task<bool> Delete(DataSetInfo set, DataSetLibrary library, RunMonitor monitor, IDialogService dialogs, ISnackbar snackbar)
    {
        if (DataSetUse.UnfinishedRun(monitor, library, set.Id) is { } run)
        {
            snackbar.Add($"{set.Name} is in use by run {run.Name} ({Show.Status(run.Status).ToLowerInvariant()}); complete or delete that run first.", Severity.Warning);
            return false;
        }
        if (await dialogs.ShowMessageBoxAsync("Delete data set?", $"{set.Name} with {Show.Count(set.Rows)} segments is deleted from the data folder. Finished runs keep their results but can no longer be repeated on it.", yesText: "Delete", cancelText: "Keep") != true) return false;
        try
        {
            library.Delete(set.Id);
            snackbar.Add($"{set.Name} is deleted.", Severity.Success);
        }
        catch (UserInputException e)
        {
            snackbar.Add(e.Message, Severity.Error);
        }
        return true;
    }
}
