using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Runs;

/// <summary>Tags, notes, archive, trash, order of the queue: kept in the run folders, whatever happens to the database.</summary>
public class RunLibraryTests : IDisposable
{
    private readonly DataRoot _root;
    private readonly RunServices _services;

    public RunLibraryTests() : this(RunSamples.Root())
    {
    }

    protected RunLibraryTests(DataRoot root) => (_root, _services) = (root, RunServices.Open(root, StubWorker.Quick));

    public void Dispose()
    {
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Tags_note_and_archive_survive_a_rebuilt_table()
    {
        var folder = RunSamples.Completed(_root);
        _services.Monitor.Tick();
        _services.Library.SetTags(folder.Id, [" baseline ", "paper", "Baseline", ""]);
        _services.Library.AddTag(folder.Id, "seed 1");
        _services.Library.RemoveTag(folder.Id, "PAPER");
        _services.Library.SetNote(folder.Id, "Looks odd after epoch 3.\n");
        _services.Library.SetArchived(folder.Id, true);
        var expected = new RunNotes { Tags = ["baseline", "seed 1"], Note = "Looks odd after epoch 3.", Archived = true };
        Assert.Equal(expected, _services.Store.Find(folder.Id)!.Notes);

        _services.Monitor.Rebuild();
        Assert.Equal(expected, _services.Store.Find(folder.Id)!.Notes);
        Assert.Equal(RunSamples.Metrics.Test, _services.Store.Find(folder.Id)!.Test);
        _services.Library.SetArchived(folder.Id, false);
        Assert.False(_services.Store.Find(folder.Id)!.Notes.Archived);
    }

    [Fact]
    public void An_open_page_hears_of_a_changed_note()
    {
        var folder = RunSamples.Completed(_root);
        using var told = new SemaphoreSlim(0);
        RunSummary? last = null;
        using var subscription = _services.Feed.Subscribe(folder.Id, increment => { last = increment.Summary; told.Release(); }, out var snapshot);
        _services.Library.SetNote(folder.Id, "heard");
        Assert.True(told.Wait(TestData.Patience, TestContext.Current.CancellationToken));
        Assert.Equal("heard", last!.Notes.Note);
        Assert.Equal("", snapshot.Summary.Notes.Note);
    }

    [Fact]
    public void What_cannot_be_kept_is_refused_with_a_sentence()
    {
        var id = _services.Queue.Enqueue(new());
        Assert.Contains("comma", Refused(() => _services.Library.AddTag(id, "a,b")), StringComparison.Ordinal);
        Assert.Contains("too long", Refused(() => _services.Library.AddTag(id, new string('x', 41))), StringComparison.Ordinal);
        Assert.Contains("too many", Refused(() => _services.Library.SetTags(id, Enumerable.Range(0, 21).Select(i => $"t{i}"))), StringComparison.Ordinal);
        Assert.Contains("10000", Refused(() => _services.Library.SetNote(id, new string('x', 10_001))), StringComparison.Ordinal);
        Assert.Contains("queued", Refused(() => _services.Library.SetArchived(id, true)), StringComparison.Ordinal);
        Assert.Contains("There is no run", Refused(() => _services.Library.SetNote("../secret", "x")), StringComparison.Ordinal);
        Assert.Equal(RunNotes.None, _services.Store.Find(id)!.Notes);
    }

    [Fact]
    public void Damaged_notes_break_their_own_row_only()
    {
        var (good, bad) = (RunSamples.Completed(_root), RunSamples.Completed(_root));
        File.WriteAllText(bad.NotesFile, "{");
        _services.Monitor.Tick();
        Assert.Null(_services.Store.Find(good.Id)!.Broken);
        Assert.Contains("notes.json", _services.Store.Find(bad.Id)!.Broken, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_run_comes_back_whole()
    {
        var folder = RunSamples.Completed(_root);
        _services.Monitor.Tick();
        _services.Library.SetNote(folder.Id, "keep me");
        var before = _services.Store.Find(folder.Id);

        var deleted = _services.Queue.Delete(folder.Id);
        Assert.Empty(_services.Store.List());
        Assert.Equal(deleted, Assert.Single(_services.Library.Trash()));
        Assert.Equal(folder.Id, deleted.Id);
        Assert.Equal(folder.Id, _services.Library.Restore(deleted.Name));
        Assert.Equal(before, _services.Store.Find(folder.Id));
        Assert.Empty(_services.Library.Trash());
        Assert.Contains("not in the trash", Refused(() => _services.Library.Restore(deleted.Name)), StringComparison.Ordinal);
        Assert.Contains("not in the trash", Refused(() => _services.Library.Restore("../runs")), StringComparison.Ordinal);

        _services.Queue.Delete(folder.Id);
        Assert.Equal(1, _services.Library.EmptyTrash());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root.Path, "trash")));
    }

