using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Tests.Ecg;

public class PreprocessingTests
{
    private const string Linear = "linear_align_ends_";

    private static readonly Lazy<JsonDocument> Case = new(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Golden, "preprocessing", "preprocessing.json"))));

    private static readonly Lazy<Dictionary<string, (int[] Shape, float[] Values)>> Tensors = new(ReadTensors);

    public static TheoryData<int> Lengths =>
        [.. Tensors.Value.Keys.Where(k => k.StartsWith(Linear, StringComparison.Ordinal)).Select(k => int.Parse(k[Linear.Length..], CultureInfo.InvariantCulture))];

    private static SegmentSet Input
    {
        get
        {
            var (shape, values) = Tensors.Value["input"];
            return new SegmentSet(values, new byte[shape[0]], shape[1]);
        }
    }

    private static SegmentSet AtRate => Input.WithSamplingRate(Case.Value.RootElement.GetProperty("sampling_rate_hz").GetDouble());

    [Fact]
    [Trait("Category", "Golden")]
    public void Z_score_of_each_segment()
    {
        var normalised = Normalization.Apply(Input, NormalizationKind.Segment);
        Close(Tensors.Value["zscore_segment"].Values, normalised.Values);
        var constant = Case.Value.RootElement.GetProperty("constant_rows").EnumerateArray().Select(e => e.GetInt32()).ToList();
        Assert.Equal(constant, normalised.ConstantRows);
        foreach (var row in constant) Assert.All(normalised.Values.AsSpan(row * Input.Length, Input.Length).ToArray(), v => Assert.Equal(0f, v));
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void Z_score_over_the_data_set()
    {
        var normalised = Normalization.Apply(Input, NormalizationKind.Global);
        Close(Tensors.Value["zscore_global"].Values, normalised.Values);
        Assert.Equal(Case.Value.RootElement.GetProperty("global_mean").GetDouble(), normalised.GlobalMean!.Value, 1e-9);
        Assert.Equal(Case.Value.RootElement.GetProperty("global_std_population").GetDouble(), normalised.GlobalStandardDeviation!.Value, 1e-9);
    }

    [Fact]
    public void Z_score_by_the_training_rows_sees_no_other_row()
    {
        int[] training = [0, 2, 3];
        var normalised = Normalization.Apply(Input, NormalizationKind.GlobalTraining, training);
        var own = training.SelectMany(row => Input.Segment(row).ToArray()).Select(v => (double)v).ToArray();
        var mean = own.Average();
        Assert.Equal(mean, normalised.GlobalMean!.Value, 1e-9);
        Assert.Equal(Math.Sqrt(own.Average(v => (v - mean) * (v - mean))), normalised.GlobalStandardDeviation!.Value, 1e-9);
        Assert.Equal((Input.Segment(1)[7] - mean) / normalised.GlobalStandardDeviation.Value, normalised.Values[Input.Length + 7], 1e-5);
    }

    public static TheoryData<string> BandPasses => [.. Tensors.Value.Keys.Where(k => k.StartsWith("bandpass_", StringComparison.Ordinal))];

    public static TheoryData<string> Notches => [.. Tensors.Value.Keys.Where(k => k.StartsWith("notch_", StringComparison.Ordinal))];

    public static TheoryData<string> Rates => [.. Tensors.Value.Keys.Where(k => k.StartsWith("resample_poly_", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(BandPasses))]
    [Trait("Category", "Golden")]
    public void Band_pass_is_sosfiltfilt(string name)
    {
        var part = name.Split('_'); // bandpass_0.5_40_order3_sosfiltfilt
        var filters = new SignalFilters(BandPass: new(Number(part[1]), Number(part[2]), int.Parse(part[3]["order".Length..], CultureInfo.InvariantCulture)));
        Close(Tensors.Value[name].Values, Filtered(filters, AtRate));
    }

    [Theory]
    [MemberData(nameof(Notches))]
    [Trait("Category", "Golden")]
    public void Notch_is_filtfilt(string name)
    {
        var part = name.Split('_'); // notch_50_q30_filtfilt
        Close(Tensors.Value[name].Values, Filtered(new SignalFilters(Notch: new(Number(part[1]), Number(part[2][1..]))), AtRate));
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void Detrend_takes_the_line_out() => Close(Tensors.Value["detrend_linear"].Values, Filtered(new SignalFilters(Detrend: true), Input));

    [Theory]
    [MemberData(nameof(Rates))]
    [Trait("Category", "Golden")]
    public void Polyphase_is_resample_poly(string name)
    {
        var part = name.Split('_'); // resample_poly_1000_to_500
        var resampler = new PolyphaseResampler(Number(part[2]), Number(part[4]));
        var length = resampler.LengthOf(Input.Length);
        var normalised = Tensors.Value["zscore_segment"].Values;
        var output = new float[Input.Count * length];
        for (var i = 0; i < Input.Count; i++) resampler.Apply(normalised.AsSpan(i * Input.Length, Input.Length), output.AsSpan(i * length, length));
        Assert.Equal(Tensors.Value[name].Shape[1], length);
        Close(Tensors.Value[name].Values, output);
    }

    [Fact]
    public void A_filter_leaves_other_rows_alone_whatever_the_number_of_rows()
    {
        var filters = new SignalFilters(Detrend: true, BandPass: new(0.5, 40, 3), Notch: new(50, 30));
        var whole = Filtered(filters, AtRate);
        for (var row = 0; row < Input.Count; row++)
            Assert.Equal(whole.AsSpan(row * Input.Length, Input.Length).ToArray(), Filtered(filters, new SegmentSet(Input.Segment(row).ToArray(), [1], Input.Length, samplingRateHz: AtRate.SamplingRateHz)));
    }

    [Fact]
    public void Resampling_to_a_rate_keeps_the_level_up_to_the_ends()
    {
        var resampler = SegmentResampler.ToRate(600, 1000, 16000);
        var output = new float[resampler.OutputLength];
        resampler.Apply(Enumerable.Repeat(2.5f, 600).ToArray(), output);
        Assert.Equal(9600, output.Length);
        Assert.All(output, v => Assert.Equal(2.5f, v, 1e-4f));
    }

    [Fact]
    public void What_a_filter_cannot_do_is_said_in_one_sentence()
    {
        var band = new SignalFilters(BandPass: new(0.5, 40, 3));
        Assert.Contains("data.samplingRateHz", Assert.Throws<UserInputException>(() => Filtered(band, Input)).Message, StringComparison.Ordinal);
        Assert.Contains("below 30", Assert.Throws<UserInputException>(() => Filtered(band, Input.WithSamplingRate(60))).Message, StringComparison.Ordinal);
        Assert.Contains("more than 21", Assert.Throws<UserInputException>(() => Filtered(band, new SegmentSet(new float[40], [0, 1], 20, samplingRateHz: 1000))).Message, StringComparison.Ordinal);
        Assert.Throws<UserInputException>(() => new PolyphaseResampler(1000.001, 16000));
    }

    // 2,500 segments are three blocks; seven samples make sums that four does not divide.
    [Theory]
    [InlineData(NormalizationKind.Segment, false)]
    [InlineData(NormalizationKind.Global, true)]
    [InlineData(NormalizationKind.GlobalTraining, true)]
    public void A_batch_is_prepared_as_the_whole_data_set_is(NormalizationKind kind, bool detrend)
    {
        const int length = 7;
        var random = new Random(3);
        var set = new SegmentSet([.. Enumerable.Range(0, 2500 * length).Select(i => i / length % 100 == 3 ? 5 : 1e3f * random.NextSingle())], new byte[2500], length);
        var prepared = PreparedSegments.Of(set, new SignalFilters(Detrend: detrend), kind, [1, 2400, 7]);
        var all = prepared.ReadAll();
        Assert.Equal(all, prepared.Stream().SelectMany(block => block.ToArray()));
        int[] rows = [2499, 0, 3, 1024, 1023, 0, 2047];
        var some = new float[rows.Length * length];
        prepared.Read(rows, some);
        Assert.Equal(rows.SelectMany(row => all.AsSpan(row * length, length).ToArray()), some);
        if (kind == NormalizationKind.Segment) return;
        int[] seen = kind == NormalizationKind.Global ? [.. Enumerable.Range(0, 2500)] : [1, 2400, 7];
        var filtered = Filtered(new SignalFilters(Detrend: true), set);
        var values = seen.SelectMany(row => filtered.AsSpan(row * length, length).ToArray()).Select(v => (double)v).ToArray();
        var mean = values.Average();
        Assert.Equal(mean, prepared.GlobalMean!.Value, 1e-9);
        Assert.Equal(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), prepared.GlobalStandardDeviation!.Value, 1e-9);
    }

    private static float[] Filtered(SignalFilters filters, SegmentSet set) => PreparedSegments.Of(set, filters, NormalizationKind.None).ReadAll();

    [Fact]
    public void No_normalisation_leaves_values_as_they_are() =>
        Assert.Equal(Input.Values.ToArray(), Normalization.Apply(Input, NormalizationKind.None).Values);

    [Theory]
    [MemberData(nameof(Lengths))]
    [Trait("Category", "Golden")]
    public void Linear_stretch_is_numpy_interp(int length)
    {
        var stretched = new float[Input.Count * length];
        var normalised = Tensors.Value["zscore_segment"].Values;
        for (var i = 0; i < Input.Count; i++) Resampling.Linear(normalised.AsSpan(i * Input.Length, Input.Length), stretched.AsSpan(i * length, length));
        Close(Tensors.Value[Linear + length.ToString(CultureInfo.InvariantCulture)].Values, stretched);
    }

    [Fact]
    public void Stretching_keeps_both_ends_and_copes_with_one_sample()
    {
        float[] stretched = new float[7];
        Resampling.Linear([1, 5, 2], stretched);
        Assert.Equal((1f, 2f), (stretched[0], stretched[^1]));
        Resampling.Linear([3], stretched);
        Assert.All(stretched, v => Assert.Equal(3f, v));
        float[] one = new float[1];
        Resampling.Linear([1, 5, 2], one);
        Assert.Equal([1f], one);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Close(float[] expected, float[] actual)
    {
        var tolerance = Case.Value.RootElement.GetProperty("tolerance").GetDouble();
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"value {i}: {actual[i]} instead of {expected[i]}");
    }

    private static Dictionary<string, (int[] Shape, float[] Values)> ReadTensors()
    {
        var bytes = File.ReadAllBytes(Path.Combine(TestData.Golden, "preprocessing", "preprocessing.safetensors"));
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var index = JsonDocument.Parse(bytes.AsMemory(8, header));
        return index.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").ToDictionary(p => p.Name, p =>
        {
            var offsets = p.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt32()).ToArray();
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + header + offsets[0], offsets[1] - offsets[0])).ToArray();
            return (p.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt32()).ToArray(), values);
        });
    }
}
