using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Hosting;
using MudBlazor;

namespace EcgPeft.Web.Components.Shared;

/// <summary>What a person can do with runs, as every page offers it: done at once, told how it went, and taken back where something is lost.</summary>
public sealed class RunCommands(RunQueue queue, RunLibrary library, ISnackbar snackbar, CurrentUser user)
{
    private const string Undo = "Undo";

    /// <summary>How long "Undo" stands there; the trash of the settings page keeps the run for good.</summary>
    private const int UndoMilliseconds = 20_000;

    /// <summary>Whether whoever looks may change a run; others' runs can be looked at, compared and cloned.</summary>
    public bool MayChange(RunSummary run) => user.May(run.Notes.Owner);

    public bool MayStop(RunSummary run) => MayChange(run) && run.Broken is null && run.Status is RunStatus.Queued or RunStatus.Running;

    public bool MayResume(RunSummary run) => MayChange(run) && run.Broken is null && RunLife.MayResume(run.Status);

    public static bool MayClone(RunSummary run) => run.Recipe is not null;

    public bool MayArchive(RunSummary run) => MayChange(run) && (run.Notes.Archived || RunLibrary.MayArchive(run));

    public bool MayDelete(RunSummary run) => MayChange(run) && (run.Broken is not null || !RunLife.HasWorker(run.Status));

    public bool MayMove(RunSummary run) => MayChange(run) && run.Broken is null && run.Status == RunStatus.Queued && run.Recipe?.OnSlurm != true;

    public Task StopAsync(params RunSummary[] runs) =>
        EachAsync(runs, run => queue.Stop(run.Id), one => one.Status == RunStatus.Queued ? $"{one.Name} is taken out of the queue." : $"{one.Name} finishes its step, writes a checkpoint and stops; it can be resumed.", many => $"{many} runs stop or leave the queue.");

    public Task ResumeAsync(params RunSummary[] runs) => EachAsync(runs, run => queue.Resume(run.Id), one => $"{one.Name} is in the queue again.", many => $"{many} runs are in the queue again.");

    public Task CloneAsync(params RunSummary[] runs) => EachAsync(runs, run => queue.Clone(run.Id), one => $"A new run with the recipe of {one.Name} waits in the queue.", many => $"{many} new runs with the same recipes wait in the queue.");

    /// <summary>Puts runs into the archive or takes them out; "Undo" does the opposite with those that were changed.</summary>
    public async Task ArchiveAsync(bool archived, params RunSummary[] runs)
    {
        var changed = new List<RunSummary>();
        await EachAsync(runs, run =>
        {
            library.SetArchived(run.Id, archived);
            changed.Add(run);
        }, null, null);
        if (changed.Count == 0) return;
        var them = changed.Count == 1 ? $"{changed[0].Name} is" : $"{changed.Count} runs are";
        Tell(archived ? $"{them} archived: the table hides {(changed.Count == 1 ? "it, a filter shows it" : "them, a filter shows them")}." : $"{them} out of the archive.", () => ArchiveAsync(!archived, [.. changed]));
    }

    public Task AddTagAsync(string tag, params RunSummary[] runs) => EachAsync(runs, run => library.AddTag(run.Id, tag), one => $"{one.Name} has the tag {tag}.", many => $"{many} runs have the tag {tag}.");

    public Task RemoveTagAsync(string tag, RunSummary run) => EachAsync([run], _ => library.RemoveTag(run.Id, tag), null, null);

    public Task<bool> SetNoteAsync(RunSummary run, string note) => EachAsync([run], _ => library.SetNote(run.Id, note), null, null);

    public Task ChangeLookAsync(Func<RunLook, RunLook> change, RunSummary run) => EachAsync([run], _ => library.ChangeLook(run.Id, change), null, null);

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
        Tell(deleted.Count == 1 ? $"{runs[0].Name} is deleted." : $"{deleted.Count} runs are deleted.", () => RestoreAsync(deleted));
        return true;
    }

    /// <summary>Says what was done, with an "Undo" beside it; Ctrl+Z presses the last one (<c>keys.js</c>).</summary>
    /// <param name="what">What was done.</param>
    /// <param name="undo">Takes it back.</param>
    /// <param name="key">A later one with the same key takes its place.</param>
    public void Tell(string what, Func<Task> undo, string key = "")
    {
        if (key.Length > 0) snackbar.RemoveByKey(key);
        snackbar.Add(what, Severity.Normal, options =>
        {
            options.Action = Undo;
            options.VisibleStateDuration = UndoMilliseconds;
            options.OnClick = _ => undo();
        }, key);
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
                catch (Exception e) when (FileTrouble.Explain(e) is { } sentence)
                {
                    refused.Add(sentence);
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
