using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>What a run has learned, from its page: calls by confidence, attributions and the map that a process of its own computes.</summary>
public sealed class LearnedTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_page_shows_calls_and_explains_them()
    {
        var root = Runs.RunSamples.Root();
        var csv = Path.Combine(root.Path, "segments.csv");
        SegmentCsv.Write(csv, SyntheticEcg.Generate(60, 6, 5), cancel: TestContext.Current.CancellationToken);
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), ["training.epochs=1", "preprocessing.inputLength=900", "split.test=0.3"]);
        var folder = RunFolder.CreateAt(Path.Combine(root.Runs, "tuned"), recipe with { Data = new DataRecipe { Path = csv }, Backbone = new() { Model = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()) } });
        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken));
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync("/runs/tuned");
        await Expect(page.Locator("#metrics tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#decision")).ToContainTextAsync("from a probability of 0.500 on. Probabilities are not calibrated. 95 % bootstrap intervals");
        await Expect(page.Locator("#run-curves figure svg")).ToHaveCountAsync(3);
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at its segments" }).ClickAsync();
        await Expect(page.Locator(".learned-strip").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compute the map and explain the surest calls" }).ClickAsync();
        await Expect(page.Locator("[data-figure=embedding-before] svg")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-figure=embedding-after]")).ToContainTextAsync("The nearest neighbour");
        await Expect(page.Locator(".learned-strip").First).ToContainTextAsync("the integrated gradients sum to");
        Assert.True(await page.Locator(".learned-strip .toward-1, .learned-strip .toward-0").CountAsync() > 0);
        await page.GetByLabel("What the colours show").SelectOptionAsync("nothing");
        await Expect(page.Locator(".learned-strip .toward-1, .learned-strip .toward-0")).ToHaveCountAsync(0);

        var row = PredictionsFile.Read(folder.PredictionsFile).Test.Rows[^1];
        await page.GetByLabel("Row of a test segment").FillAsync($"{row}");
        await page.GetByLabel("Row of a test segment").PressAsync("Enter");
        await Expect(page.Locator(".learned-strip")).ToHaveCountAsync(1);
        Assert.Empty(browser.Troubles);
    }
}
