namespace EcgPeft.Cli.WebLoad;

/// <summary>What <c>ecgpeft bench web</c> measured.</summary>
/// <param name="Stored">Completed runs in the store.</param>
/// <param name="Browser">Whether there was a browser to open pages in.</param>
/// <param name="Pages">How quickly each page came; empty where nobody asked.</param>
/// <param name="Load">Under load; null where nobody asked.</param>
internal sealed record WebReport(int Stored, bool Browser, IReadOnlyList<PageTime> Pages, WebLoadReport? Load);

/// <summary>What a dashboard did under load. Times are milliseconds, memory is the dashboard's resident memory in MB.</summary>
internal sealed record WebLoadReport
{
    /// <summary>Runs that went on at once.</summary>
    public required int Runs { get; init; }

    /// <summary>Hub clients, each watching all runs.</summary>
    public required int Clients { get; init; }

    /// <summary>Pages in a real browser, each with the charts of one run.</summary>
    public required int Browsers { get; init; }

    /// <summary>Steps a second that each run was to write.</summary>
    public required int Rate { get; init; }

    /// <summary>How long runs wrote.</summary>
    public required double Seconds { get; init; }

    /// <summary>Steps that were written, all runs together.</summary>
    public required long Written { get; init; }

    /// <summary>Points that arrived, all clients and pages together.</summary>
    public required long Delivered { get; init; }

    /// <summary>Points that some client or page never got.</summary>
    public required long Lost { get; init; }

    /// <summary>Points that came to a client a second time.</summary>
    public required long Twice { get; init; }

    /// <summary>From the written line to the point at a hub client.</summary>
    public required Spread Latency { get; init; }

    /// <summary>From the event to the frame that shows its point in a browser; null without one.</summary>
    public required Spread? Drawn { get; init; }

    /// <summary>A document, asked for four times a second meanwhile.</summary>
    public required Spread Page { get; init; }

    /// <summary>Documents that did not come.</summary>
    public required int PagesFailed { get; init; }

    /// <summary>After all clients had connected.</summary>
    public required double MemoryAtStart { get; init; }

    /// <summary>When the last point was written.</summary>
    public required double MemoryAtEnd { get; init; }

    /// <summary>The most.</summary>
    public required double MemoryPeak { get; init; }

    /// <summary>At some moments between.</summary>
    public required IReadOnlyList<MemoryLook> Memory { get; init; }
}

/// <summary>Memory at a moment.</summary>
/// <param name="Seconds">Since runs began to write.</param>
/// <param name="Megabytes">The dashboard's resident memory.</param>
/// <param name="BrowserMegabytes">Live script objects of the first page in a browser, after a collection; null without one.</param>
/// <param name="Nodes">DOM nodes of that page, after the same collection.</param>
/// <param name="Drawn">Points that its curve of the training loss has.</param>
internal sealed record MemoryLook(double Seconds, double Megabytes, double? BrowserMegabytes, int? Nodes, int? Drawn);

/// <summary>Median, 95th percentile and largest of some values.</summary>
internal sealed record Spread(double Median, double P95, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double share) => sorted.Length == 0 ? double.NaN : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))], 2);
        return new(At(0.5), At(0.95), sorted.Length == 0 ? double.NaN : Math.Round(sorted[^1], 2));
    }
}
