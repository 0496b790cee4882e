using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EcgPeft.Core.Ecg;

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
