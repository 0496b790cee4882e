using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Import with its report and choices, and the segment browser, in a real browser.</summary>
public sealed class DataTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_file_with_defects_is_reported_repaired_by_choice_and_browsed()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/data");
        await page.GetByLabel("Data file").SetInputFilesAsync(Defective());
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();

        // The report: what was found, where, and that nothing is imported before a choice is made.
        var report = page.Locator("#import-report");
        await Expect(report.Locator("#usable")).ToContainTextAsync("399");
        await Expect(page.Locator("#import-error")).ToContainTextAsync("Row 7, column 3");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true })).ToBeDisabledAsync();
        await Expect(page.GetByLabel("Sampling rate, Hz")).ToHaveValueAsync("1000");
        Assert.Equal([DataSetLibrary.DemoId], new DataSetLibrary(web.Root).List().Select(set => set.Id));

        await page.GetByLabel("What to do with: Cells that are not numbers").SelectOptionAsync(["Interpolate"]);
        await Expect(report.Locator("#usable")).ToContainTextAsync("400");
        await page.GetByLabel("What to do with: Segments that occur twice").SelectOptionAsync(["Drop"]);
        await Expect(report.Locator("#usable")).ToContainTextAsync("399");
        await page.GetByLabel("Name").FillAsync("Repaired");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.HasAddressAsync("**/data/repaired");
        await Expect(page.GetByLabel("What is in it")).ToContainTextAsync("399");
        var info = new DataSetLibrary(web.Root).Find("repaired");
        Assert.Equal((399, 1000.0, 400), (info.Rows, info.SamplingRateHz, info.Import!.RowsInFile));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(web.Root.Cache, "uploads")));

        // The browser: keyboard, zoom, filters, and an address that is the view.
        await Expect(page.Locator(".browse .strip svg")).ToHaveCountAsync(1);
        await Expect(page.Locator("#position")).ToContainTextAsync("1 of 399");
        await page.AtRestAsync();
        await page.Locator(".browse .paper").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("#position")).ToContainTextAsync("2 of 399");
        var narrow = await WidthAsync(page);
        await page.Locator(".browse .paper").PressAsync("+");
        await Expect(page.Locator("#zoom")).ToContainTextAsync("4");
        Assert.True(await WidthAsync(page) > narrow * 1.2);
        await page.GetByLabel("Show").SelectOptionAsync(["constant"]);
        await Expect(page.Locator("#position")).ToContainTextAsync("1 of 1");
        await Expect(page.Locator(".browse .notice")).ToContainTextAsync("Flat");
        await Expect(page.Locator(".browse figcaption")).ToContainTextAsync("Segment 20");
        // Its samples can be read as well: a flat segment has one value.
        var samples = page.Locator("section[aria-labelledby=browser-title] .figure-table");
        await samples.Locator("summary").ClickAsync();
        await Expect(samples.Locator("tbody tr")).ToHaveCountAsync(info.SegmentLength);
        Assert.Single((await samples.Locator("tbody td:last-child").AllTextContentsAsync()).Distinct());
        await page.ReloadAsync();
        await Expect(page.Locator("#position")).ToContainTextAsync("1 of 1");
        await page.GetByLabel("Show").SelectOptionAsync([""]);
        await page.Locator("#filter-label").SelectOptionAsync(["1"]);
        await Expect(page.Locator(".browse figcaption")).ToContainTextAsync("label 1");

        await page.GetByRole(AriaRole.Button, new() { Name = "Check for near-duplicates across splits" }).ClickAsync();
        await Expect(page.Locator("#leakage")).ToContainTextAsync("Leakage check");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await page.GetByLabel("New name").FillAsync("Mended");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save name" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Mended");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.HasAddressAsync("**/data");
        Assert.Equal([DataSetLibrary.DemoId], new DataSetLibrary(web.Root).List().Select(set => set.Id));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task What_was_detected_can_be_changed_and_a_file_that_is_no_table_gets_its_sentence()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        var folder = TestData.TemporaryFolder();
        var swapped = Path.Combine(folder, "label-first.csv");
        await File.WriteAllLinesAsync(swapped, Enumerable.Range(0, 60).Select(i => string.Join(';', new[] { (i % 2).ToString(null, System.Globalization.CultureInfo.InvariantCulture), $"p{i % 6}" }.Concat(Enumerable.Range(0, 30).Select(k => $"{Math.Sin(k / 3.0 + i):0.000}".Replace('.', ','))))), TestContext.Current.CancellationToken);
        await page.VisitAsync("/data");
        await page.GetByLabel("Data file").SetInputFilesAsync(swapped);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();
        await Expect(page.GetByLabel("Separator")).ToContainTextAsync("detected: semicolon");
        await Expect(page.GetByLabel("Decimal sign")).ToContainTextAsync("detected: comma");
        await Expect(page.Locator("#import-error")).ToContainTextAsync("Row 1, column 2");
        await page.GetByLabel("Label column").FillAsync("first");
        await page.GetByLabel("Label column").PressAsync("Tab");
        await page.GetByLabel("Group column").FillAsync("2");
        await page.GetByLabel("Group column").PressAsync("Tab");
        await Expect(page.Locator("#usable")).ToContainTextAsync("60");
        await Expect(page.Locator("#import-error")).ToHaveCountAsync(0);
        await Expect(page.Locator("#import-report .facts")).ToContainTextAsync("6");

        await page.GetByRole(AriaRole.Button, new() { Name = "Another file" }).ClickAsync();
        var picture = Path.Combine(folder, "picture.csv");
        await File.WriteAllBytesAsync(picture, [0x89, (byte)'P', (byte)'N', (byte)'G', 0, 1, 2, 3], TestContext.Current.CancellationToken);
        await page.GetByLabel("Data file").SetInputFilesAsync(picture);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();
        await Expect(page.Locator("#import-error")).ToContainTextAsync("not a text file");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Segments_that_finished_runs_get_confidently_wrong_are_found_in_the_browser_the_most_suspect_first()
    {
        var root = Runs.RunSamples.Root();
        var demo = new DataSetLibrary(root).EnsureDemo();
        var labels = new DataSetLibrary(root).Load(demo.Id).Labels.ToArray();
        // Row 5: wrong in both runs, row 9 in one; row 11 is wrong, but not confidently.
        double Of(int row, double wrong) => labels[row] == 1 ? 1 - wrong : wrong;
        foreach (var (name, nine) in new[] { ("first", 0.95), ("second", 0.2) })
        {
            var folder = RunFolder.CreateAt(Path.Combine(root.Runs, name), new Recipe { Name = name, Data = new() { Path = "elsewhere.csv", Hash = demo.Hash } });
            int[] rows = [5, 9, 11];
            var predictions = new Predictions(rows, [.. rows.Select(row => labels[row])], [Of(5, 0.97), Of(9, nine), Of(11, 0.6)]);
            RunWorker.Run(folder, (_, _, _, _) =>
            {
                PredictionsFile.Write(folder, predictions, new Predictions([], [], []));
                Runs.RunSamples.Metrics.WriteTo(folder);
                return TrainingOutcome.Completed;
            }, TestContext.Current.CancellationToken);
        }
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/data/demo?show=wrong");
        await Expect(page.Locator("#position")).ToContainTextAsync("1 of 2");
        await Expect(page.Locator(".browse figcaption")).ToContainTextAsync("Segment 5");
        await Expect(page.Locator(".browse .notice")).ToContainTextAsync("2 of 2 finished runs are confident of the other label");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next segment" }).ClickAsync();
        await Expect(page.Locator(".browse figcaption")).ToContainTextAsync("Segment 9");
        await Expect(page.Locator(".browse .notice")).ToContainTextAsync("1 of 2 finished runs");
        Assert.Empty(browser.Troubles);
    }

    private static async Task<double> WidthAsync(IPage page) => (await page.Locator(".browse .strip svg").BoundingBoxAsync())!.Width;

    // 400 rows: a word in row 7, row 21 flat, row 30 equal to row 29.
    private static string Defective()
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "defective.csv");
        SegmentCsv.Write(path, SyntheticEcg.Generate(400, 8, 5), cancel: TestContext.Current.CancellationToken);
        var lines = File.ReadAllLines(path);
        var cells = lines[6].Split(',');
        cells[2] = "oops";
        lines[6] = string.Join(',', cells);
        lines[20] = string.Join(',', Enumerable.Repeat("0.5", 600)) + ",0";
        lines[29] = lines[28];
        File.WriteAllLines(path, lines);
        return path;
    }
}
