using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.Playwright;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>What a person does on a run's page, and files to do it with.</summary>
internal static class RunView
{
    public static ILocator Status(this IPage page) => page.GetByLabel("Status", new() { Exact = true }).Locator(".chip");

    /// <summary>How many points the training curve has.</summary>
    public static async Task<int> Points(this IPage page) =>
        int.Parse(await page.Locator("[data-figure=training-loss] [data-count]").GetAttributeAsync("data-points") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>The training curve comes to have so many points.</summary>
    public static Task HasPointsAsync(this IPage page, int exactly) =>
        Assertions.Expect(page.Locator("[data-figure=training-loss] [data-count]")).ToHaveAttributeAsync("data-points", exactly.ToString(CultureInfo.InvariantCulture));

    /// <summary>Waits until the training curve has at least so many points.</summary>
    public static Task UntilPoints(this IPage page, int atLeast) =>
        page.WaitForFunctionAsync("n => Number(document.querySelector('[data-figure=training-loss] [data-count]')?.dataset.points ?? 0) >= n", atLeast, new() { Timeout = 120_000 });

    /// <summary>Different steps that the run has reported.</summary>
    public static int StepsOf(DataRoot root, string id) =>
        EventLog.Read(new RunFolder(Path.Combine(root.Runs, id)).EventsFile, 0).Events.OfType<StepEvent>().Select(step => step.Step).Distinct().Count();

    public static string IdOf(IPage page) => new Uri(page.Url).Segments[^1];

    /// <summary>Synthetic segments as a CSV file.</summary>
    /// <param name="segments">How many.</param>
    /// <param name="badRow">Row, from 1, whose third cell is a word; or null.</param>
    public static string Csv(int segments, int? badRow = null)
    {
        var set = SyntheticEcg.Generate(segments, 10, seed: 5);
        var path = Path.Combine(TestData.TemporaryFolder(), badRow is null ? "segments.csv" : "broken.csv");
        File.WriteAllLines(path, Enumerable.Range(0, set.Count).Select(row =>
        {
            var cells = set.Segment(row).ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)).ToArray();
            if (row + 1 == badRow) cells[2] = "oops";
            return string.Join(',', cells) + "," + set.Labels.Span[row];
        }));
        return path;
    }
}
