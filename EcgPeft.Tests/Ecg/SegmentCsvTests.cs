using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Tests.Ecg;

public class SegmentCsvTests
{
    private const string Plain = "0.5,-0.25,1,1\n2,3,-0.125,0\n0.75,0.5,0.25,1\n";
    private static readonly float[] PlainValues = [0.5f, -0.25f, 1, 2, 3, -0.125f, 0.75f, 0.5f, 0.25f];

    public static TheoryData<string, string, SegmentCsvFormat> Spellings => new()
    {
        { "plain", Plain, Format() },
        { "no last newline", Plain.TrimEnd(), Format() },
        { "carriage returns", Plain.ReplaceLineEndings("\r\n"), Format() },
        { "blank lines", Plain.ReplaceLineEndings("\n\n") + "\n", Format() },
        { "spaces", Plain.Replace(",", ", ", StringComparison.Ordinal), Format() },
        { "quotes", string.Join("\n", Plain.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => '"' + l.Replace(",", "\",\"", StringComparison.Ordinal) + '"')), Format() },
        { "scientific", "5e-1,-2.5E-01,1e0,1.0\n2,3,-125e-3,0.0\n0.75,0.5,0.25,1.0\n", Format() },
        { "semicolons, decimal commas", "0,5;-0,25;1;1\n2;3;-0,125;0\n0,75;0,5;0,25;1\n", Format() with { Separator = ';', DecimalComma = true } },
        { "semicolons, decimal points", Plain.Replace(',', ';'), Format() with { Separator = ';' } },
        { "tabs", Plain.Replace(',', '\t'), Format() with { Separator = '\t' } },
        { "tabs, decimal commas", Plain.Replace(',', '\t').Replace('.', ','), Format() with { Separator = '\t', DecimalComma = true } },
        { "header", "a,b,c,label\n" + Plain, Format() with { Header = true } },
        { "header without a label's name", "a,b,c,d\n" + Plain, Format() with { Header = true } },
        { "header that counts", "0,1,2,3\n" + Plain, Format() with { Header = true } },
        { "label first", "Label,a,b,c\n1,0.5,-0.25,1\n0,2,3,-0.125\n1,0.75,0.5,0.25\n", Format() with { Header = true, LabelColumn = 1 } },
        { "label within", "a,class,b,c\n0.5,1,-0.25,1\n2,0,3,-0.125\n0.75,1,0.5,0.25\n", Format() with { Header = true, LabelColumn = 2 } },
    };

    public static TheoryData<string, string, int?, int?, string> Defects => new()
    {
        { "nothing", "", null, null, "empty" },
        { "blank lines only", "\n\n", null, null, "empty" },
        { "header only", "a,b,c,label\n", null, null, "no segment" },
        { "one class", "1,2,3,0\n1,3,2,0\n", null, null, "both classes" },
        { "a control character", "1,2,3,0\n1,\0,3,1\n", null, null, "not a text file" },
        { "a workbook", "PK\u0003\u0004rest", null, null, "Excel" },
        { "one column", "1\n0\n", 1, null, "1 column" },
        { "too few columns", Plain + "1,2,1\n1,2,3,0\n", 4, null, "3 columns instead of 4" },
        { "too many columns", Plain + "1,2,3,4,1\n", 4, null, "5 columns instead of 4" },
        { "cut off", Plain + "1,2", 4, null, "cut off" },
        { "text in the first row", "0.5,abc,1,1\n2,3,4,0\n", 1, 2, "abc" },
        { "text", Plain + "1,x y,3,0\n", 4, 2, "x y" },
        { "empty cell", Plain + "1,,3,0\n", 4, 2, "empty" },
        { "empty label", Plain + "1,2,3,\n", 4, 4, "empty, where the label is expected" },
        { "not a number", Plain + "1,2,nan,0\n", 4, 3, "nan" },
        { "infinite", Plain + "-Infinity,2,3,0\n", 4, 1, "finite" },
        { "too large for 32 bits", Plain + "1,-4e38,3,0\n", 4, 2, "finite" },
        { "label in words", Plain + "1,2,3,true\n", 4, 4, "the label \"true\"; a label must be 0 or 1" },
        { "a blank line of spaces", Plain + "  \n", 4, null, "1 column instead of 4" },
        { "one segment", "1,2,3,0\n", null, null, "The only segment" },
        { "label 2", Plain + "1,2,3,2\n", 4, 4, "0 or 1" },
        { "label between", Plain + "1,2,3,0.5\n", 4, 4, "0 or 1" },
        { "header counts as a row", "a,b,c,label\n" + Plain + "1,2,x,1\n", 5, 3, "\"x\"" },
        { "blank line counts as a row", "\n" + Plain + "1,2,x,1\n", 5, 3, "\"x\"" },
        { "unclosed quote", Plain + "1,\"2,3,0\n1,2,3,0\n", 4, null, "quote" },
        { "unclosed quote at the end", Plain + "1,2,3,\"0", 4, null, "quote" },
        { "quote within a cell", Plain + "1,2\"2,3,0\n", 4, null, "quote" },
        { "a row index", ",a,b,label\n0,1,2,0\n1,1,3,1\n", 1, 1, "index" },
        { "two label columns", "label,a,b,class\n0,1,2,0\n1,1,3,1\n", 1, 4, "second label" },
        { "an empty group", "a,b,user,label\n1,2,p,0\n1,3,,1\n", 3, 3, "group" },
        { "decimal point among decimal commas", "0,5;1;1\n0.5;1;0\n", 2, 1, "decimal comma" },
        { "thousands among decimal commas", "0,5;1;1\n1.000,5;1;0\n", 2, 1, "decimal comma" },
        { "decimal comma in quotes between commas", "0.5,1,1\n\"0,5\",1,0\n", 2, 1, "decimal point" },
        { "decimal comma after many lines", string.Concat(Enumerable.Repeat("1;2;0\n", 20000)) + "0,5;1;1\n", 20001, 1, "decimal point" },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void The_same_numbers_in_any_spelling_load_to_the_same_content(string name, string text, SegmentCsvFormat format)
    {
        var read = Read(Encoding.UTF8.GetBytes(text));
        Assert.True(PlainValues.AsSpan().SequenceEqual(read.Segments.Values.Span), name);
        Assert.Equal([1, 0, 1], read.Segments.Labels.ToArray());
        Assert.Equal((3, 3, 2), (read.Segments.Count, read.Segments.Length, read.Segments.Positives));
        Assert.Equal(format, read.Format);
        Assert.Equal(Read(Encoding.UTF8.GetBytes(Plain)).Segments.Hash, read.Segments.Hash);
    }

    [Theory]
    [InlineData(0, "", false)]
    [InlineData(1, "", false)]
    [InlineData(0, ",label", false)]
    [InlineData(1, ",label", false)]
    [InlineData(0, "label,", true)]
    [InlineData(1, "label,", true)]
    public void A_header_may_count_the_columns_from_0_or_1_with_or_without_a_word_for_the_label(int from, string word, bool first)
    {
        string Row(string label, string samples) => first ? $"{label},{samples}\n" : $"{samples},{label}\n";
        var samples = new[] { 1, 2, 3 }.Select(i => string.Join(',', Enumerable.Range(0, 20).Select(s => (s % 7 - i).ToString(CultureInfo.InvariantCulture)))).ToArray();
        var count = string.Join(',', Enumerable.Range(from, word.Length == 0 ? 21 : 20).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var rows = Row("0", samples[0]) + Row("1", samples[1]) + Row("0", samples[2]);
        var read = Read(Encoding.UTF8.GetBytes($"{(first ? word : "")}{count}{(first ? "" : word)}\n{rows}"));
        Assert.True(read.Format.Header);
        if (!first) Assert.Equal(Read(Encoding.UTF8.GetBytes(rows)).Segments.Hash, read.Segments.Hash);
        Assert.Equal([0, 1, 0], read.Segments.Labels.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_column_that_counts_the_rows_is_no_sample(int from)
    {
        var text = string.Concat(Enumerable.Range(0, 12).Select(i => FormattableString.Invariant($"{i + from},{i % 5},{i * 7 % 11},{i % 2}\n")));
        Assert.Contains("row index", Assert.Throws<SegmentFileException>(() => Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encodings_and_compression_are_found_out()
    {
        foreach (var (encoding, name) in new (Encoding, string)[] { (new UTF8Encoding(true), "utf-8 (BOM)"), (new UnicodeEncoding(false, true), "utf-16le (BOM)"), (new UnicodeEncoding(true, true), "utf-16be (BOM)"), (new UnicodeEncoding(false, false), "utf-16le"), (new UnicodeEncoding(true, false), "utf-16be") })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Plain)];
            foreach (var compressed in new[] { false, true })
            {
                var read = Read(compressed ? Gzip(bytes) : bytes);
                Assert.Equal(Format() with { Encoding = name, Compressed = compressed }, read.Format);
                Assert.Equal(PlainValues, read.Segments.Values.ToArray());
            }
        }
    }

    [Fact]
    public void Minus_zero_is_zero() =>
        Assert.Equal(Read("0,1,2,1\n0,2,2,0\n"u8).Segments.Hash, Read("-0,1,2,1\n-0.0,2,2,0\n"u8).Segments.Hash);

    [Fact]
    public void The_hash_is_of_length_values_and_labels_and_not_of_groups()
    {
        var set = new SegmentSet([1, 2, 3, 4], [0, 1], 2);
        byte[] bytes = [2, 0, 0, 0, .. new float[] { 1, 2, 3, 4 }.SelectMany(BitConverter.GetBytes), 0, 1];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), set.Hash);
        Assert.Equal(set.Hash, set.WithGroups(["a", "b"]).WithSamplingRate(360).Hash);
        Assert.NotEqual(set.Hash, new SegmentSet([1, 2, 3, 4], [1, 0], 2).Hash);
        Assert.NotEqual(set.Hash, new SegmentSet([1, 2, 3, 4], [0], 4).Hash);
    }

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_defect_is_refused_with_row_and_column(string name, string text, int? row, int? column, string says)
    {
        var error = Assert.Throws<SegmentFileException>(() => Read(Encoding.UTF8.GetBytes(text)));
        Assert.True((row, column) == (error.Row, error.Column), $"{name}: row {error.Row}, column {error.Column}: {error.Message}");
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 20, 400);
    }

    [Fact]
    public void Row_numbers_are_written_plainly()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 1233; i++) text.Append(i).Append(",1,2,").Append(i % 2).Append('\n');
        var error = Assert.Throws<SegmentFileException>(() => Read(Encoding.UTF8.GetBytes(text.Append("1,2,x,0\n").ToString())));
        Assert.Contains("Row 1234, column 3 ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flat_and_repeated_segments_are_accepted_and_named()
    {
        var read = Read("1,2,3,0\n5,5,5,1\n1,2,3,0\n1,2,3,1\n5,5,5,1\n"u8);
        Assert.Equal(
            [(2, null, "constant"), (3, 1, "duplicate"), (4, 1, "conflict"), (5, null, "constant")],
            read.Warnings.Select(w => (w.Row, w.OtherRow, w.Kind)));
        Assert.All(read.Warnings, w => Assert.Contains($"Row {w.Row} ", w.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Many_warnings_of_one_kind_are_counted_instead_of_listed()
    {
        var read = Read(Encoding.UTF8.GetBytes("1,2,0\n" + string.Concat(Enumerable.Repeat("3,3,1\n", 1500))));
        Assert.Equal(1001, read.Warnings.Count);
        Assert.Contains("500 more", read.Warnings[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            zeros.AsSpan().Fill((byte)'0');
            for (var i = 0; i < 200; i++) gzip.Write(zeros);
        }
        var path = Write(packed.ToArray());
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var error = Assert.Throws<SegmentFileException>(() => SegmentCsv.Read(path, cancel: TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 64L << 20);
        Assert.Equal(1, error.Row);
    }

    [Fact]
    public void A_damaged_gzip_file_is_refused()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 3000; i++) text.Append(i * 7919 % 1000).Append(',').Append(i).Append(",2,").Append(i % 2).Append('\n');
        var packed = Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Contains("gzip", Assert.Throws<SegmentFileException>(() => Read(packed.AsSpan(0, packed.Length / 2))).Message, StringComparison.Ordinal);
        packed.AsSpan(packed.Length / 2, 40).Fill(0xff);
        Assert.Throws<SegmentFileException>(() => Read(packed));
        // Cut where the unpacked text happens to end with a whole line, only the missing end of the packing tells.
        var whole = Gzip(Encoding.UTF8.GetBytes(Plain));
        Assert.Contains("gzip", Assert.Throws<SegmentFileException>(() => Read(whole.AsSpan(0, whole.Length - 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_a_gzip_file_s_members_must_be_nothing_or_zeros()
    {
        var (first, second) = (Gzip(Encoding.UTF8.GetBytes(Plain)), Gzip(Encoding.UTF8.GetBytes(Plain)));
        Assert.Equal(6, Read((byte[])[.. first, .. second]).Segments.Count);
        Assert.Equal(3, Read((byte[])[.. first, .. new byte[600]]).Segments.Count);
        Assert.Contains("gzip", Assert.Throws<SegmentFileException>(() => Read((byte[])[.. first, .. "not packed"u8])).Message, StringComparison.Ordinal);
        second[0] = 0; // a damaged start of the second member must not pass for the end
        Assert.Throws<SegmentFileException>(() => Read((byte[])[.. first, .. second]));
        Assert.Throws<SegmentFileException>(() => Read((byte[])[.. first, .. new byte[30_000], 1]));
    }

    [Fact]
    public void What_is_not_a_file_is_said_so()
    {
        var folder = TestData.TemporaryFolder();
        Assert.Contains("no file", Assert.Throws<SegmentFileException>(() => SegmentCsv.Read(Path.Combine(folder, "none.csv"), cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<SegmentFileException>(() => SegmentCsv.Read(folder, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Written_segments_read_back_to_the_same_numbers()
    {
        var set = SyntheticEcg.Generate(300, 4, 9);
        var path = Path.Combine(TestData.TemporaryFolder(), "written.csv");
        SegmentCsv.Write(path, set, cancel: TestContext.Current.CancellationToken);
        var reports = new List<double>();
        var read = SegmentCsv.Read(path, new Reports(reports.Add), TestContext.Current.CancellationToken);
        Assert.Equal(set.Hash, read.Segments.Hash);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => SegmentCsv.Read(path, null, cancelled.Token));
    }

    [Fact]
    public void Every_bad_file_of_the_real_ecg_folder_is_refused_or_warned_of()
    {
        using var defects = JsonDocument.Parse(File.ReadAllText(TestData.RealEcgFile("bad/defects.json")));
        foreach (var defect in defects.RootElement.EnumerateArray())
        {
            var file = defect.GetProperty("file").GetString()!;
            int? Number(string key) => defect.GetProperty(key).ValueKind == JsonValueKind.Null ? null : defect.GetProperty(key).GetInt32();
            var path = TestData.RealEcgFile("bad/" + file);
            if (defect.GetProperty("kind").GetString() == "error")
            {
                var error = Assert.Throws<SegmentFileException>(() => SegmentCsv.Read(path, cancel: TestContext.Current.CancellationToken));
                Assert.True((Number("row"), Number("column")) == (error.Row, error.Column), $"{file}: {error.Message}");
            }
            else
            {
                var warning = Assert.Single(SegmentCsv.Read(path, cancel: TestContext.Current.CancellationToken).Warnings);
                Assert.Equal((file, Number("row")), (file, warning.Row));
            }
        }
    }

    [Fact]
    public void Every_odd_file_of_the_real_ecg_folder_loads_to_the_same_content()
    {
        var files = Directory.GetFiles(TestData.RealEcgFile("odd"));
        var hashes = files.Select(f => SegmentCsv.Read(f, cancel: TestContext.Current.CancellationToken).Segments.Hash).Distinct();
        Assert.Single(hashes);
        Assert.True(files.Length > 1);
    }

    private static SegmentCsvFormat Format() => new(false, ',', false, "utf-8", 4, 4, false);

    private static SegmentCsvResult Read(ReadOnlySpan<byte> bytes) => SegmentCsv.Read(Write(bytes), cancel: TestContext.Current.CancellationToken);

    private static string Write(ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "segments.csv");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private sealed class Reports(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
