using System.IO.Compression;
using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Tests.Ecg.Import;

public class SegmentScanTests
{
    private const string Defective = "1,2,3,4,0\n1,x,5,4,1\n1,,,8,1\n5,5,5,5,0\n1,2,3,4,0\n1,2,3,4,1\n9,nan,7,5,2\n1,2\n7,3,5,1e40,1\n";

    [Fact]
    public void Every_defect_is_reported_with_row_and_column_before_anything_is_saved()
    {
        var scan = Scan(Defective);
        Assert.Equal(
            [
                (DefectKind.Text, 2, 2, null), (DefectKind.Missing, 3, 2, null), (DefectKind.Missing, 3, 3, null), (DefectKind.Constant, 4, null, null),
                (DefectKind.Duplicate, 5, null, 1), (DefectKind.Conflict, 6, null, 1), (DefectKind.NonFinite, 7, 2, null), (DefectKind.Label, 7, 5, null), (DefectKind.Ragged, 8, null, null), (DefectKind.NonFinite, 9, 4, null),
            ],
            scan.Defects.Select(d => (d.Kind, d.Row, d.Column, d.OtherRow)));
        Assert.Equal((2, 1), scan.Counts.Where(c => c.Kind == DefectKind.Missing).Select(c => (c.Defects, c.Rows)).Single());
        Assert.Equal((9, 4), (scan.RowsInFile, scan.Segments!.Count)); // rows with a refused defect are left out of the report's figures
        Assert.Equal((2, 2), (scan.Problem!.Row, scan.Problem.Column));
    }

    [Fact]
    public void Repairs_do_what_was_chosen_and_nothing_else()
    {
        var scan = Scan(Defective, "text=interpolate", "missing=interpolate", "nonFinite=interpolate", "label=drop", "ragged=drop", "constant=drop", "conflict=drop");
        Assert.Null(scan.Problem);
        // Rows 1, 5 and 6 are one segment with two labels: the first and the last go, the duplicate stays.
        Assert.Equal([2, 3, 5, 9], scan.Lines);
        Assert.Equal([1, 2, 4, 8], scan.SourceRows);
        Assert.Equal([1, 3, 5, 4], scan.Segments!.Segment(0).ToArray());
        Assert.Equal([1, 1 + 7 / 3f, 1 + 14 / 3f, 8], scan.Segments.Segment(1).ToArray());
        Assert.Equal([7, 3, 5, 5], scan.Segments.Segment(3).ToArray());
        Assert.Equal([1, 1, 0, 1], scan.Segments.Labels.ToArray());
        Assert.Equal(["duplicate"], scan.Warnings().Select(w => w.Kind).Distinct());
        Assert.Equal(5, scan.Dropped);
    }

    [Fact]
    public void A_row_without_any_number_cannot_be_interpolated()
    {
        var scan = Scan("1,2,3,4,0\nnan,nan,nan,nan,1\n4,3,2,1,1\n", "nonFinite=interpolate");
        Assert.Equal([1, 3], scan.Lines);
        Assert.Equal(4, scan.Counts.Single().Defects);
    }

