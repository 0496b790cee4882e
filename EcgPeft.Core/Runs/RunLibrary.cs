using System.Globalization;
using EcgPeft.Core.Runs.Slurm;

namespace EcgPeft.Core.Runs;

/// <summary>A deleted run.</summary>
/// <param name="Name">Name of its folder in the trash; gives it back.</param>
/// <param name="Id">The run's id.</param>
/// <param name="DeletedUtc">When it was deleted, UTC.</param>
public sealed record DeletedRun(string Name, string Id, DateTime DeletedUtc);

/// <summary>
/// The people's side of the runs in a data folder: tags, notes, the archive and the trash. What a run does is <see cref="RunQueue"/>'s.
/// Thread-safe.
/// </summary>
/// <param name="root">The data folder.</param>
/// <param name="monitor">Told of every change.</param>
public sealed class RunLibrary(DataRoot root, RunMonitor monitor)
{
    private const string TimeFormat = "yyyyMMddHHmmssfff";

    /// <summary>One command at a time.</summary>
    internal CommandGate Gate { get; } = new(root);

    private string TrashFolder => Path.Combine(root.Path, "trash");

    /// <summary>Replaces the tags of a run.</summary>
    /// <param name="id">The run.</param>
    /// <param name="tags">All its tags.</param>
    /// <exception cref="UserInputException">There is no such run, or a tag cannot be kept.</exception>
    public void SetTags(string id, IEnumerable<string> tags)
    {
        var clean = RunNotes.CleanTags(tags);
        Change(id, notes => notes with { Tags = clean });
    }

    /// <summary>Gives a run a tag more; one that it has already stays once.</summary>
    /// <param name="id">The run.</param>
    /// <param name="tag">The tag.</param>
    /// <exception cref="UserInputException">There is no such run, or the tag cannot be kept.</exception>
    public void AddTag(string id, string tag) => Change(id, notes => notes with { Tags = RunNotes.CleanTags([.. notes.Tags, tag]) });

    /// <summary>Takes a tag from a run; one that it does not have is no error.</summary>
    /// <param name="id">The run.</param>
    /// <param name="tag">The tag, whatever the case of its letters.</param>
    /// <exception cref="UserInputException">There is no such run.</exception>
    public void RemoveTag(string id, string tag) => Change(id, notes => notes with { Tags = [.. notes.Tags.Where(other => !other.Equals(tag, StringComparison.OrdinalIgnoreCase))] });

    /// <summary>Replaces the note of a run.</summary>
    /// <param name="id">The run.</param>
    /// <param name="note">The text; empty for none.</param>
    /// <exception cref="UserInputException">There is no such run, or the text is too long.</exception>
    public void SetNote(string id, string note)
    {
        if (note.Length > RunNotes.LongestNote) throw new UserInputException($"The note has {note.Length} characters; {RunNotes.LongestNote} are the most.");
        Change(id, notes => notes with { Note = note.TrimEnd() });
    }

    /// <summary>Gives a run another colour and dash.</summary>
    /// <param name="id">The run.</param>
    /// <param name="change">From how it looks now to how it looks from now on, on every page and in every report.</param>
    /// <exception cref="UserInputException">There is no such run, or no such look.</exception>
    public void ChangeLook(string id, Func<RunLook, RunLook> change)
    {
        using (Gate.Enter())
        {
            var folder = RunFolder.Find(root.Runs, id) ?? throw NoRun(id);
            if (Actor.Current is not null) Actor.Demand(RunNotes.Read(folder).Owner, "run", id);
            RunLook.Set(folder, change(RunLook.Of(folder)));
        }
        monitor.Refresh(id);
    }

    /// <summary>Puts a run into the archive, where lists leave it out, or takes it out of it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="archived">In or out.</param>
    /// <exception cref="UserInputException">There is no such run, or it waits or is at work.</exception>
    public void SetArchived(string id, bool archived)
    {
        if (archived && monitor.Runs.FirstOrDefault(run => run.Id == id) is { } run && !MayArchive(run))
            throw new UserInputException($"Run {id} is {run.Status.ToString().ToLowerInvariant()}; only a run that has ended can be archived.");
        Change(id, notes => notes with { Archived = archived });
    }

    /// <summary>Whether a run may go to the archive: what waits or works must stay in sight.</summary>
    /// <param name="run">The run.</param>
    public static bool MayArchive(RunSummary run) => run.Broken is null && run.EndedUtc is not null;

