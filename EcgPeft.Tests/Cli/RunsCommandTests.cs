using System.Text.Json;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Tests.Runs;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Cli;

public sealed class RunsCommandTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_table_is_filled_from_the_folders(bool postgres)
    {
        var root = postgres ? PostgresServer.Root() with { Store = PostgresServer.EmptyStore() } : RunSamples.Root();
        var run = RunSamples.Completed(root);
        StoreTrouble.Damage(root);
        var (exit, output, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path), ("EcgPeft__Store", postgres ? root.Store.Connection : "")], "runs", "reindex");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("1 runs in the table", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", output, StringComparison.Ordinal);
        using var store = RunStore.Open(root.Store);
        Assert.Equal(run.Id, Assert.Single(store.List()).Id);
    }

    [Fact]
    public async Task Repeated_runs_are_one_line_with_mean_and_spread()
    {
        var root = RunSamples.Root();
        for (var i = 0; i < 3; i++) RunSamples.Completed(root);
        var (exit, output, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "list", "--repeats");
        Assert.Equal((0, ""), (exit, error));
        Assert.EndsWith("3 of 3 runs tested  F1 0.444 ± 0.000  AUROC undefined", Assert.Single(output.Trim().Split('\n')).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_is_put_aside_and_filled_again()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        await File.WriteAllTextAsync(root.Database, "this is no database, whatever its name says; it is text, and long enough to be looked at", TestContext.Current.CancellationToken);

        var (exit, output, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "reindex");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("1 runs in the table", output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(root.Path, "ecgpeft.db.damaged-*"));
        using var services = RunServices.Open(root, new WorkerCommand("", []));
        Assert.Equal(run.Id, Assert.Single(services.Store.List()).Id);
    }

    [Fact]
    public async Task Reindexing_beside_a_dashboard_is_refused()
    {
        var root = RunSamples.Root();
        using var services = RunServices.Open(root, new WorkerCommand("", []));
        var (exit, _, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "reindex");
        Assert.Equal(2, exit);
        Assert.Contains(root.Path, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_given_to_a_user()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        var (exit, output, _) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "give", run.Id, "alice");
        Assert.Equal((0, "1 run belongs to alice."), (exit, output.Trim()));
        Assert.Equal("alice", RunNotes.Read(run).Owner);
        var (refused, _, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "give", "../elsewhere", "alice");
        Assert.Equal(2, refused);
        Assert.StartsWith("There is neither a run nor a study ../elsewhere", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_what_the_folders_say()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        var (exit, output, _) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "list", "--json");
        Assert.Equal(0, exit);
        var listed = Assert.Single(JsonDocument.Parse(output).RootElement.EnumerateArray());
        Assert.Equal((run.Id, "completed"), (listed.GetProperty("id").GetString(), listed.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_run_leaves_in_every_format_and_comes_back()
    {
        var (root, other) = (RunSamples.Root(), RunSamples.Root());
        var run = RunSamples.Completed(root);
        async Task<string> Export(string format, string name)
        {
            var path = Path.Combine(root.Path, "out", name);
            var (exit, _, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], "runs", "export", run.Id, "--format", format, "--out", path);
            Assert.Equal((0, ""), (exit, error));
            return path;
        }
        Assert.True(File.Exists(Path.Combine(await Export("csv", "tables"), "steps.csv")));
        Assert.Single(Directory.GetFiles(Path.Combine(await Export("tensorboard", "logs"), run.Id)));
        JsonDocument.Parse(await File.ReadAllTextAsync(await Export("json", "run.json"), TestContext.Current.CancellationToken)).Dispose();

        var (imported, output, _) = await CliProcess.RunAsync([("EcgPeft__DataRoot", other.Path)], "runs", "import", await Export("zip", "run.zip"));
        Assert.Equal(0, imported);
        Assert.StartsWith(run.Id, output, StringComparison.Ordinal);
        Assert.Equal(RunSummary.Read(run)!.Test, RunSummary.Read(RunFolder.Find(other.Runs, run.Id)!)!.Test);

        var (refused, _, sentence) = await CliProcess.RunAsync([("EcgPeft__DataRoot", other.Path)], "runs", "import", Path.Combine(root.Path, "nothing.zip"));
        Assert.Equal(2, refused);
        Assert.Contains("nothing.zip", sentence, StringComparison.Ordinal);
    }
}
