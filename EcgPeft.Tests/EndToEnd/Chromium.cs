using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Playwright;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A real browser: <c>CHROMIUM</c> in the environment, or the one that the system has.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    private static readonly float Patience = (float)TestData.Patience.TotalMilliseconds;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } path) return;
        Assertions.SetDefaultExpectTimeout(Patience); // its own 5 s are no measure of a machine that builds beside it
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }

    /// <summary>
    /// A browser of its own: no cookie, no cache of another. Without Chromium the test is skipped, in CI it fails. It sends <paramref name="user"/> with
    /// every request and web socket, as a proxy that authenticates would add it.
    /// </summary>
    public async Task<BrowserPage> OpenAsync(string address, int width = 1280, ColorScheme theme = ColorScheme.Light, string language = "en-US", string? user = null)
    {
        if (_browser is null) Refuse(Environment.GetEnvironmentVariable("CI"));
        var context = await _browser.NewContextAsync(new() { BaseURL = address, Locale = language, ColorScheme = theme, ViewportSize = new() { Width = width, Height = 900 }, ExtraHTTPHeaders = user is null ? null : [KeyValuePair.Create("X-Forwarded-User", user)] });
        context.SetDefaultTimeout(Patience);
        return new BrowserPage(context, await context.NewPageAsync());
    }

    /// <summary>What a test does that has no browser.</summary>
    /// <param name="ci">Variable <c>CI</c> of the environment.</param>
    [DoesNotReturn]
    internal static void Refuse(string? ci)
    {
        const string reason = "No Chromium was found; run scripts/install-browser, or set CHROMIUM to its path.";
        if (ci is "true" or "1") Assert.Fail(reason);
        Assert.Skip(reason);
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } set ? set : Places.FirstOrDefault(File.Exists);
}

/// <summary>A page that remembers what went wrong in it.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _troubles = new();

    internal BrowserPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error") _troubles.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _troubles.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https", Host: not "127.0.0.1" }) _troubles.Enqueue($"A request to another host: {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Console errors (a refused script is one), exceptions, requests to other hosts.</summary>
    public IReadOnlyList<string> Troubles => [.. _troubles];

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
