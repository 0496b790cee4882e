using System.Net;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Cli;
using EcgPeft.Tests.EndToEnd;
using Npgsql;
using static Microsoft.Playwright.Assertions;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>A PostgreSQL that is away, refuses, or holds something else: a sentence at the start, and no loss while runs go on.</summary>
public sealed class PostgresTroubleTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Database=x;Username=y", "names no database; give Host=")]
    [InlineData("Host=db.example;Username=y", "names no database on db.example")]
    [InlineData("Host=db.example;Database=x;Colour=red", "colour")]
    [InlineData("Host=db.example;Database=x;Port=many", "cannot be read")]
    [InlineData("postgresql://y@db.example/x", "cannot be read")]
    public void A_value_that_is_no_connection_string_is_said(string configured, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => StoreAddress.Parse(configured)).Message, StringComparison.Ordinal);

    [Fact]
    public void Its_name_for_people_has_no_password() =>
        Assert.Equal("runs at db.example:5433", (RunSamples.Root() with { Store = StoreAddress.Parse("Host=db.example;Port=5433;Database=runs;Username=y;Password=secret") }).Store.ToString());

    [Theory]
    [InlineData("Password=wrong", "refuses the user ecgpeft (password authentication failed")]
    [InlineData("Password=", "refuses the user ecgpeft (No password has been provided")]
    [InlineData("Username=nobody", "refuses the user nobody")]
    [InlineData("Database=elsewhere", "There is no database elsewhere on PostgreSQL at 127.0.0.1:")]
    [InlineData("Port=1", "does not answer (Connection refused)")]
    public void What_is_wrong_is_said_in_a_sentence(string wrong, string sentence)
    {
        var error = Assert.Throws<UserInputException>(() => RunStore.Open(StoreAddress.Parse($"{PostgresServer.EmptyStore().Connection};{wrong}")));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains("EcgPeft:Store", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_user_who_may_not_make_tables_and_a_database_of_another_program_are_said()
    {
        var store = PostgresServer.EmptyStore();
        PostgresServer.Execute(store, "CREATE ROLE guest LOGIN PASSWORD 'guest'");
        try
        {
            var guest = StoreAddress.Parse($"{store.Connection};Username=guest;Password=guest");
            Assert.Contains("does not let the user guest make or change tables", Assert.Throws<UserInputException>(() => RunStore.Open(guest)).Message, StringComparison.Ordinal);
        }
        finally
        {
            PostgresServer.Execute(store, "DROP ROLE guest");
        }
        PostgresServer.Execute(store, """CREATE TABLE "Runs" ("Marathon" int)""");
        Assert.Contains("holds tables of another program", Assert.Throws<UserInputException>(() => RunStore.Open(store)).Message, StringComparison.Ordinal);
        PostgresServer.Execute(store, """SELECT "Marathon" FROM "Runs" """); // untouched
    }

    [Fact]
    public async Task The_command_line_says_it_on_one_line_and_ends_with_2()
    {
        var (exit, _, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", RunSamples.Root().Path), ("EcgPeft__Store", "Host=127.0.0.1;Port=1;Database=runs;Username=y;Password=secret")], "runs", "reindex");
        Assert.Equal(2, exit);
        Assert.StartsWith("PostgreSQL at 127.0.0.1:1 does not answer", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_another_program_has_the_table_locked_runs_are_followed_and_written_later()
    {
        var root = PostgresServer.Root();
        root = root with { Store = StoreAddress.Parse($"{root.Store.Connection};Command Timeout=1") };
        using var services = RunServices.Open(root, StubWorker.Quick);
        services.Start();
        string id;
        await using (var other = new NpgsqlConnection(root.Store.Connection))
        {
            await other.OpenAsync(Cancel);
            await using var transaction = await other.BeginTransactionAsync(Cancel);
            await using (var locking = new NpgsqlCommand("""LOCK TABLE "Runs" IN ACCESS EXCLUSIVE MODE""", other, transaction)) await locking.ExecuteNonQueryAsync(Cancel);
            id = services.Queue.Enqueue(new());
            var run = await services.Until(id, run => run.Status == RunStatus.Completed);
            Assert.Equal(RunSamples.Metrics.Test, run.Test);
            await transaction.RollbackAsync(Cancel);
        }
        for (var clock = Stopwatch.StartNew(); services.Store.Find(id)?.Status != RunStatus.Completed; await Task.Delay(50, Cancel)) Assert.True(clock.Elapsed < TestData.Patience, "The table never caught up.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lost_or_damaged_beneath_a_running_dashboard_it_is_rebuilt(bool lost)
    {
        var root = PostgresServer.Root();
        var first = RunSamples.Completed(root);
        using var services = RunServices.Open(root, StubWorker.Quick);
        services.Monitor.Tick();
        if (lost) StoreTrouble.Lose(root);
        else StoreTrouble.Damage(root);
        var second = RunSamples.Completed(root);
        for (var round = 0; round < 6; round++) services.Monitor.Tick(); // goes on, whatever the table says
        Assert.Equal(2, services.Monitor.Runs.Count);

        services.Monitor.Rebuild(); // as the settings page does
        Assert.Equal(new[] { first.Id, second.Id }.Order(), services.Store.List().Select(run => run.Id).Order());
    }

    [Fact]
    public async Task Restarted_mid_run_it_costs_nothing_and_an_open_page_goes_on_unaided()
    {
        var root = PostgresServer.Root();
        var folder = RunSamples.Abandoned(root, step: 2);
        using var worker = WorkerLock.TryTake(folder)!;
        await using var web = await WebProcess.StartAsync(root, settings: ("EcgPeft__Store", root.Store.Connection));
        await using var browser = await chromium.OpenAsync(web.Address);
        await browser.Page.GotoAsync($"/runs/{folder.Id}");
        await browser.Page.UntilPoints(2);

        await PostgresServer.StopAsync();
        try
        {
            EventLog.Append(folder.EventsFile, RunSamples.Step(3));
            await browser.Page.UntilPoints(3);
            await browser.Page.ReloadAsync(); // a new page needs no database either
            await browser.Page.UntilPoints(3);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await Health());
        }
        finally
        {
            await PostgresServer.StartAgainAsync();
        }
        EventLog.Append(folder.EventsFile, RunSamples.Step(4));
        await browser.Page.UntilPoints(4);
        RunSamples.Metrics.WriteTo(folder);
        RunLife.Move(folder, RunStatus.Completed, 4, null);
        await Expect(browser.Page.Status()).ToHaveTextAsync("Completed");
        using var store = RunStore.Open(root.Store);
        for (var clock = Stopwatch.StartNew(); store.Find(folder.Id)?.Status != RunStatus.Completed || await Health() != HttpStatusCode.OK; await Task.Delay(50, Cancel))
            Assert.True(clock.Elapsed < TestData.Patience, "The table never caught up.");
        using var feed = new RunFeed(root.Runs);
        Assert.Equal([1L, 2L, 3L, 4L], feed.Snapshot(folder.Id).Steps.Select(step => step.Step));
        Assert.Empty(browser.Troubles);

        async Task<HttpStatusCode> Health()
        {
            using var client = new HttpClient();
            using var answer = await client.GetAsync(new Uri($"{web.Address}/health"), Cancel);
            return answer.StatusCode;
        }
    }
}
