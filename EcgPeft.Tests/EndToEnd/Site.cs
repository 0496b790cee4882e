using EcgPeft.Core.Runs;
using EcgPeft.Tests.Reports;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>One dashboard with a browser for the tests of a class: three completed runs that can be compared, one that failed.</summary>
public sealed class Site : IAsyncLifetime
{
    public const string First = "run-a", Second = "run-b", Third = "run-c", Study = "grid";

    private readonly Chromium _chromium = new();

    internal WebProcess Web { get; private set; } = null!;

    /// <summary>The run that failed.</summary>
    internal RunFolder Failed { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var root = RunSamples.Root();
        var samples = new StudySamples(grouped: true);
        foreach (var (name, method, skill) in new[] { (First, "lora", 0.9), (Second, "adapter", 0.2), (Third, "adapter", 0.9) }) samples.Run(Path.Combine(root.Runs, name), "demo/hubert", method, 1, skill);
        samples.Study(2, 0.9, 0.2, Path.Combine(root.Studies, Study));
        Failed = RunSamples.Failed(root);
        Web = await WebProcess.StartAsync(root);
        await _chromium.InitializeAsync();
    }

    internal Task<BrowserPage> OpenAsync(int width = 1400, Microsoft.Playwright.ColorScheme theme = Microsoft.Playwright.ColorScheme.Light, string language = "en-US") => _chromium.OpenAsync(Web.Address, width, theme, language);

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await Web.DisposeAsync();
    }
}
