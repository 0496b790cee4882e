using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Tests.Ecg.Import;

public class WfdbTests
{
    // Three signals in one file of format 16, two annotations: N at 30, and V at 30 + 1100 by a skip of more than ten bits.
    private static readonly byte[] Annotations = [.. Word(1 << 10 | 30), .. Word(63 << 10 | 3), 65, 66, 67, 0, .. Word(59 << 10), .. Word(0), .. Word(1100), .. Word(5 << 10), .. Word(0)];

    [Fact]
    public void Real_segments_equal_the_ones_that_were_cut_from_the_record_before()
    {
        var csv = SegmentCsv.Read(TestData.RealEcgFile("segments.csv"), cancel: TestContext.Current.CancellationToken).Segments;
        var lines = File.ReadAllLines(TestData.RealEcgFile("groups.csv")).Skip(1).Select(l => l.Split(',')).Where(l => l[1] == "100").Select(l => (Row: int.Parse(l[0], null), Start: int.Parse(l[2], null))).Where(l => l.Start % 600 == 0).ToList();
        var scan = SegmentFile.Scan(new ImportRequest(TestData.RealEcgFile("wfdb/100.hea")), cancel: TestContext.Current.CancellationToken);
        Assert.Equal((1083, 600, 360.0), (scan.Segments!.Count, scan.Segments.Length, scan.Segments.SamplingRateHz));
        Assert.Equal(1, scan.Positives); // record 100 has one premature ventricular beat
        Assert.NotEmpty(lines);
        foreach (var (row, start) in lines)
        {
            Assert.All(csv.Segment(row).ToArray().Zip(scan.Segments.Segment(start / 600).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            Assert.Equal(csv.Labels.Span[row], scan.Segments.Labels.Span[start / 600]);
        }
    }

    [Fact]
    public void The_second_lead_has_its_own_checksum_and_a_damaged_record_is_refused()
    {
        var folder = TestData.TemporaryFolder();
        foreach (var file in new[] { "100.hea", "100.dat", "100.atr" }) File.Copy(TestData.RealEcgFile("wfdb/" + file), Path.Combine(folder, file));
        var request = new ImportRequest(Path.Combine(folder, "100.hea")) { Wfdb = new(Length: 720, Lead: "V5") };
        Assert.Equal(902, SegmentFile.Scan(request, cancel: TestContext.Current.CancellationToken).Segments!.Count);
        var bytes = File.ReadAllBytes(Path.Combine(folder, "100.dat"));
        bytes[1000] ^= 1;
        bytes[1001] ^= 0x11;
        File.WriteAllBytes(Path.Combine(folder, "100.dat"), bytes);
        Assert.Contains("checksum", Refusal(request), StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(folder, "100.dat"), bytes[..^100]);
        Assert.Contains("cut off", Refusal(request), StringComparison.Ordinal);
    }

    [Fact]
    public void Format_16_is_read_with_gain_baseline_skips_and_missing_samples()
    {
        var folder = Record("r1", missing: 700);
        var choices = new WfdbChoices(Length: 300, Positive: "VE", Margin: 10, Lead: "II");
        var scan = SegmentFile.Scan(new ImportRequest(Path.Combine(folder, "r1.hea")) { Wfdb = choices }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal((5, 4), (scan.RowsInFile, scan.Segments!.Count));
        Assert.Equal((DefectKind.Missing, 3), (scan.Defects[0].Kind, scan.Problem!.Row!.Value));
        scan = SegmentFile.Scan(new ImportRequest(Path.Combine(folder, "r1.hea")) { Wfdb = choices, Repairs = Repairs.Parse(["missing=interpolate"]) }, cancel: TestContext.Current.CancellationToken);
        Assert.Null(scan.Problem);
        Assert.Equal([0, 0, 0, 1, 0], scan.Segments!.Labels.ToArray());
        Assert.Equal((5 - 100) / 50f, scan.Segments.Segment(0)[5], 1e-6f);
        Assert.Equal((700 - 100) / 50f, scan.Segments.Segment(2)[100], 1e-4f); // a straight line, so what is interpolated is what was there
        Assert.Equal(500, scan.Segments.SamplingRateHz);
    }

    [Fact]
    public void Several_records_of_a_folder_are_groups()
    {
        var folder = Record("r1");
        Record("r2", folder: folder);
        var scan = SegmentFile.Scan(new ImportRequest(folder) { Wfdb = new(Length: 300, Lead: "2") }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(["r1", "r2"], scan.Segments!.Groups!.Distinct());
        Assert.Equal(10, scan.Segments.Count);
    }

    [Theory]
    [InlineData("r1 3 500 1500\nr1.dat 8 50(100)/mV 16 0 0 0 0 I\nr1.dat 16 50 16 0 0 0 0 II\nr1.dat 16 50 16 0 0 0 0 III\n", "only 212 and 16")]
    [InlineData("r1 3 500 1500\nr1.dat 16 50\n", "signals")]
    [InlineData("r1/2 3 500 1500\n", "several segments")]
    [InlineData("r1 3 500 1500\nr1.dat 16+-5 50\nr1.dat 16 50\nr1.dat 16 50\n", "byte offset -5")]
    [InlineData("r1 3 500 1500\nr1.dat 16x2 50\nr1.dat 16 50\nr1.dat 16 50\n", "several samples a frame")]
    [InlineData("", "empty")]
    [InlineData("r1 1 500 1500\n../../etc/passwd 16 50 16 0 0 0 0 I\n", "another folder")]
    [InlineData("r1 1 zero 1500\nr1.dat 16 50 16 0 0 0 0 I\n", "sampling rate")]
    public void A_header_that_cannot_be_read_is_refused(string header, string says)
    {
        var folder = Record("r1");
        File.WriteAllText(Path.Combine(folder, "r1.hea"), header);
        Assert.Contains(says, Refusal(new ImportRequest(Path.Combine(folder, "r1.hea"))), StringComparison.Ordinal);
    }

    [Fact]
    public void One_sample_a_frame_may_be_said_so()
    {
        var folder = Record("r1");
        var path = Path.Combine(folder, "r1.hea");
        var before = SegmentFile.Scan(new ImportRequest(path) { Wfdb = new(Length: 300) }, cancel: TestContext.Current.CancellationToken).Segments!.Hash;
        File.WriteAllText(path, File.ReadAllText(path).Replace("r1.dat 16 ", "r1.dat 16x1+0 ", StringComparison.Ordinal));
        Assert.Equal(before, SegmentFile.Scan(new ImportRequest(path) { Wfdb = new(Length: 300) }, cancel: TestContext.Current.CancellationToken).Segments!.Hash);
    }

    [Fact]
    public void A_choice_that_fits_no_record_is_refused()
    {
        var folder = Record("r1");
        ImportRequest With(WfdbChoices choices) => new(Path.Combine(folder, "r1.hea")) { Wfdb = choices };
        Assert.Contains("I), 2 (II)", Refusal(With(new(Lead: "V9"))), StringComparison.Ordinal);
        Assert.Contains("shorter", Refusal(With(new(Length: 5000))), StringComparison.Ordinal);
        Assert.Contains("margin", Refusal(With(new(Length: 100, Margin: 50))), StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(folder, "r1.atr"), Annotations[..^2]);
        Assert.Contains("cut off", Refusal(With(new())), StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "r1.dat"));
        Assert.Contains("no file", Refusal(With(new())), StringComparison.Ordinal);
    }

    private static string Refusal(ImportRequest request) => Assert.ThrowsAny<UserInputException>(() => SegmentFile.Scan(request, cancel: TestContext.Current.CancellationToken)).Message;

    private static string Record(string name, int missing = -1, string? folder = null)
    {
        folder ??= TestData.TemporaryFolder();
        var bytes = new List<byte>();
        short sum = 0;
        for (var i = 0; i < 1500; i++)
        {
            var value = i == missing ? short.MinValue : (short)i;
            sum = unchecked((short)(sum + value));
            bytes.AddRange([.. Word(7), .. Word((ushort)value), .. Word(9)]);
        }
        File.WriteAllBytes(Path.Combine(folder, name + ".dat"), [.. bytes]);
        File.WriteAllBytes(Path.Combine(folder, name + ".atr"), Annotations);
        File.WriteAllText(Path.Combine(folder, name + ".hea"), FormattableString.Invariant($"{name} 3 500 1500\n{name}.dat 16 200/mV 16 0 7 {unchecked((short)(7 * 1500))} 0 I\n{name}.dat 16 50(100)/mV 16 0 0 {sum} 0 II\n{name}.dat 16 200 16 0 9 {unchecked((short)(9 * 1500))} 0 III\n"));
        return folder;
    }

    private static byte[] Word(int value) => [(byte)value, (byte)(value >> 8)];
}
