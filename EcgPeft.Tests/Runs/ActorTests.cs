using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>Where users are known, runs and studies have owners, and everybody changes only their own.</summary>
public sealed class ActorTests : IDisposable
{
    private static readonly Actor Alice = new("alice"), Bob = new("bob");

    private readonly DataRoot _root = RunSamples.Root();
    private readonly RunServices _services;

    public ActorTests() => _services = RunServices.Open(_root, StubWorker.Quick);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Another_ones_run_can_be_looked_at_and_cloned_and_not_changed()
    {
        var id = As(Alice, () => _services.Queue.Enqueue(new() { Name = "hers" }));
        Assert.Equal("alice", _services.Store.Find(id)!.Notes.Owner);
        Action[] changes =
        [
            () => _services.Queue.Stop(id), () => _services.Queue.Resume(id), () => _services.Queue.Delete(id), () => _services.Queue.SetPriority(id, RunPriority.High), () => _services.Queue.Move(id, 0),
            () => _services.Library.SetTags(id, ["mine now"]), () => _services.Library.AddTag(id, "mine now"), () => _services.Library.RemoveTag(id, "x"), () => _services.Library.SetNote(id, "mine now"), () => _services.Library.ChangeLook(id, _ => new(1, 1)),
        ];
        foreach (var change in changes)
        {
            var refused = Assert.Throws<NotYoursException>(() => As(Bob, change));
            Assert.Equal($"The run {id} belongs to alice; bob can look at it and clone it, but only alice can change, stop or delete it.", refused.Message);
        }
        Assert.Equal(new RunNotes { Owner = "alice" }, _services.Store.Find(id)!.Notes);
        Assert.Equal("bob", _services.Store.Find(As(Bob, () => _services.Queue.Clone(id)))!.Notes.Owner);

        As(Alice, () => _services.Library.SetNote(id, "hers"));
        As(Alice, () => _services.Queue.Stop(id));
        Assert.Contains("belongs to alice", Assert.Throws<NotYoursException>(() => As(Bob, () => _services.Library.SetArchived(id, true))).Message, StringComparison.Ordinal);
        _services.Monitor.Rebuild(); // whose it is stands in its folder
        Assert.Equal(new RunNotes { Owner = "alice", Note = "hers" }, _services.Store.Find(id)!.Notes);
    }

    [Fact]
    public void Names_are_compared_letter_by_letter_and_nobody_owns_what_belongs_to_nobody()
    {
        var ofNobody = _services.Queue.Enqueue(new());
        Assert.Contains($"belongs to nobody, and alice can change only alice's own; on the server, 'ecgpeft runs give {ofNobody} alice'", Assert.Throws<NotYoursException>(() => As(Alice, () => _services.Queue.Stop(ofNobody))).Message, StringComparison.Ordinal);
        var unknown = new Actor(null);
        Assert.Contains("names no user", Assert.Throws<NotYoursException>(() => As(unknown, () => _services.Queue.Stop(ofNobody))).Message, StringComparison.Ordinal);
        Assert.Throws<NotYoursException>(() => As(unknown, () => _services.Queue.Enqueue(new())));
        Assert.Single(_services.Monitor.Runs);

        var hers = As(Alice, () => _services.Queue.Enqueue(new()));
        Assert.Throws<NotYoursException>(() => As(new Actor("Alice"), () => _services.Queue.Stop(hers)));
        Assert.Throws<NotYoursException>(() => As(new Actor(""), () => _services.Queue.Stop(ofNobody)));
        Assert.Equal(1, RunOwners.Give(_root, ofNobody, "alice"));
        As(Alice, () => _services.Queue.Stop(ofNobody));
        _services.Queue.Stop(hers); // the command line, and the product itself
    }

    [Fact]
    public void One_s_own_run_passes_those_of_others_in_the_queue()
    {
        var (first, second) = (As(Alice, () => _services.Queue.Enqueue(new())), As(Bob, () => _services.Queue.Enqueue(new())));
        As(Bob, () => _services.Queue.Move(second, 0));
        Assert.Equal([second, first], _services.Queue.Waiting.Select(run => run.Id));
        Assert.Equal("alice", RunNotes.Read(RunFolder.Find(_root.Runs, first)!).Owner);
    }

