using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Cli;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>From the form to a run, to the same run on the command line, and to a copy with changes.</summary>
public sealed class LaunchTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_form_keeps_its_draft_and_its_recipe_gives_the_same_run_on_the_command_line()
    {
        var root = new DataRoot(TestData.TemporaryFolder());
        new DataSetLibrary(root).Import(RunView.Csv(120), "Small", null, 1000, cancel: TestContext.Current.CancellationToken);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/new?data=small");
        var recipe = page.GetByLabel("Recipe", new() { Exact = true });

        await page.GetByLabel("Epochs").FillAsync("many");
        await Expect(page.Locator(".setting").Filter(new() { Has = page.GetByLabel("Epochs") }).Locator(".mud-input-error").Last).ToHaveTextAsync("'many' is not a whole number."); // beside it, as one types
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start run" })).ToBeDisabledAsync();
        await page.GetByLabel("Epochs").FillAsync("1");
        await page.GetByText("Loss, class weights and sampling").ClickAsync();
        await page.GetByLabel("Class weights").ClickAsync();
        await page.GetByText("each class the same").ClickAsync();
        await page.GetByText("Filters, length and rate").ClickAsync();
        await page.GetByLabel("Notch (Hz)").FillAsync("50");
        await Expect(recipe).ToContainTextAsync("\"notchHz\": 50");
        await Expect(recipe).ToContainTextAsync("\"classWeights\": \"balanced\"");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start run" })).ToBeEnabledAsync();

        await page.ReloadAsync();
        await Expect(page.GetByLabel("Notch (Hz)")).ToHaveValueAsync("50");
        await Expect(recipe).ToContainTextAsync("\"classWeights\": \"balanced\"");
        var (json, command) = (await recipe.TextContentAsync(), await page.GetByLabel("Command", new() { Exact = true }).TextContentAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Start run" }).ClickAsync();
        await page.HasAddressAsync("**/runs/*");
        var run = new RunFolder(Path.Combine(root.Runs, RunView.IdOf(page)));
        await Expect(page.Status()).ToHaveTextAsync("Completed", new() { Timeout = 120_000 });

        var (file, again) = (Path.Combine(TestData.TemporaryFolder(), "recipe.json"), new RunFolder(Path.Combine(TestData.TemporaryFolder(), "again")));
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        var words = command!.Replace("recipe.json", file, StringComparison.Ordinal).Split(' ');
        Assert.Equal("ecgpeft", words[0]);
        var (code, _, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", root.Path)], [.. words[1..], "--out", again.Path]);
        Assert.True(code == 0, error);
        Assert.True(RecipeIdentity.Same(run.ReadRecipe(), again.ReadRecipe()));
        Assert.Equal(PredictionsFile.Read(run.PredictionsFile).Test.Probabilities, PredictionsFile.Read(again.PredictionsFile).Test.Probabilities);

        await page.GetByRole(AriaRole.Link, new() { Name = "Clone with changes" }).ClickAsync();
        await Expect(page.Locator("#copy-of")).ToContainTextAsync("nothing is changed yet");
        await Expect(page.Locator("#duplicate")).ToContainTextAsync("exactly these settings");
        await Expect(page.GetByLabel("Notch (Hz)")).ToHaveValueAsync("50");
        await page.GetByLabel("Epochs").FillAsync("2");
        await page.GetByLabel("Rank", new() { Exact = true }).FillAsync("4");
        await Expect(page.Locator("#copy-of li")).ToHaveTextAsync(["peft.rank 8 → 4", "training.epochs 1 → 2"]);
        await Expect(page.Locator(".setting.differs .was")).ToHaveTextAsync(["was 8", "was 1"]);
        await Expect(page.Locator("#duplicate")).ToHaveCountAsync(0);
        await page.ReloadAsync(); // the copy's own draft
        await Expect(page.Locator("#copy-of li")).ToHaveTextAsync(["peft.rank 8 → 4", "training.epochs 1 → 2"]);
        await page.VisitAsync("/new"); // a new run is no copy
        await Expect(page.GetByLabel("Epochs")).ToHaveValueAsync("10");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_form_is_one_page_with_presets_and_says_what_the_run_costs()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/new");
        var recipe = page.GetByLabel("Recipe", new() { Exact = true });
        await Expect(page.Locator("main h2")).ToHaveTextAsync(["Data", "Backbone", "Method", "Training", "Evaluation", "This run", "The same on the command line"]);
        await Expect(page.Locator("main details")).ToHaveCountAsync(5);
        await Expect(page.Locator("main details[open]")).ToHaveCountAsync(0); // what most people leave as it is
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start run" })).ToBeEnabledAsync(); // with the defaults

        // Parameters at once, time and memory as soon as some steps are measured; another method is another cost.
        foreach (var method in new[] { "lora", "adapter" })
        {
            await page.Locator($"[data-method={method}] input").CheckAsync();
            var counts = ParameterCounting.Count(new ModelCatalogue(web.Root).FolderOf(new Recipe().Backbone.Model), PeftMethod.Find(method)!.Defaults);
            await Expect(page.Locator("#trainable")).ToContainTextAsync(counts.Trainable.ToString("N0", CultureInfo.InvariantCulture));
            await Expect(page.Locator("#epoch-time")).ToContainTextAsync("about ");
            await Expect(page.Locator("#memory")).ToContainTextAsync("at least ");
        }

        foreach (var (kind, title) in new[] { ("Study", "New study"), ("Search", "New search"), ("Single run", "New run") })
        {
            await page.GetByRole(AriaRole.Radio, new() { Name = kind }).CheckAsync();
            await Expect(page.Locator("h1")).ToHaveTextAsync(title);
        }

        foreach (var (name, expected) in new[] { ("ecg-fm-adapter", "\"model\": \"demo/ecg-fm\""), ("Quick try", "\"epochs\": 2"), ("Thorough", "\"calibration\": \"temperature\""), ("hubert-lora", "\"model\": \"demo/hubert\"") })
        {
            await Expect(page.Locator(".mud-menu-item")).ToHaveCountAsync(0); // the menu of before has closed
            await page.GetByRole(AriaRole.Button, new() { Name = "Presets" }).ClickAsync();
            await Expect(page.Locator(".mud-menu-item")).ToHaveTextAsync([new Regex("^ecg-fm-adapter$"), new Regex("^ecg-fm-lora$"), new Regex("^hubert-adapter$"), new Regex("^hubert-lora$"), new Regex("^wav2vec2-adapter$"), new Regex("^wav2vec2-lora$"), new Regex("^Quick try"), new Regex("^Thorough")]);
            await page.Locator(".mud-menu-item").Filter(new() { HasText = name }).ClickAsync();
            await Expect(recipe).ToContainTextAsync(expected);
        }
        Assert.Empty(browser.Troubles);
    }
}