    [Fact]
    public void A_clone_is_a_new_waiting_run_with_the_same_recipe()
    {
        var folder = RunSamples.Completed(_root);
        _services.Monitor.Tick();
        _services.Library.SetTags(folder.Id, ["baseline"]);
        _services.Library.SetNote(folder.Id, "of the first only");
        var clone = _services.Store.Find(_services.Queue.Clone(folder.Id))!;
        Assert.NotEqual(folder.Id, clone.Id);
        Assert.Equal(RunStatus.Queued, clone.Status);
        Assert.Equal(folder.ReadRecipe(), clone.Recipe);
        Assert.Equal(new RunNotes { Tags = ["baseline"] }, clone.Notes);
    }

    [Fact]
    public async Task Priority_and_place_decide_what_is_next()
    {
        var (a, b, c, d) = (Enqueue("a"), Enqueue("b"), Enqueue("c"), Enqueue("d"));
        Assert.Equal("abcd", Order());
        _services.Queue.SetPriority(d, RunPriority.High);
        _services.Queue.SetPriority(a, RunPriority.Low);
        Assert.Equal("dbca", Order());
        _services.Queue.MoveBy(c, -1);
        Assert.Equal("dcba", Order());
        _services.Queue.Move(b, 0); // before one of high priority: it is of high priority now
        Assert.Equal("bdca", Order());
        Assert.Equal(RunPriority.High, _services.Store.Find(b)!.Notes.Priority);
        _services.Queue.Move(b, 99);
        Assert.Equal("dcab", Order());
        Assert.Equal(RunPriority.Low, _services.Store.Find(b)!.Notes.Priority);
        _services.Monitor.Rebuild();
        Assert.Equal("dcab", Order());

        // Taken out and put back it is a new arrival.
        _services.Queue.Stop(a);
        Assert.Contains("does not wait", Refused(() => _services.Queue.Move(a, 0)), StringComparison.Ordinal);
        _services.Queue.Resume(a);
        Assert.Equal("dcba", Order());

        _services.Start();
        var started = new List<DateTime?>();
        foreach (var id in new[] { d, c, b, a }) started.Add((await _services.Until(id, run => run.Status == RunStatus.Completed)).StartedUtc);
        Assert.Equal(started.Order(), started);
    }

    [Fact]
    public void How_many_run_at_once_is_remembered()
    {
        var root = RunSamples.Root();
        using (var services = RunServices.Open(root, StubWorker.Quick))
        {
            Assert.Equal(1, services.Queue.Concurrency);
            Assert.Contains("from 1 to", Refused(() => services.Queue.Concurrency = 0), StringComparison.Ordinal);
            services.Queue.Concurrency = 3;
        }
        using var again = RunServices.Open(root, StubWorker.Quick, concurrency: 2);
        Assert.Equal(3, again.Queue.Concurrency);
    }

    private string Enqueue(string name) => _services.Queue.Enqueue(new Recipe { Name = name });

    private string Order() => string.Concat(_services.Queue.Waiting.Select(run => run.Name));

    private static string Refused(Action command) => Assert.Throws<UserInputException>(command).Message;
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class RunLibraryTestsOnPostgres() : RunLibraryTests(PostgresServer.Root());