    [Fact]
    public void The_trash_is_everybodys_own()
    {
        var (hers, his) = (As(Alice, () => _services.Queue.Enqueue(new())), As(Bob, () => _services.Queue.Enqueue(new())));
        var deleted = As(Alice, () => _services.Queue.Delete(hers));
        As(Bob, () => _services.Queue.Delete(his));
        Assert.Equal(2, _services.Library.Trash().Count);
        Assert.Equal(hers, Assert.Single(As(Alice, _services.Library.Trash)).Id);
        Assert.Contains("belongs to alice", Assert.Throws<NotYoursException>(() => As(Bob, () => _services.Library.Restore(deleted.Name))).Message, StringComparison.Ordinal);
        Assert.Equal(1, As(Bob, _services.Library.EmptyTrash));
        Assert.Equal(hers, As(Alice, () => _services.Library.Restore(deleted.Name)));
        Assert.Equal("alice", _services.Store.Find(hers)!.Notes.Owner);
    }

    [Fact]
    public async Task A_study_and_its_runs_are_its_owners_also_those_that_a_search_makes_later()
    {
        Recipe recipe = new() { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 1 } };
        var grid = As(Alice, () => _services.Studies.Create(new() { Base = recipe, Methods = ["lora", "adapter"] }));
        Assert.Contains($"The study {grid} belongs to alice", Assert.Throws<NotYoursException>(() => As(Bob, () => _services.Studies.Stop(grid))).Message, StringComparison.Ordinal);
        As(Alice, () => _services.Studies.Stop(grid));
        Assert.Throws<NotYoursException>(() => As(Bob, () => _services.Studies.Resume(grid)));
        Assert.Equal("alice", _services.Studies.Find(grid).Study.Owner);

        var search = As(Bob, () => _services.Studies.Create(new() { Base = recipe, Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 2) }));
        _services.Start();
        await _services.Until($"{search}-trial-01", run => run.Status == RunStatus.Completed);
        Assert.All(_services.Monitor.Runs, run => Assert.Equal(run.Id.StartsWith(search, StringComparison.Ordinal) ? "bob" : "alice", run.Notes.Owner));
        Assert.True(RunOwners.Give(_root, grid, "carol") == 2 && Study.Read(_services.Studies.FolderOf(grid)).Owner == "carol");
    }

    [Fact]
    public void A_run_keeps_its_owner_on_its_way_to_another_installation()
    {
        var (hers, ofNobody) = (RunSamples.Completed(_root), RunSamples.Completed(_root));
        RunOwners.Give(_root, hers.Id, "alice");
        var other = RunSamples.Root();
        Assert.Equal("alice", RunNotes.Read(Import(hers)).Owner);
        Assert.Equal("bob", RunNotes.Read(Import(ofNobody)).Owner);

        RunFolder Import(RunFolder run)
        {
            var zip = Path.Combine(TestData.TemporaryFolder(), "run.zip");
            using (var file = File.Create(zip)) RunArchive.Write(ExportSource.ById(_root, run.Id)!, file, Cancel);
            return RunFolder.Find(other.Runs, As(Bob, () => new RunImport(other).Import(zip, Cancel)).Runs[0].Id)!;
        }
    }

    [Fact]
    public async Task It_flows_into_tasks_and_ends_with_its_scope()
    {
        using (Actor.Begin(Alice))
        {
            Assert.Equal("alice", await Task.Run(() => Actor.Current?.Name, Cancel));
            using (Actor.Begin(null)) Assert.True(Actor.May("bob"));
            Assert.False(Actor.May("bob"));
        }
        Assert.Null(Actor.Current);
    }

    private static T As<T>(Actor actor, Func<T> work)
    {
        using (Actor.Begin(actor)) return work();
    }

    private static void As(Actor actor, Action work)
    {
        using (Actor.Begin(actor)) work();
    }
}