    /// <summary>The deleted runs, the latest first; where users are known, the acting user's own.</summary>
    public IReadOnlyList<DeletedRun> Trash()
    {
        if (!Directory.Exists(TrashFolder)) return [];
        return [.. All().Where(run => Actor.Current is null || Actor.May(OwnerOf(run)))];
    }

    /// <summary>Whether a deleted run is there, whosever it is.</summary>
    /// <param name="name"><see cref="DeletedRun.Name"/>.</param>
    public bool IsInTrash(string name) => All().Any(run => run.Name == name);

    private IReadOnlyList<DeletedRun> All()
    {
        if (!Directory.Exists(TrashFolder)) return [];
        return [.. Directory.EnumerateDirectories(TrashFolder).Select(Path.GetFileName).OfType<string>().Select(Parse).OfType<DeletedRun>().OrderByDescending(run => run.DeletedUtc).ThenBy(run => run.Name, StringComparer.Ordinal)];
    }

    /// <summary>Gives a deleted run back as it was.</summary>
    /// <param name="name"><see cref="DeletedRun.Name"/>.</param>
    /// <returns>The run's id.</returns>
    /// <exception cref="UserInputException">It is not in the trash any more, or there is a run of its id.</exception>
    public string Restore(string name)
    {
        using (Gate.Enter())
        {
            var deleted = All().FirstOrDefault(run => run.Name == name) ?? throw new UserInputException($"{name} is not in the trash; it may have been emptied.");
            if (Actor.Current is not null) Actor.Demand(OwnerOf(deleted), "run", deleted.Id);
            var target = Path.Combine(root.Runs, deleted.Id);
            if (Directory.Exists(target)) throw new UserInputException($"There is a run {deleted.Id} already; delete it first to get this one back.");
            Directory.Move(Path.Combine(TrashFolder, name), target);
            SlurmJob.WaitAgain(new RunFolder(target));
            monitor.Refresh(deleted.Id);
            return deleted.Id;
        }
    }

    /// <summary>Deletes what is in the trash (<see cref="Trash"/>) for good.</summary>
    /// <returns>How many runs.</returns>
    public int EmptyTrash()
    {
        using (Gate.Enter())
        {
            var all = Trash();
            foreach (var run in all) Directory.Delete(Path.Combine(TrashFolder, run.Name), recursive: true);
            return all.Count;
        }
    }

    /// <summary>Changes the notes of a run.</summary>
    internal void Change(string id, Func<RunNotes, RunNotes> change, bool ofAnybody = false)
    {
        using (Gate.Enter())
        {
            var folder = RunFolder.Find(root.Runs, id) ?? throw NoRun(id);
            var before = RunNotes.Read(folder);
            if (!ofAnybody) Actor.Demand(before.Owner, "run", id);
            var after = change(before);
            if (after == before) return;
            after.WriteTo(folder);
        }
        monitor.Refresh(id);
    }

    private UserInputException NoRun(string id) => new($"There is no run {id} in {root.Runs}; it may have been deleted.");

    /// <summary>Moves a run's folder, whose lock is free, to the trash.</summary>
    internal DeletedRun PutIntoTrash(RunFolder folder)
    {
        using (Gate.Enter())
        {
            Directory.CreateDirectory(TrashFolder);
            // One folder a millisecond: a run that is deleted, restored and deleted again at once gets the next.
            for (var time = DateTime.UtcNow; ; time = time.AddMilliseconds(1))
            {
                var name = $"{folder.Id}.{time.ToString(TimeFormat, CultureInfo.InvariantCulture)}";
                var target = Path.Combine(TrashFolder, name);
                if (Directory.Exists(target)) continue;
                Directory.Move(folder.Path, target);
                return Parse(name)!;
            }
        }
    }

    private string? OwnerOf(DeletedRun run)
    {
        try
        {
            return RunNotes.Read(new RunFolder(Path.Combine(TrashFolder, run.Name))).Owner;
        }
        catch (UserInputException)
        {
            return null; // damaged notes name nobody
        }
    }

    private static DeletedRun? Parse(string name)
    {
        var dot = name.LastIndexOf('.');
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return dot > 0 && DateTime.TryParseExact(name[(dot + 1)..], TimeFormat, CultureInfo.InvariantCulture, utc, out var time) ? new(name, name[..dot], time) : null;
    }
}
