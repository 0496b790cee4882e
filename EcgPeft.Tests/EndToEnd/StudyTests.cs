using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Tests.Cli;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A study and a search, planned, started, stopped, resumed and read in the browser.</summary>
public sealed class StudyTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_assignments_study_is_one_click_and_a_study_is_stopped_resumed_and_read_as_one()
    {
        await using var web = await WebProcess.StartAsync(Root());
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/studies");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Plan the first study" })).ToHaveAttributeAsync("href", "new?kind=study");
        await page.VisitAsync("/new?kind=study&data=small");
        await page.GetByRole(AriaRole.Button, new() { Name = "The assignment's study" }).ClickAsync();
        await Expect(page.Locator("#budget")).ToContainTextAsync("Runs6");
        await Expect(page.GetByLabel("Command", new() { Exact = true })).ToContainTextAsync("--models demo/ecg-fm,demo/hubert,demo/wav2vec2");

        foreach (var model in new[] { "Demo HuBERT (small)", "Demo ECG-FM (small)" }) await page.GetByRole(AriaRole.Checkbox, new() { Name = model }).UncheckAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Seeds", Exact = true }).FillAsync("1, x");
        await Expect(page.GetByText("'x' is not a whole number").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Seeds", Exact = true }).FillAsync("1, 2");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Epochs", Exact = true }).Last.FillAsync("1");
        await page.GetByLabel("Name (optional)").FillAsync("both methods");
        await Expect(page.Locator("#budget")).ToContainTextAsync("Runs4");
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync("\"name\": \"both methods\""); // what was typed last has arrived, and with it all before
        await page.ReloadAsync();
        await Expect(page.Locator("#budget")).ToContainTextAsync("Runs4"); // the draft of a study outlives a reload, too
        await page.GetByRole(AriaRole.Button, new() { Name = "Start study" }).ClickAsync();
        await page.HasAddressAsync("**/studies/*");

        await Expect(page.Locator("h1")).ToHaveTextAsync("both methods");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop study" }).ClickAsync();
        await Expect(Chip(page)).ToHaveTextAsync("Stopped");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume study" }).ClickAsync();
        await Expect(Chip(page)).ToHaveTextAsync("Completed", new() { Timeout = 180_000 });
        await Expect(page.Locator("#study-results tbody tr")).ToHaveCountAsync(5); // two methods, three yardsticks
        await Expect(page.Locator("#study-results tbody tr").First).ToContainTextAsync("2 of 2");
        await Expect(page.Locator("#study-results tbody tr").First.Locator("td").Nth(2)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\d\.\d{3} ± \d\.\d{3}$"));
        await Expect(page.Locator("#study-results tr.yardstick").Last).ToContainTextAsync("Small 1-D CNN");
        await Expect(page.Locator("#study-results tr.yardstick").Last.Locator("td").Nth(1)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\d\.\d{3} ± \d\.\d{3}$"));
        await Expect(page.Locator("#study-runs tbody tr")).ToHaveCountAsync(4);
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare", Exact = true }).Last.ClickAsync();
        await Expect(page.Locator(".run-keys li")).ToHaveCountAsync(4);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_search_shows_its_budget_and_its_promise_and_tests_the_winner()
    {
        var root = Root();
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/new?kind=search&data=small");
        await Expect(page.Locator("#search-promise")).ToContainTextAsync("tested, once, at the end");
        await page.GetByLabel("Trials").FillAsync("3");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Epochs", Exact = true }).FillAsync("3");
        await Expect(page.Locator("#budget")).ToContainTextAsync("Epochs together5");
        await page.Locator("#search-seeds").FillAsync("1, 2");
        await Expect(page.Locator("#budget")).ToContainTextAsync("Epochs together8");
        await Expect(page.Locator("#budget")).ToContainTextAsync("Steps together24");
        await page.GetByLabel("Learning rate").First.FillAsync("0.01..0.001");
        await Expect(page.GetByText("the lower end must be below the upper").First).ToBeVisibleAsync();
        await page.GetByLabel("Learning rate").First.FillAsync("0.001..0.01:log");
        await Expect(page.GetByLabel("Command", new() { Exact = true })).ToContainTextAsync("--space training.learningRate=0.001..0.01:log");
        var command = await page.GetByLabel("Command", new() { Exact = true }).TextContentAsync();
        var recipe = Path.Combine(TestData.TemporaryFolder(), "recipe.json");
        await File.WriteAllTextAsync(recipe, await page.GetByLabel("Recipe", new() { Exact = true }).TextContentAsync(), TestContext.Current.CancellationToken);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start search" }).ClickAsync();
        await page.HasAddressAsync("**/studies/*");
        await Expect(Chip(page)).ToHaveTextAsync("Completed", new() { Timeout = 180_000 });
        await Expect(page.Locator("#trials tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator("#trials .tag")).ToHaveTextAsync("winner");
        await Expect(page.Locator("#winners tbody tr")).ToHaveCountAsync(4); // the winner, three yardsticks
        await Expect(page.Locator("#winners tbody tr").First.Locator("a.seed")).ToHaveCountAsync(2);
        await Expect(page.Locator("#winners tbody tr").First).ToContainTextAsync(new System.Text.RegularExpressions.Regex(@"\d\.\d{3} ± \d\.\d{3}"));

        // The command that the page showed plans the very same trials.
        var words = command!.Replace("recipe.json", recipe, StringComparison.Ordinal).Split([' ', '\\', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var (code, output, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], [.. words[1..], "--dry-run"]);
        Assert.True(code == 0, error);
        Assert.Contains("3 trials, compared after 1, 3 epochs and each winner again with 1 more seed, about 8 epochs together", output, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateDirectories(root.Studies), Study.Is);
        Assert.Empty(browser.Troubles);
    }

    private static DataRoot Root()
    {
        var root = new DataRoot(TestData.TemporaryFolder());
        new DataSetLibrary(root).Import(RunView.Csv(120), "Small", null, 1000, cancel: TestContext.Current.CancellationToken);
        return root;
    }

    private static ILocator Chip(IPage page) => page.GetByLabel("Status", new() { Exact = true }).Locator(".chip");
}
