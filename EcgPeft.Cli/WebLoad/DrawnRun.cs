using System.Diagnostics;
using System.Globalization;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A run's page in a real browser: when each of its points is on the screen.</summary>
internal sealed class DrawnRun : IAsyncDisposable
{
    private const string Figure = "document.querySelector('[data-figure=training-loss]')";

    // The chart says what it has drawn; the frame after that is on the screen. Each step carries the time at which its event was made, by this machine's
    // clock. Counted by whole milliseconds, so that the measurement takes no memory in the page.
    private const string Listen = """
        window.ecgpeftDrawn = new Uint32Array(60001); window.ecgpeftLast = 0;
        document.addEventListener('ecgpeft:drawn', e => {
          const { lines, ends } = e.detail, at = lines.findIndex(line => line.kind === 'steps');
          if (e.target.dataset.figure !== 'training-loss' || at < 0) return;
          const { step, time } = lines[at].of, first = window.ecgpeftLast, end = ends[at] ?? 0;
          window.ecgpeftLast = Math.max(first, end);
          const made = time.filter((_, i) => step[i] > first && step[i] <= end);
          requestAnimationFrame(() => setTimeout(() => { for (const t of made) window.ecgpeftDrawn[Math.max(0, Math.min(60000, Date.now() - t))]++; }));
        });
        """;

    private readonly BrowserTab _tab;

    private DrawnRun(BrowserTab tab, string run) => (_tab, Run) = (tab, run);

    /// <summary>The run.</summary>
    public string Run { get; }

    /// <summary>Opens the page and waits until its charts are there.</summary>
    public static async Task<DrawnRun> OpenAsync(BrowserProcess browser, string address, string run, CancellationToken cancel)
    {
        var tab = await browser.OpenAsync(cancel);
        await tab.BeforeEachDocumentAsync(Listen);
        await tab.GoAsync($"{address}/runs/{run}");
        await tab.RunAsync($"new Promise(resolve => {{ const look = () => {Figure}?.dataset.updates ? resolve(true) : setTimeout(look, 20); look(); }})");
        return new(tab, run);
    }

    /// <summary>How many points the page counts once it has as many as it should, or at the end of the patience.</summary>
    public async Task<long> PointsAsync(long expected, TimeSpan patience)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var points = await CountAsync("points");
            if (points >= expected || clock.Elapsed > patience) return points;
        }
    }

    /// <summary>From each event to the frame that showed its point.</summary>
    public async Task<Latencies> LatenciesAsync()
    {
        var latencies = new Latencies();
        foreach (var pair in (await _tab.RunAsync("[...window.ecgpeftDrawn.entries()].filter(([, count]) => count > 0)"))!.AsArray()) latencies.Add((double)pair![0]!, (long)pair[1]!);
        return latencies;
    }

    /// <summary>What the page takes now.</summary>
    public async Task<MemoryLook> LookAsync(double seconds, double megabytes)
    {
        var (bytes, nodes) = await _tab.MemoryAsync();
        return new(seconds, megabytes, Math.Round(bytes / 1e6, 2), (int)nodes, (int)await CountAsync("drawn"));
    }

    public ValueTask DisposeAsync() => _tab.DisposeAsync();

    private async Task<long> CountAsync(string name) => long.Parse((string)(await _tab.RunAsync($"{Figure}?.querySelector('[data-count]')?.dataset.{name} ?? '0'"))!, CultureInfo.InvariantCulture);
}
