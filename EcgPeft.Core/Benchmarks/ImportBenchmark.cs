using System.Diagnostics;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Benchmarks;

/// <summary>What an import of a large file costs, beside the parser alone on the same bytes.</summary>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns, the label's included.</param>
/// <param name="RowsOnlySeconds">CsvHelper finding rows and cells, without looking at any.</param>
/// <param name="ParserSeconds">CsvHelper reading every cell as a number.</param>
/// <param name="ImportSeconds">The whole import: reading, checks, hash, data set on disk.</param>
/// <param name="Ratio">Import divided by parser.</param>
/// <param name="ParserProcessorSeconds">Processor time of <paramref name="ParserSeconds"/>, which other programs on the machine disturb less.</param>
/// <param name="ImportProcessorSeconds">Processor time of <paramref name="ImportSeconds"/>, all threads together.</param>
/// <param name="PeakMegabytes">Largest resident memory of this process after the imports.</param>
/// <param name="LeakageSeconds">The leakage check of a stratified split of the imported data set: near-duplicates of every validation and test segment.</param>
/// <param name="NearDuplicates">How many of them have one.</param>
/// <param name="HardLeakageSeconds">The same on as many noisy copies of one segment, correlated at about 0.995: nearly all pairs have to be looked at sample by sample.</param>
public sealed record ImportBenchmarkReport(long Bytes, int Rows, int Columns, double RowsOnlySeconds, double ParserSeconds, double ImportSeconds, double Ratio, double ParserProcessorSeconds, double ImportProcessorSeconds, double PeakMegabytes, double LeakageSeconds, int NearDuplicates, double HardLeakageSeconds);

/// <summary>Measures imports.</summary>
public static class ImportBenchmark
{
    /// <summary>Size of the assignment's file.</summary>
    public const int AssignmentRows = 65_425;

    private const int RowsAtOnce = 5_000;

    /// <summary>Writes a synthetic file of that size in pieces, so that making it takes no more memory than importing it.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="rows">Segments of 600 samples.</param>
    /// <param name="cancel">Stops it.</param>
    public static void Make(string path, int rows, CancellationToken cancel)
    {
        using var whole = File.Create(path);
        for (var done = 0; done < rows; done += RowsAtOnce)
        {
            var piece = path + ".piece";
            SegmentCsv.Write(piece, SyntheticEcg.Generate(Math.Min(RowsAtOnce, rows - done), 40, 1 + done), cancel: cancel);
            using (var stream = File.OpenRead(piece)) stream.CopyTo(whole);
            File.Delete(piece);
        }
    }

    /// <summary>Imports the file and parses it alone, in turns; the best of each counts.</summary>
    /// <param name="path">A CSV file of segments.</param>
    /// <param name="root">An empty folder for the data sets.</param>
    /// <param name="turns">How often, at least 1.</param>
    /// <param name="cancel">Stops it.</param>
    public static ImportBenchmarkReport Run(string path, DataRoot root, int turns, CancellationToken cancel)
    {
        var library = new DataSetLibrary(root);
        Warm(path);
        var (import, parser, rowsOnly, peak) = (Spent.Most, Spent.Most, Spent.Most, 0.0);
        DataSetInfo? info = null;
        var columns = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            import = import.Least(Measure(() => info = library.Import(new ImportRequest(path), $"bench {turn}", cancel: cancel)));
            using (var process = Process.GetCurrentProcess()) peak = process.PeakWorkingSet64 / 1e6;
            parser = parser.Least(Measure(() => columns = Parse(path, numbers: true)));
            rowsOnly = rowsOnly.Least(Measure(() => Parse(path, numbers: false)));
            cancel.ThrowIfCancellationRequested();
        }
        var set = library.Load(info!.Id);
        var (leakageSeconds, found) = Leakage(set, cancel);
        var (hardSeconds, _) = Leakage(NoisyCopies(set), cancel);
        return new ImportBenchmarkReport(new FileInfo(path).Length, info!.Rows, columns, rowsOnly.Wall, parser.Wall, import.Wall, import.Wall / parser.Wall, parser.Processor, import.Processor, peak, leakageSeconds, found, hardSeconds);
    }

    private static (double Seconds, int Found) Leakage(SegmentSet set, CancellationToken cancel)
    {
        var split = Splits.Divide(set, SplitKind.Stratified, 0.15, 0.15, seed: 1);
        var clock = Stopwatch.StartNew();
        var report = Ecg.NearDuplicates.Across(set, split, cancel);
        return (clock.Elapsed.TotalSeconds, report.Validation + report.Test);
    }

    private static SegmentSet NoisyCopies(SegmentSet set)
    {
        var (values, random, first) = (new float[set.Values.Length], new Random(1), Normalization.Apply(set.Take([0]), NormalizationKind.Segment).Values);
        for (var i = 0; i < values.Length; i++) values[i] = first[i % set.Length] + (random.NextSingle() - 0.5f) * 0.25f;
        return new SegmentSet(values, set.Labels.ToArray(), set.Length);
    }

    private static Spent Measure(Action work)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (before, clock) = (process.TotalProcessorTime, Stopwatch.StartNew());
        work();
        var wall = clock.Elapsed.TotalSeconds;
        process.Refresh();
        return new Spent(wall, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private readonly record struct Spent(double Wall, double Processor)
    {
        public static Spent Most { get; } = new(double.PositiveInfinity, double.PositiveInfinity);

        public Spent Least(Spent other) => new(Math.Min(Wall, other.Wall), Math.Min(Processor, other.Processor));
    }

    // The file's bytes come from memory in every turn.
    private static void Warm(string path)
    {
        using var stream = File.OpenRead(path);
        stream.CopyTo(Stream.Null);
    }

    private static int Parse(string path, bool numbers)
    {
        using var reader = CsvDialect.Detect(path).Open(path).Reader;
        var (columns, sum) = (0, 0f);
        while (reader.Read())
        {
            columns = reader.FieldCount;
            if (!numbers) continue;
            for (var column = 0; column < columns; column++)
                if (reader.TryParse<float>(column, out var value)) sum += value;
        }
        return float.IsNaN(sum) ? 0 : columns;
    }
}
