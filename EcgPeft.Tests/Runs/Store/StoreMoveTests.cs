using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>Everything is in the folders: another store is filled from them, and nothing is missing there.</summary>
public sealed class StoreMoveTests
{
    [Fact]
    public void From_SQLite_to_PostgreSQL_and_back_nothing_is_lost()
    {
        var sqlite = RunSamples.Root();
        var postgres = sqlite with { Store = PostgresServer.Store() };
        State before;
        using (var services = RunServices.Open(sqlite, StubWorker.Quick))
        {
            var (completed, archived, deleted) = (RunSamples.Completed(sqlite), RunSamples.Failed(sqlite), RunSamples.Completed(sqlite));
            services.Monitor.Tick();
            services.Library.SetTags(completed.Id, ["paper", "seed 1"]);
            services.Library.SetNote(completed.Id, "For figure 2; „Größe“ 🫀\n\nsecond line");
            services.Library.SetArchived(archived.Id, true);
            services.Queue.Delete(deleted.Id);
            services.Studies.Create(new() { Base = new() { Data = new() { Path = "/data/segments.csv", Hash = "h" } }, Methods = ["lora", "adapter"], Seeds = [1, 2], Name = "four" });
            var last = services.Queue.Enqueue(new() { Name = "urgent" });
            services.Queue.SetPriority(last, RunPriority.High);
            services.Queue.Move(services.Queue.Waiting[^1].Id, 2);
            services.Queue.Concurrency = 2;
            before = State.Of(services);
        }
        foreach (var root in new[] { postgres, sqlite with { Store = StoreAddress.Sqlite(Path.Combine(sqlite.Path, "again.db")) }, postgres })
        {
            using (var services = RunServices.Open(root, new WorkerCommand("", []))) services.Monitor.Rebuild(); // as ecgpeft runs reindex does
            using var opened = RunServices.Open(root, StubWorker.Quick);
            var after = State.Of(opened);
            Assert.Equal(before.Table, after.Table);
            Assert.Equal(before, after with { Table = before.Table, Waiting = before.Waiting, Trash = before.Trash, Looks = before.Looks });
            Assert.Equal(before.Waiting, after.Waiting);
            Assert.Equal(before.Trash, after.Trash);
            Assert.Equal(before.Looks, after.Looks);
        }
    }

    private sealed record State(IReadOnlyList<RunSummary> Table, IReadOnlyList<string> Waiting, IReadOnlyList<DeletedRun> Trash, IReadOnlyList<RunLook> Looks, string Study, int Concurrency)
    {
        public static State Of(RunServices services)
        {
            var study = Assert.Single(services.Studies.List());
            return new(services.Store.List(), [.. services.Queue.Waiting.Select(run => run.Id)], services.Library.Trash(),
                [.. services.Store.List().Select(run => RunLook.Of(RunFolder.Find(Path.GetDirectoryName(study.Runs[0].Run.In(services.Studies.FolderOf(study.Id)).Path)!, run.Id)!))],
                $"{study.Id} {study.Study.Name} {study.Status} {study.Runs.Count}", services.Queue.Concurrency);
        }
    }
}
