using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using MudBlazor;

namespace EcgPeft.Web.Components.Shared;

/// <summary>Stop, resume and delete, as every page offers them: asked back where something is lost, and told how it went.</summary>
public sealed class RunCommands(RunQueue queue, IDialogService dialogs, ISnackbar snackbar)
{
    public static bool MayStop(RunSummary run) => run.Broken is null && run.Status is RunStatus.Queued or RunStatus.Running;

    public static bool MayResume(RunSummary run) => run.Broken is null && RunLife.MayResume(run.Status);

    public static bool MayDelete(RunSummary run) => run.Broken is not null || !RunLife.HasWorker(run.Status);

    public Task StopAsync(RunSummary run) => DoAsync(() => queue.Stop(run.Id), run.Status == RunStatus.Queued ? $"{run.Name} is taken out of the queue." : $"{run.Name} finishes its step and stops; it can be resumed.");

    public Task ResumeAsync(RunSummary run) => DoAsync(() => queue.Resume(run.Id), $"{run.Name} is in the queue again.");

    /// <summary>True when the run is gone.</summary>
    public async Task<bool> DeleteAsync(RunSummary run)
    {
        var sure = await dialogs.ShowMessageBoxAsync("Delete run?", $"{run.Name} goes to the folder \"trash\" in the data folder, with its curves, metrics and adapter.", yesText: "Delete", cancelText: "Keep");
        return sure == true && await DoAsync(() => queue.Delete(run.Id), $"{run.Name} is deleted.");
    }

    private async Task<bool> DoAsync(Action command, string done)
    {
        try
        {
            await Task.Run(command);
            snackbar.Add(done, Severity.Success);
            return true;
        }
        catch (UserInputException e)
        {
            snackbar.Add(e.Message, Severity.Error);
            return false;
        }
    }
}