    [Fact]
    public void Repairs_that_leave_nothing_or_one_class_are_refused()
    {
        Assert.Contains("leave no segment", Scan("1,x,2,0\n1,x,3,1\n", "text=drop").Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("both classes", Scan("1,2,3,0\n3,3,3,1\n", "constant=drop").Problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p1,1,0.5,2,3\np2,0,4,5,7\n", "2", "1")]
    [InlineData("1,0.5,2,3,p1\n0,4,5,7,p2\n", "first", "5")]
    [InlineData("a,who,b,y,c\n0.5,p1,2,1,3\n4,p2,5,0,7\n", null, "who")]
    [InlineData("a,user,b,c,label\n0.5,p1,2,3,1\n4,p2,5,7,0\n", null, null)]
    [InlineData("0.5,2,3,p1,1\n4,5,7,p2,0\n", null, "4")]
    public void Label_and_group_stand_in_any_column(string text, string? label, string? group)
    {
        var scan = SegmentCsv.Scan(Write(text), new CsvChoices(Label: label, Group: group), Repairs.None, cancel: TestContext.Current.CancellationToken);
        Assert.Null(scan.Problem);
        Assert.Equal([0.5f, 2, 3, 4, 5, 7], scan.Segments!.Values.ToArray());
        Assert.Equal([1, 0], scan.Segments.Labels.ToArray());
        Assert.Equal(["p1", "p2"], scan.Segments.Groups!);
    }

    [Fact]
    public void What_was_detected_can_be_changed()
    {
        // Detected as decimal commas between semicolons; said to be three columns of whole numbers with a header.
        var path = Write("1;2;0\n3;4;1\n5;6;0\n");
        Assert.Equal(3, SegmentCsv.Scan(path, CsvChoices.Detect, Repairs.None, cancel: TestContext.Current.CancellationToken).RowsInFile);
        Assert.Equal(2, SegmentCsv.Scan(path, new CsvChoices(Header: true), Repairs.None, cancel: TestContext.Current.CancellationToken).RowsInFile);
        Assert.Contains("1 column", Assert.Throws<SegmentFileException>(() => SegmentCsv.Scan(path, new CsvChoices(Separator: '|'), Repairs.None, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("no label column", Assert.Throws<SegmentFileException>(() => SegmentCsv.Scan(path, new CsvChoices(Label: "9"), Repairs.None, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("at once", Assert.Throws<SegmentFileException>(() => SegmentCsv.Scan(path, new CsvChoices(Label: "2", Group: "2"), Repairs.None, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_is_the_group_where_there_is_no_other_and_never_a_sample()
    {
        var scan = Scan("a,b,record,label\n1,2,r7,0\n3,4,r8,1\n");
        Assert.Equal(["r7", "r8"], scan.Segments!.Groups!);
        scan = Scan("a,b,record,person,label\n1,2,r7,p,0\n3,4,r8,p,1\n");
        Assert.Equal((2, "p"), (scan.Segments!.Length, Assert.Single(scan.Segments.Groups!.Distinct())));
    }

    [Fact]
    public void A_groups_file_counts_the_rows_of_the_file_not_what_repairs_leave()
    {
        var scan = SegmentFile.Scan(new ImportRequest(Write("1,2,3,0\nx,2,3,1\n3,2,1,1\n")) { Groups = Write("a\nb\nc\n"), Repairs = Repairs.Parse(["text=drop"]), SamplingRateHz = 250 }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(["a", "c"], scan.Segments!.Groups!);
        Assert.Equal(250, scan.Segments.SamplingRateHz);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public void A_plateau_at_the_end_of_the_range_looks_clipped(int plateau, bool clipped)
    {
        var segment = SyntheticEcg.Generate(2, 1, 1).Segment(0).ToArray();
        var top = segment.Max();
        for (var i = 0; i < plateau; i++) segment[100 + i] = top + 0.1f;
        Assert.Equal(clipped, SegmentChecks.IsClipped(segment));
        Assert.Equal(clipped, SegmentChecks.IsClipped([.. segment.Select(v => -v)]));
    }

    [Fact]
    public void Units_are_guessed_and_600_samples_propose_1000_hertz()
    {
        var set = SyntheticEcg.Generate(40, 4, 1);
        string Unit(Func<float, float> change) => ValueSummary.Of(new SegmentSet([.. set.Values.ToArray().Select(change)], set.Labels.ToArray(), 600)).Unit;
        Assert.Equal("mV", Unit(v => v));
        Assert.Equal("µV", Unit(v => v * 1000.5f));
        Assert.Equal("V", Unit(v => v / 1000));
        Assert.Equal("converter steps", Unit(v => MathF.Round(v * 200) + 1024));
        Assert.Equal("z-scores", ValueSummary.Of(new SegmentSet(Normalization.Apply(set, NormalizationKind.Segment).Values, set.Labels.ToArray(), 600)).Unit);
        var path = Path.Combine(TestData.TemporaryFolder(), "plain.csv");
        SegmentCsv.Write(path, set, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(1000, SegmentCsv.Scan(path, CsvChoices.Detect, Repairs.None, cancel: TestContext.Current.CancellationToken).ProposedRateHz);
        Assert.Null(Scan("1,2,3,0\n3,2,1,1\n").ProposedRateHz);
    }

    [Theory]
    [InlineData("missing", "kind=repair")]
    [InlineData("missing,text=drop", "kind=repair")]
    [InlineData("0=drop", "kind=repair")]
    [InlineData("missing=2", "one of refuse, drop, interpolate")]
    [InlineData("missing=drop,interpolate", "one of refuse, drop, interpolate")]
    [InlineData("colour=drop", "the kinds are ragged")]
    [InlineData("label=interpolate", "one of refuse, drop")]
    [InlineData("constant=refuse", "one of keep, drop")]
    public void An_unknown_repair_is_refused(string choice, string says) =>
        Assert.Contains(says, Assert.Throws<UserInputException>(() => Repairs.Parse([choice])).Message, StringComparison.Ordinal);

    // More rows than one batch of the examination and than the first block of the builder; one in seven is left out, the first and the last among them.
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // packed, so that the number of rows cannot be estimated
    public void Rows_left_out_anywhere_in_a_long_file_leave_the_others_as_they_are(bool packed)
    {
        const int rows = 3000;
        var set = SyntheticEcg.Generate(rows, 4, 11);
        var path = Path.Combine(TestData.TemporaryFolder(), "long.csv");
        SegmentCsv.Write(path, set, cancel: TestContext.Current.CancellationToken);
        var lines = File.ReadAllLines(path);
        int[] kept = [.. Enumerable.Range(0, rows).Where(i => i % 7 != 0 && i != rows - 1)];
        foreach (var i in Enumerable.Range(0, rows).Except(kept)) lines[i] = "x" + lines[i];
        if (packed)
        {
            path += ".gz";
            using var zip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
            zip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }
        else
        {
            File.WriteAllLines(path, lines);
        }
        var scan = SegmentCsv.Scan(path, CsvChoices.Detect, Repairs.Parse(["text=drop"]), cancel: TestContext.Current.CancellationToken);
        var expected = set.Take(kept);
        Assert.Equal(kept, scan.SourceRows);
        Assert.Equal(expected.Hash, scan.Segments!.Hash); // taken while reading
        Assert.Equal(expected.Hash, new SegmentSet(scan.Segments.Values.ToArray(), scan.Segments.Labels.ToArray(), 600).Hash); // computed from what came out
        Assert.Equal(ValueSummary.Of(expected), scan.Values);
    }

    [Fact]
    public void Later_rows_may_be_longer_or_shorter_text_than_the_first_ones()
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "uneven.csv");
        string Row(int i) => i < 600 ? $"{i},0,0,{i % 2}" : i < 3000 ? $"{i}.123456,-0.0000001,12345.678,{i % 2}" : $"{i % 9},1,2,0";
        File.WriteAllLines(path, Enumerable.Range(0, 20_000).Select(Row));
        var scan = SegmentCsv.Scan(path, CsvChoices.Detect, Repairs.None, cancel: TestContext.Current.CancellationToken);
        Assert.Null(scan.Problem);
        Assert.Equal(20_000, scan.Segments!.Count);
        Assert.Equal([2999.123456f, -0.0000001f, 12345.678f], scan.Segments.Segment(2999).ToArray());
        Assert.Equal([19_999 % 9, 1, 2], scan.Segments.Segment(19_999).ToArray());
    }

    [Fact]
    public void A_number_too_large_in_any_column_is_found_and_zero_has_no_sign()
    {
        for (var column = 0; column < 23; column++)
        {
            string Line(string cell) => string.Join(',', Enumerable.Range(0, 23).Select(i => i == column ? cell : $"{i}")) + ",0\n";
            var scan = Scan(Line("1e39") + Line("-0") + Line("7").Replace(",0\n", ",1\n", StringComparison.Ordinal));
            Assert.Equal((DefectKind.NonFinite, 1, column + 1), (scan.Defects[0].Kind, scan.Problem!.Row!.Value, scan.Problem.Column!.Value));
            Assert.False(float.IsNegative(scan.Segments!.Segment(0)[column]));
        }
    }

    private static SegmentScan Scan(string text, params string[] repairs) => SegmentCsv.Scan(Write(text), CsvChoices.Detect, Repairs.Parse(repairs), cancel: TestContext.Current.CancellationToken);

    private static string Write(string text)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "segments.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
