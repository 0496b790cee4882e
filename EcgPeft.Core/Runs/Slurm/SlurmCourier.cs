using System.Diagnostics;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>A run that Slurm carries out, as its follower sees it.</summary>
/// <param name="Folder">The run.</param>
/// <param name="Status">Its status; null before the first.</param>
/// <param name="Job">Its job.</param>
internal sealed record SlurmRun(RunFolder Folder, RunStatus? Status, SlurmJob Job);

/// <summary>
/// Takes waiting runs to Slurm and follows their jobs. Whether a run has a worker is Slurm's to say: neither process ids nor locks of this
/// machine mean anything for a worker on another node. All that it changes it changes under <c>slurm.lock</c> in the data folder, so that
/// several dashboards and commands on one folder submit nothing twice.
/// </summary>
internal sealed class SlurmCourier
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DataRoot _root;
    private readonly SlurmSettings _settings;
    private readonly SlurmSubmission _submission;
    private readonly ILogger? _log;
    private readonly Dictionary<string, Seen> _seen = [];

    public SlurmCourier(DataRoot root, SlurmSettings settings, IReadOnlyList<string> program, ILogger? log = null)
    {
        (_root, _settings, _log) = (root, settings, log);
        Commands = new SlurmCommands(TimeSpan.FromSeconds(settings.CommandSeconds));
        _submission = new SlurmSubmission(root, settings, program, Commands);
    }

    /// <summary>Slurm's programs.</summary>
    public SlurmCommands Commands { get; }

    /// <summary>Why Slurm could not be asked in the last round; null where it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The script of runs that have no folders yet: of one run, or of a study of so many.</summary>
    public string Preview(Recipe recipe, int runs) => _submission.Preview(recipe, runs);

    /// <summary>One round: asks Slurm once for all jobs, does what follows, and submits what waits.</summary>
    /// <param name="runs">Runs that wait, are at work, or whose job is not done.</param>
    /// <param name="changed">Told of each run whose state or job has changed.</param>
    public void Round(IReadOnlyList<SlurmRun> runs, Action<RunFolder> changed)
    {
        if (runs.Count == 0) return;
        using var held = FileLock.TryTake(LockFile);
        if (held is null) return; // another dashboard or command is at it
        try
        {
            var queue = Commands.Queue();
            Follow(runs, queue, changed);
            SubmitWaiting(runs, queue, changed);
            Trouble = null;
        }
        catch (SlurmSilentException e)
        {
            // Nothing is concluded from silence.
            if (Trouble != e.Message) _log?.LogWarning("Slurm does not answer: {Reason}", e.Message);
            Trouble = e.Message;
        }
    }

    /// <summary>Prepares a run that is about to wait for Slurm.</summary>
    /// <exception cref="UserInputException">Its last job has not ended yet, or Slurm does not answer.</exception>
    public void Accept(RunFolder folder, string? group)
    {
        var before = SlurmJob.Read(folder);
        if (before is { IsOut: true, Id: { } id } && Asked(() => Commands.Show(id)) is { Ended: false } view)
        {
            if (view.Waits) return; // it goes on with the job that it has
            throw new UserInputException($"Slurm job {id} of run {folder.Id} is still ending; try again in a moment.");
        }
        new SlurmJob { Group = group is null ? null : Path.GetRelativePath(folder.Path, group) }.WriteTo(folder);
    }

    /// <summary>Takes a waiting run back from Slurm; false where its job has begun.</summary>
    /// <exception cref="UserInputException">Slurm does not answer.</exception>
    public bool Withdraw(RunFolder folder) => Asked(() =>
    {
        using var held = TakeLock(); // not while it is being submitted
        if (SlurmJob.Read(folder) is not { Done: false } job) return true;
        job = Identified(job, job.Id is null && job.Name is not null ? Commands.Queue() : []);
        if (job.Id is not { } id) return true;
        // A controller that lost its state begins its numbers anew: what has this number may be another's.
        if (job.Name is not null && Commands.Queue().FirstOrDefault(view => view.Id == id) is { Name.Length: > 0 } found && found.Name != job.Name) return true;
        Commands.Cancel(id, onlyWaiting: true);
        var queue = Commands.Queue();
        if (queue.FirstOrDefault(view => view.Id == id) is { Ended: false } view && view.State != "COMPLETING") return false;
        // The last of an array takes the job with it that was to go before.
        if (job.Index is not null && job.Name is { } name && !queue.Any(other => other.Name == name && !other.Ended))
            foreach (var first in queue.Where(other => other.Name == SlurmSubmission.FramesName(name) && !other.Ended)) Commands.Cancel(first.Id);
        (job with { State = "CANCELLED", Reason = null, Done = true }).WriteTo(folder);
        return true;
    });

    /// <summary>Tells the job of a run whose worker is asked to stop; the request in the run folder works without it, only later.</summary>
    public void AskedToStop(RunFolder folder)
    {
        try
        {
            if (SlurmJob.Read(folder) is { IsOut: true, Id: { } id }) Commands.Interrupt(id);
        }
        catch (SlurmSilentException e)
        {
            _log?.LogWarning("Slurm could not be told that run {Run} is to stop: {Reason}", folder.Id, e.Message);
        }
    }

    private string LockFile => Path.Combine(_root.Path, "slurm.lock");

    private FileStream TakeLock()
    {
        for (var began = Stopwatch.GetTimestamp(); ; Thread.Sleep(20))
        {
            if (FileLock.TryTake(LockFile) is { } held) return held;
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new UserInputException("Slurm is slow to answer now, and runs are on their way to it; try again in a moment.");
        }
    }

    private void Follow(IReadOnlyList<SlurmRun> runs, IReadOnlyList<SlurmView> queue, Action<RunFolder> changed)
    {
        var known = queue.DistinctBy(view => view.Id).ToDictionary(view => view.Id, StringComparer.Ordinal);
        var open = runs.Where(run => run.Job.IsOut).ToList();
        foreach (var (id, view) in Commands.Recall([.. open.Select(run => run.Job.Id!).Where(id => !known.ContainsKey(id))])) known[id] = view;
        foreach (var run in open)
        {
            try
            {
                // Another command may have changed it since the list was made.
                if (SlurmJob.Read(run.Folder) is { IsOut: true } job && job.Id == run.Job.Id && Follow(run.Folder, job, WithFirst(Named(known.GetValueOrDefault(job.Id!), job), job, queue))) changed(run.Folder);
            }
            catch (Exception e) when (e is IOException or UserInputException or UnauthorizedAccessException)
            {
                _log?.LogWarning(e, "Run {Run} on Slurm cannot be followed now.", run.Folder.Id);
            }
        }
        foreach (var gone in _seen.Keys.Except(open.Select(run => run.Folder.Path)).ToList()) _seen.Remove(gone);
    }

    /// <summary>A Slurm that lost its memory counts from 1 again: a job of another name is another job.</summary>
    private static SlurmView? Named(SlurmView? view, SlurmJob job) => view is null || view.Name.Length == 0 || view.Name == job.Name ? view : null;

    /// <summary>A job that waits for the one that goes first says why that one waits.</summary>
    private static SlurmView? WithFirst(SlurmView? view, SlurmJob job, IReadOnlyList<SlurmView> queue) =>
        view is { Reason: "Dependency" } && job.Name is { } name && queue.FirstOrDefault(other => other.Name == SlurmSubmission.FramesName(name)) is { Waits: true, Reason: { } reason }
            ? view with { Reason = $"Dependency: {reason}" } : view;

    private bool Follow(RunFolder folder, SlurmJob job, SlurmView? view)
    {
        var status = EventLog.LastStatus(folder.EventsFile)?.Status;
        var seen = _seen[folder.Path] = Look(folder, job, view);
        var settle = TimeSpan.FromSeconds(_settings.SettleSeconds);
        var settled = Stopwatch.GetElapsedTime(seen.Since) >= settle;
        var alive = WorkerLock.IsHeld(folder) || Stopwatch.GetElapsedTime(seen.Written) < settle;
        var left = _settings.AutomaticResumes - job.Resumes;
        var action = SlurmDecision.Next(status, view, settled, alive, left);
        if (view is not null && (action == SlurmAction.Resume || (view is { State: "FAILED", ExitCode: null } && action is SlurmAction.Interrupt or SlurmAction.FailWaiting or SlurmAction.Finish)))
        {
            // Only now it is worth a call: with which code it ended, and how often Slurm itself has put it back.
            view = Commands.Show(view.Id) is { } whole && Named(whole, job) is not null ? whole : view;
            action = SlurmDecision.Next(status, view, settled, alive, left - (view.Restarts ?? 0));
        }
        var noted = Act(action, folder, job with { State = view?.State ?? "UNKNOWN", Reason = view is { Waits: true } ? view.Reason : null, Node = view?.Node ?? job.Node }, view);
        if (noted == job) return false;
        noted.WriteTo(folder);
        return true;
    }

    private SlurmJob Act(SlurmAction action, RunFolder folder, SlurmJob job, SlurmView? view)
    {
        var how = $"Slurm job {job.Id} {SlurmWords.Ended(view)}";
        switch (action)
        {
            case SlurmAction.Cancel:
                Commands.Cancel(job.Id!);
                return job;
            case SlurmAction.Replace:
                Commands.Cancel(job.Id!);
                _log?.LogInformation("Slurm holds job {Job} of run {Run}; the run gets a new one.", job.Id, folder.Id);
                return new SlurmJob { Group = job.Group, Resumes = job.Resumes + 1, Note = $"Slurm held job {job.Id}: {SlurmWords.Waits(view!.Reason)}." };
            case SlurmAction.Finish:
                return job with { Done = true, Note = view?.State is "COMPLETED" ? null : how + "." };
            case SlurmAction.QueuedAgain:
                MoveOn(folder, $"Slurm put job {job.Id} into its queue again (it was preempted, or lost its node)", $"Job {job.Id} waits at Slurm again; the run goes on by itself.");
                return job;
            case SlurmAction.Interrupt:
                return MoveOn(folder, how, null) ? job with { Done = true, Note = how + "." } : job;
            case SlurmAction.Resume:
                var number = job.Resumes + (view?.Restarts ?? 0) + 1;
                if (!MoveOn(folder, how, $"{how}; the run goes to Slurm again by itself ({number} of at most {_settings.AutomaticResumes} times).")) return job;
                return new SlurmJob { Group = job.Group, Resumes = number, Note = how + "." };
            case SlurmAction.AskToGiveWay:
                if (!File.Exists(folder.StopRequestFile)) File.WriteAllText(folder.StopRequestFile, how);
                return job;
            case SlurmAction.StopWaiting:
                using (var taken = WorkerLock.TryTake(folder))
                    if (taken is not null && EventLog.LastStatus(folder.EventsFile) is { Status: RunStatus.Queued } waiting) RunLife.Move(folder, RunStatus.Stopped, waiting.Step, $"{how} before it began; resume it to put it back.");
                return job with { Done = true, Note = how + "." };
            case SlurmAction.FailWaiting:
                RunLife.FailWaiting(folder, WorkerLog.EndedBeforeItBegan($"Slurm job {job.Id} ({SlurmWords.Ended(view)})", folder, 0));
                return job with { Done = true, Note = how + "." };
            default:
                return job;
        }
    }

    /// <summary>A run whose worker is gone: interrupted where that is not said yet, and queued again where it goes on. False while somebody holds it.</summary>
    private static bool MoveOn(RunFolder folder, string cause, string? queuedAgain)
    {
        using var taken = WorkerLock.TryTake(folder);
        if (taken is null) return false;
        var last = EventLog.LastStatus(folder.EventsFile);
        if (last is not null && RunLife.HasWorker(last.Status))
        {
            File.Delete(folder.StopRequestFile);
            last = RunLife.Interrupt(folder, RunSummary.Read(folder), cause);
        }
        if (queuedAgain is not null && last is { Status: RunStatus.Interrupted }) RunLife.Move(folder, RunStatus.Queued, last.Step, queuedAgain);
        return true;
    }

    private void SubmitWaiting(IReadOnlyList<SlurmRun> runs, IReadOnlyList<SlurmView> queue, Action<RunFolder> changed)
    {
        var waiting = new List<(RunFolder Folder, SlurmJob Job)>();
        // In the order in which they were made: so are an array's tasks numbered.
        foreach (var run in runs.Where(run => run.Job.Id is null || run.Status == RunStatus.Interrupted).OrderBy(run => run.Folder.Id, StringComparer.Ordinal))
        {
            if (EventLog.LastStatus(run.Folder.EventsFile) is not { Status: RunStatus.Queued } || (SlurmJob.Read(run.Folder) ?? new SlurmJob()) is not { Id: null } job) continue;
            var found = Identified(job, queue);
            if (found.Id is null) waiting.Add((run.Folder, job));
            else
            {
                found.WriteTo(run.Folder);
                changed(run.Folder);
            }
        }
        foreach (var group in _submission.Groups(waiting)) Submit(group, changed);
    }

    private void Submit(IReadOnlyList<(RunFolder Folder, SlurmJob Job)> group, Action<RunFolder> changed)
    {
        try
        {
            var jobs = _submission.Submit(group);
            _log?.LogInformation("Slurm job {Job} submitted for {Runs} runs.", jobs[0].Id, group.Count);
        }
        catch (UserInputException e)
        {
            foreach (var (folder, job) in group)
            {
                (job with { Name = null, Note = e.Message, Done = true }).WriteTo(folder);
                RunLife.FailWaiting(folder, e.Message);
            }
        }
        foreach (var (folder, _) in group) changed(folder);
    }

    /// <summary>A job whose id its submitter never learned is found by its name.</summary>
    private static SlurmJob Identified(SlurmJob job, IReadOnlyList<SlurmView> queue) =>
        job.Id is null && job.Name is { } name && queue.FirstOrDefault(view => view.Name == name && view.Index == job.Index) is { } view
            ? job with { Id = view.Id, State = view.State, SubmittedUtc = DateTime.UtcNow } : job;

    /// <summary>Since when the job stands as it does, and the events are as long as they are.</summary>
    private Seen Look(RunFolder folder, SlurmJob job, SlurmView? view)
    {
        var (now, length) = (Stopwatch.GetTimestamp(), new FileInfo(folder.EventsFile) is { Exists: true } file ? file.Length : 0);
        var stands = $"{job.Id} {view?.State}";
        return _seen.TryGetValue(folder.Path, out var before)
            ? new(stands, before.Stands == stands ? before.Since : now, length, before.Length == length ? before.Written : now)
            : new(stands, now, length, now);
    }

    private static T Asked<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (SlurmSilentException e)
        {
            throw new UserInputException($"Slurm does not answer now ({e.Message.TrimEnd('.')}); try again in a moment.", e);
        }
    }

    private sealed record Seen(string Stands, long Since, long Length, long Written);
}
