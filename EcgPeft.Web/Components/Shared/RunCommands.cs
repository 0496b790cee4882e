using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Hosting;
using MudBlazor;

namespace EcgPeft.Web.Components.Shared;

/// <summary>What a person can do with runs, as every page offers it: done at once, told how it went, and taken back where something is lost.</summary>
public sealed class RunCommands(RunQueue queue, RunLibrary library, ISnackbar snackbar, CurrentUser user)
{
    /// <summary>How long "Undo" stands there; the trash of the settings page keeps the run for good.</summary>
    private const int UndoMilliseconds = 20_000;

    /// <summary>Whether whoever looks may change a run; others' runs can be looked at, compared and cloned.</summary>
    public bool MayChange(RunSummary run) => user.May(run.Notes.Owner);

    public bool MayStop(RunSummary run) => MayChange(run) && run.Broken is null && run.Status is RunStatus.Queued or RunStatus.Running;

    public bool MayResume(RunSummary run) => MayChange(run) && run.Broken is null && RunLife.MayResume(run.Status);

    public static bool MayClone(RunSummary run) => run.Recipe is not null;

    public bool MayArchive(RunSummary run) => MayChange(run) && (run.Notes.Archived || RunLibrary.MayArchive(run));

    public bool MayDelete(RunSummary run) => MayChange(run) && (run.Broken is not null || !RunLife.HasWorker(run.Status));

    public bool MayMove(RunSummary run) => MayChange(run) && run.Broken is null && run.Status == RunStatus.Queued;

    public Task StopAsync(params RunSummary[] runs) =>
        EachAsync(runs, run => queue.Stop(run.Id), one => one.Status == RunStatus.Queued ? $"{one.Name} is taken out of the queue." : $"{one.Name} finishes its step, writes a checkpoint and stops; it can be resumed.", many => $"{many} runs stop or leave the queue.");

    public Task ResumeAsync(params RunSummary[] runs) => EachAsync(runs, run => queue.Resume(run.Id), one => $"{one.Name} is in the queue again.", many => $"{many} runs are in the queue again.");

    public Task CloneAsync(params RunSummary[] runs) => EachAsync(runs, run => queue.Clone(run.Id), one => $"A new run with the recipe of {one.Name} waits in the queue.", many => $"{many} new runs with the same recipes wait in the queue.");

    public Task ArchiveAsync(bool archived, params RunSummary[] runs) =>
        EachAsync(runs, run => library.SetArchived(run.Id, archived), one => archived ? $"{one.Name} is archived: the table hides it, a filter shows it." : $"{one.Name} is out of the archive.", many => archived ? $"{many} runs are archived: the table hides them, a filter shows them." : $"{many} runs are out of the archive.");

    public Task AddTagAsync(string tag, params RunSummary[] runs) => EachAsync(runs, run => library.AddTag(run.Id, tag), one => $"{one.Name} has the tag {tag}.", many => $"{many} runs have the tag {tag}.");

    public Task RemoveTagAsync(string tag, RunSummary run) => EachAsync([run], _ => library.RemoveTag(run.Id, tag), null, null);

    public Task<bool> SetNoteAsync(RunSummary run, string note) => EachAsync([run], _ => library.SetNote(run.Id, note), null, null);

    public Task SetPriorityAsync(RunPriority priority, params RunSummary[] runs) =>
        EachAsync(runs, run => queue.SetPriority(run.Id, priority), one => $"{one.Name} has {priority.ToString().ToLowerInvariant()} priority.", many => $"{many} runs have {priority.ToString().ToLowerInvariant()} priority.");

    public Task MoveByAsync(RunSummary run, int places) => EachAsync([run], _ => queue.MoveBy(run.Id, places), null, null);

    public Task MoveToFrontAsync(RunSummary run) => EachAsync([run], _ => queue.Move(run.Id, 0), one => $"{one.Name} is the next to start.", null);

    /// <summary>Deletes; "Undo" gives all of them back. True when at least one is gone.</summary>
    public async Task<bool> DeleteAsync(params RunSummary[] runs)
    {
        var deleted = new List<DeletedRun>();
        var all = await EachAsync(runs, run => deleted.Add(queue.Delete(run.Id)), null, null);
        if (deleted.Count == 0) return all;
        snackbar.Add(deleted.Count == 1 ? $"{runs[0].Name} is deleted." : $"{deleted.Count} runs are deleted.", Severity.Normal, options =>
        {
            options.Action = "Undo";
            options.VisibleStateDuration = UndoMilliseconds;
            options.OnClick = _ => RestoreAsync(deleted);
        });
        return true;
    }

    public Task RestoreAsync(IReadOnlyList<DeletedRun> deleted) => EachAsync(deleted, run => library.Restore(run.Name), one => $"{one.Id} is back.", many => $"{many} runs are back.");

    /// <summary>Does it to each, one after the other; what is refused is said, and the others are done. True when nothing was refused.</summary>
    private async Task<bool> EachAsync<T>(IReadOnlyList<T> runs, Action<T> command, Func<T, string>? doneOne, Func<int, string>? doneMany)
    {
        var refused = new List<string>();
        await Task.Run(() =>
        {
            foreach (var run in runs)
            {
                try
                {
                    command(run);
                }
                catch (UserInputException e)
                {
                    refused.Add(e.Message);
                }
            }
        });
        var done = runs.Count - refused.Count;
        if (done == 1 && runs.Count == 1 && doneOne is not null) snackbar.Add(doneOne(runs[0]), Severity.Success);
        else if (done > 0 && runs.Count > 1 && doneMany is not null) snackbar.Add(doneMany(done), Severity.Success);
        if (refused.Count > 0) snackbar.Add(refused.Count == 1 ? refused[0] : $"{refused.Count} of {runs.Count} were refused, the first because: {refused[0]}", Severity.Error);
        return refused.Count == 0;
    }
}
