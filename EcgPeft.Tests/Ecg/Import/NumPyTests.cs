using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Tests.Ecg.Import;

public class NumPyTests
{
    private static readonly double[] Values = [0.5, 2, 3, 1, 4, -5, 7, 0];

    [Theory]
    [InlineData("<f4")]
    [InlineData("<f8")]
    [InlineData(">f4")]
    [InlineData("<f2")]
    public void Arrays_of_real_numbers_load_to_one_content(string type)
    {
        var scan = Scan(Array(type, "(2, 4)", Values));
        Assert.Null(scan.Problem);
        Assert.Equal([0.5f, 2, 3, 4, -5, 7], scan.Segments!.Values.ToArray());
        Assert.Equal([1, 0], scan.Segments.Labels.ToArray());
        Assert.Equal("npy", scan.Format.Kind);
    }

    [Fact]
    public void Other_writers_spell_the_header_in_other_ways()
    {
        foreach (var header in new[] { "{'descr':'<f4','fortran_order':False,'shape':(2,4)}", "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 4), }", "{'shape': (2, 4), 'fortran_order': False, 'descr': '<f4'}" })
            Assert.Equal([0.5f, 2, 3, 4, -5, 7], Scan(Array("<f4", "(2, 4)", Values, header: header)).Segments!.Values.ToArray());
        Assert.Contains("column by column", Refusal(Array("<f4", "(2, 4)", Values, header: "{'descr':'<f4','fortran_order':True,'shape':(2,4)}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 9)]
    [InlineData(4, 0)]
    public void Another_version_of_the_format_is_refused(byte major, byte minor)
    {
        var path = Array("<f4", "(2, 4)", Values);
        var bytes = File.ReadAllBytes(path);
        (bytes[6], bytes[7]) = (major, minor);
        File.WriteAllBytes(path, bytes);
        Assert.Contains($"version {major}.{minor}", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Choices_that_belong_to_another_kind_of_file_are_refused()
    {
        var array = Array("<f4", "(2, 4)", Values);
        string Says(ImportRequest request) => Assert.Throws<UserInputException>(() => SegmentFile.Scan(request, cancel: TestContext.Current.CancellationToken)).Message;
        Assert.Contains("no CSV file", Says(new ImportRequest(array) { Csv = new CsvChoices(Separator: ';') }), StringComparison.Ordinal);
        Assert.Contains("belongs to a NumPy array", Says(new ImportRequest(Path.ChangeExtension(array, ".csv")) { Labels = array }), StringComparison.Ordinal);
        Assert.Contains("path is empty", Says(new ImportRequest("")), StringComparison.Ordinal);
        foreach (var separator in "\"\n5.-") Assert.Contains("separator cannot be", Says(new ImportRequest("a.csv") { Csv = new CsvChoices(Separator: separator) }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<i8", "(2,)")]
    [InlineData("|b1", "(2, 1)")]
    [InlineData("|u1", "(2,)")]
    public void Labels_may_be_an_array_of_their_own(string type, string shape)
    {
        var scan = SegmentFile.Scan(new ImportRequest(Array("<f4", "(2, 4)", Values)) { Labels = Array(type, shape, [1, 0]) }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(4, scan.Segments!.Length);
        Assert.Equal([1, 0], scan.Segments.Labels.ToArray());
    }

    [Fact]
    public void Defects_are_named_and_repaired()
    {
        var path = Array("<f8", "(4, 4)", [1, 2, 3, 0, 3, double.NaN, 5, 1, 1, 1e300, 1, 1, 4, 4, 5, 3]);
        var scan = Scan(path);
        Assert.Equal([(DefectKind.NonFinite, 2, 2), (DefectKind.NonFinite, 3, 2), (DefectKind.Label, 4, 4)], scan.Defects.Select(d => (d.Kind, d.Row, d.Column!.Value)));
        scan = SegmentFile.Scan(new ImportRequest(path) { Repairs = Repairs.Parse(["nonFinite=interpolate", "label=drop"]) }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal([3, 4, 5], scan.Segments!.Segment(1).ToArray());
        Assert.Equal(3, scan.Segments.Count);
    }

    [Fact]
    public void What_is_no_array_of_segments_is_refused()
    {
        Assert.Contains("cut off", Refusal(Array("<f4", "(3, 4)", Values)), StringComparison.Ordinal);
        Assert.Contains("no plain array", Refusal(Array("|O", "(2, 4)", Values)), StringComparison.Ordinal);
        Assert.Contains("no plain array", Refusal(Array("<c8", "(2, 4)", Values)), StringComparison.Ordinal);
        Assert.Contains("segments x samples", Refusal(Array("<f4", "(8,)", Values)), StringComparison.Ordinal);
        Assert.Contains("shape", Refusal(Array("<f4", "(2, 2, 2)", Values)), StringComparison.Ordinal);
        Assert.Contains("column by column", Refusal(Array("<f4", "(2, 4)", Values, fortran: true)), StringComparison.Ordinal);
        var text = Path.Combine(TestData.TemporaryFolder(), "text.npy");
        File.WriteAllText(text, "1,2,3,0\n4,5,6,1\n");
        Assert.Contains("no NumPy array", Refusal(text), StringComparison.Ordinal);
    }

    private static string Refusal(string path) => Assert.Throws<SegmentFileException>(() => Scan(path)).Message;

    private static SegmentScan Scan(string path) => SegmentFile.Scan(new ImportRequest(path), cancel: TestContext.Current.CancellationToken);

    private static string Array(string type, string shape, double[] values, bool fortran = false, string? header = null)
    {
        header = (header ?? $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}").PadRight(117) + "\n";
        IEnumerable<byte> Bytes(double value) => type[1..] switch
        {
            "f2" => BitConverter.GetBytes((Half)value),
            "f4" => BitConverter.GetBytes((float)value),
            "i8" => BitConverter.GetBytes((long)value),
            "b1" or "u1" => [(byte)value],
            _ => BitConverter.GetBytes(value),
        };
        var path = Path.Combine(TestData.TemporaryFolder(), "array.npy");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((short)header.Length), .. Encoding.Latin1.GetBytes(header), .. values.SelectMany(v => type[0] == '>' ? Bytes(v).Reverse() : Bytes(v))]);
        return path;
    }
}
