using System.Collections.Concurrent;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Two people at one dashboard behind a proxy that names them.</summary>
public sealed class UsersTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Everybody_sees_all_runs_and_changes_their_own()
    {
        var root = RunSamples.Root();
        var (hers, his, ofNobody) = (RunSamples.Completed(root), RunSamples.Completed(root), RunSamples.Completed(root));
        RunOwners.Give(root, hers.Id, "alice");
        RunOwners.Give(root, his.Id, "bob");
        // A worker of another process has the only place, so that nothing trains beside the browsers.
        var busy = RunSamples.Abandoned(root, 1);
        using var held = WorkerLock.TryTake(busy);
        await using var web = await WebProcess.StartAsync(root, settings: [("EcgPeft__Proxy__UserHeader", "X-Forwarded-User"), ("EcgPeft__Proxy__Trusted", "127.0.0.1")]);
        await using var alice = await chromium.OpenAsync(web.Address, user: "alice");
        await using var bob = await chromium.OpenAsync(web.Address, user: "bob");

        var sockets = new ConcurrentQueue<IWebSocket>();
        bob.Page.WebSocket += (_, socket) => sockets.Enqueue(socket);
        await alice.Page.VisitAsync("/runs");
        await Expect(alice.Page.Locator("tr[data-run]")).ToHaveCountAsync(4);
        await Expect(alice.Page.Locator(".bar-user")).ToContainTextAsync("alice");
        await Expect(alice.Page.Locator($"tr[data-run='{his.Id}'] [data-label=Owner]")).ToHaveTextAsync("bob");
        await alice.Page.Locator("select[aria-label=Owner]").SelectOptionAsync(new SelectOptionValue { Label = "Mine" });
        await Expect(alice.Page.Locator("tr[data-run]")).ToHaveCountAsync(1);
        await Expect(alice.Page.Locator($"tr[data-run='{hers.Id}']")).ToBeVisibleAsync();
        await Expect(alice.Page).ToHaveURLAsync($"{web.Address}/runs?owner=%40me");

        // The same link is bob's own runs for bob: his page acts for whom its own web socket names.
        await bob.Page.VisitAsync("/runs?owner=%40me");
        await Expect(bob.Page.Locator("tr[data-run]")).ToHaveCountAsync(1);
        await Expect(bob.Page.Locator($"tr[data-run='{his.Id}']")).ToBeVisibleAsync();
        await bob.Page.GetByText("Clear filters").ClickAsync();
        await Expect(bob.Page.Locator("tr[data-run]")).ToHaveCountAsync(4);
        await bob.Page.Locator($"tr[data-run='{hers.Id}']").GetByRole(AriaRole.Button, new() { Name = "More for" }).ClickAsync();
        await Expect(bob.Page.GetByText("Belongs to alice: only alice can change it")).ToBeVisibleAsync();
        await Expect(bob.Page.GetByText("Delete", new() { Exact = true })).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Escape");
        await bob.Page.Locator($"tr[data-run='{his.Id}']").GetByRole(AriaRole.Button, new() { Name = "More for" }).ClickAsync();
        await bob.Page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Expect(bob.Page.Locator("tr[data-run]")).ToHaveCountAsync(3);
        Assert.False(Directory.Exists(his.Path));

        // Of all that are marked only one's own go; "Undo" brings back just that.
        var another = RunSamples.Completed(root);
        RunOwners.Give(root, another.Id, "bob");
        await Expect(bob.Page.Locator($"tr[data-run='{another.Id}'] [data-label=Owner]")).ToHaveTextAsync("bob");
        await bob.Page.GetByLabel("Choose all runs shown").CheckAsync();
        await bob.Page.GetByRole(AriaRole.Group, new() { Name = "Actions on the chosen runs" }).GetByText("Delete 1").ClickAsync();
        await Expect(bob.Page.Locator("tr[data-run]")).ToHaveCountAsync(3);
        Assert.Equal((true, true, false), (Directory.Exists(hers.Path), Directory.Exists(ofNobody.Path), Directory.Exists(another.Path)));
        await bob.Page.Keyboard.PressAsync("Control+z");
        await Expect(bob.Page.Locator("tr[data-run]")).ToHaveCountAsync(4);
        Assert.Equal((true, false), (Directory.Exists(another.Path), Directory.Exists(his.Path)));

        await bob.Page.VisitAsync($"/runs/{ofNobody.Id}");
        await Expect(bob.Page.Locator("#give")).ToContainTextAsync($"ecgpeft runs give {ofNobody.Id} bob");
        await bob.Page.VisitAsync($"/runs/{hers.Id}");
        await Expect(bob.Page.Locator("#owner")).ToHaveTextAsync("alice");
        await Expect(bob.Page.GetByLabel("Note", new() { Exact = true })).ToBeDisabledAsync();
        await alice.Page.VisitAsync($"/runs/{hers.Id}");
        await alice.Page.GetByLabel("Note", new() { Exact = true }).FillAsync("mine");
        await alice.Page.GetByLabel("Note", new() { Exact = true }).BlurAsync();
        await Expect(alice.Page.GetByText("Note saved.")).ToBeVisibleAsync();
        Assert.Equal(new RunNotes { Owner = "alice", Note = "mine" }, RunNotes.Read(hers));
        // A study is its maker's, and so are its runs.
        var made = await bob.Page.APIRequest.PostAsync("/api/studies", new() { DataObject = new { @base = new { data = new { path = "demo" }, backbone = new { model = "demo/wav2vec2" } }, methods = new[] { "lora", "adapter" } } });
        Assert.Equal(201, made.Status);
        async Task<int?> Count(IPage page) => (await (await page.APIRequest.GetAsync("/api/studies?owner=@me")).JsonAsync())?.GetProperty("total").GetInt32();
        Assert.Equal((1, 0), (await Count(bob.Page), await Count(alice.Page)));
        await bob.Page.VisitAsync("/studies?owner=%40me");
        await Expect(bob.Page.Locator("tr[data-study]")).ToHaveCountAsync(1);
        await Expect(bob.Page.Locator("tr[data-study] [data-label=Owner]")).ToHaveTextAsync("bob");
        await alice.Page.VisitAsync("/studies?owner=%40me");
        await Expect(alice.Page.GetByText("No study of this owner")).ToBeVisibleAsync();
        await alice.Page.GetByText("Show all", new() { Exact = true }).ClickAsync();
        await alice.Page.Locator("tr[data-study] a").ClickAsync();
        await Expect(alice.Page.Locator("#owner")).ToHaveTextAsync("bob");
        await Expect(alice.Page.GetByRole(AriaRole.Button, new() { Name = "Stop study" })).ToHaveCountAsync(0);
        await bob.Page.Locator("tr[data-study] a").ClickAsync();
        await bob.Page.GetByRole(AriaRole.Button, new() { Name = "Stop study" }).ClickAsync();
        await Expect(bob.Page.GetByRole(AriaRole.Button, new() { Name = "Resume study" })).ToBeVisibleAsync();
        Assert.Contains(sockets, socket => socket.Url.Contains("/_blazor", StringComparison.Ordinal));
        Assert.Empty(alice.Troubles);
        Assert.Empty(bob.Troubles);
        Assert.True(Directory.Exists(ofNobody.Path));
    }
}
