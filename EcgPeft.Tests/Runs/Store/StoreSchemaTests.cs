using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>Tables of another schema: an older one is brought up to date at the start, what is nobody's of ours is left alone.</summary>
public sealed class StoreSchemaTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_store_of_the_first_schema_is_brought_up_to_date_at_the_start(bool postgres)
    {
        var root = Root(postgres);
        var (hers, other) = (RunSamples.Completed(root), RunSamples.Failed(root));
        RunOwners.Give(root, hers.Id, "Zoë");
        IReadOnlyList<RunSummary> before;
        using (var services = RunServices.Open(root, StubWorker.Quick))
        {
            services.Monitor.Tick();
            before = services.Store.List();
        }
        // Back to what the first migration made.
        foreach (var sql in new[] { """ALTER TABLE "Runs" DROP COLUMN "Owner" """, """DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%_Owner'""" }) StoreTrouble.Execute(root, sql);
        Assert.Equal("1", StoreTrouble.Execute(root, """SELECT COUNT(*) FROM "__EFMigrationsHistory" """));
        Assert.ThrowsAny<Exception>(() => StoreTrouble.Execute(root, """SELECT "Runs"."Owner" FROM "Runs" """));
        Assert.Equal("2", StoreTrouble.Execute(root, """SELECT COUNT(*) FROM "Runs" """));

        using (var services = RunServices.Open(root, StubWorker.Quick))
        {
            services.Monitor.Tick();
            Assert.Equal(before, services.Store.List());
        }
        Assert.Equal("Zoë", StoreTrouble.Execute(root, $"""SELECT "Owner" FROM "Runs" WHERE "Id" = '{hers.Id}'"""));
        Assert.Equal("1", StoreTrouble.Execute(root, $"""SELECT COUNT(*) FROM "Runs" WHERE "Owner" IS NULL AND "Id" = '{other.Id}'"""));
    }

    [Fact]
    public void Tables_of_another_program_are_left_alone_with_one_sentence()
    {
        var root = Root(postgres: false);
        StoreTrouble.Execute(root, """CREATE TABLE "Runs" ("Marathon" int); INSERT INTO "Runs" VALUES (42)""");
        var error = Assert.Throws<UserInputException>(() => RunServices.Open(root, StubWorker.Quick));
        Assert.Contains("holds tables that no version of EcgPeft has made", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal("42", StoreTrouble.Execute(root, """SELECT "Marathon" FROM "Runs" """));
    }

    [Fact]
    public void Tables_that_lack_a_column_are_put_aside_and_made_again()
    {
        var root = Root(postgres: false);
        var run = RunSamples.Completed(root);
        RunStore.Open(root.Store).Dispose();
        StoreTrouble.Execute(root, """ALTER TABLE "Runs" RENAME COLUMN "Summary" TO "Else" """);
        using var services = RunServices.Open(root, StubWorker.Quick);
        services.Monitor.Tick();
        Assert.Equal(run.Id, Assert.Single(services.Store.List()).Id);
        Assert.Single(Directory.GetFiles(root.Path, "ecgpeft.db.damaged-*"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_smallest_numbers_none_at_all_and_long_texts_are_kept(bool postgres)
    {
        var root = Root(postgres);
        var text = new string('é', 100_000) + " 🫀";
        foreach (var auroc in new double?[] { double.Epsilon, 0.1 + 0.2, null }) // one that is no number is refused when it is read
        {
            RunWorker.Run(RunSamples.NewRun(root, text), (_, folder, report, _) =>
            {
                report(RunSamples.Plan);
                (RunSamples.Metrics with { Validation = RunSamples.Binary(0.5) with { Auroc = auroc }, Tested = RunSamples.Binary(0.5) with { Auroc = auroc } }).WriteTo(folder);
                return TrainingOutcome.Completed;
            }, CancellationToken.None);
        }
        using var services = RunServices.Open(root, StubWorker.Quick);
        services.Monitor.Tick();
        Assert.Equal(services.Monitor.Runs.OrderByDescending(run => run.CreatedUtc).ThenByDescending(run => run.Id, StringComparer.Ordinal), services.Store.List());
        Assert.Equal([null, double.Epsilon, 0.1 + 0.2], services.Store.List().Select(run => run.Test!.Auroc).Order());
        Assert.All(services.Store.List(), run => Assert.Equal(text, run.Name));
    }

    private static DataRoot Root(bool postgres) => postgres ? PostgresServer.Root() : RunSamples.Root();
}
