using System.Text.Json;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Tests.Evaluation;

/// <summary>Paired comparisons as SciPy and NumPy compute them.</summary>
[Trait("Category", "Golden")]
public class PairedGoldenTests
{
    private static readonly Lazy<JsonDocument> Golden = new(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Golden, "metrics", "metrics.json"))));

    public static TheoryData<int> Pairs => [.. Enumerable.Range(0, Golden.Value.RootElement.GetProperty("pairs").GetArrayLength())];

    public static TheoryData<int> Bootstraps => [.. Pairs.Select(row => row.Data).Where(i => Pair(i).GetProperty("bootstrap").ValueKind == JsonValueKind.Object)];

    private static double Tolerance => Golden.Value.RootElement.GetProperty("tolerance").GetDouble();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void McNemar_and_DeLong(int index)
    {
        var pair = Pair(index);
        var (labels, a, b) = Read(pair);
        var mcNemar = McNemarTest.Compute(labels, a, b);
        var said = pair.GetProperty("mcnemar");
        Assert.Equal(said.GetProperty("a_right_b_wrong").GetInt32(), mcNemar.OnlyFirstRight);
        Assert.Equal(said.GetProperty("a_wrong_b_right").GetInt32(), mcNemar.OnlySecondRight);
        Assert.Equal(said.GetProperty("exact_p").GetDouble(), mcNemar.ExactP, Tolerance);
        Assert.Equal(said.GetProperty("chi2_continuity").GetDouble(), mcNemar.ChiSquared!.Value, Tolerance);
        Assert.Equal(said.GetProperty("chi2_p").GetDouble(), mcNemar.ChiSquaredP!.Value, Tolerance);

        var deLong = DeLongTest.Compute(labels, a, b)!;
        said = pair.GetProperty("delong");
        Assert.Equal(said.GetProperty("auroc_a").GetDouble(), deLong.FirstAuroc, Tolerance);
        Assert.Equal(said.GetProperty("auroc_b").GetDouble(), deLong.SecondAuroc, Tolerance);
        Assert.Equal(said.GetProperty("var_a").GetDouble(), deLong.FirstVariance, Tolerance);
        Assert.Equal(said.GetProperty("var_b").GetDouble(), deLong.SecondVariance, Tolerance);
        Assert.Equal(said.GetProperty("cov").GetDouble(), deLong.Covariance, Tolerance);
        Assert.Equal(said.GetProperty("z").GetDouble(), deLong.Z!.Value, Tolerance);
        Assert.Equal(said.GetProperty("p_value").GetDouble(), deLong.P!.Value, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Bootstraps))]
    public void Intervals_over_given_resamples(int index)
    {
        var pair = Pair(index);
        var (labels, a, b) = Read(pair);
        var first = new Predictions([.. Enumerable.Range(0, labels.Length)], labels, a);
        var second = first with { Probabilities = b };
        var resamples = pair.GetProperty("bootstrap").GetProperty("indices").EnumerateArray().Select(row => row.EnumerateArray().Select(i => i.GetInt32()).ToArray()).ToList();
        var difference = Interval.Of([.. resamples.Select(drawn => first.At(drawn).Metrics(0.5).Auroc - second.At(drawn).Metrics(0.5).Auroc)]);
        Same(pair.GetProperty("bootstrap").GetProperty("auroc_difference_ci95"), difference);
        var f1 = Interval.Of([.. resamples.Select(drawn => (double?)first.At(drawn).Metrics(0.5).F1)]);
        Same(pair.GetProperty("bootstrap").GetProperty("f1_a_ci95"), f1);
    }

    private static void Same(JsonElement expected, Interval? interval)
    {
        Assert.NotNull(interval);
        Assert.Equal(expected[0].GetDouble(), interval.Low, Tolerance);
        Assert.Equal(expected[1].GetDouble(), interval.High, Tolerance);
    }

    private static JsonElement Pair(int index) => Golden.Value.RootElement.GetProperty("pairs")[index];

    private static (byte[] Labels, double[] A, double[] B) Read(JsonElement pair) => (
        [.. pair.GetProperty("y_true").EnumerateArray().Select(e => e.GetByte())],
        [.. pair.GetProperty("prob_a").EnumerateArray().Select(e => e.GetDouble())],
        [.. pair.GetProperty("prob_b").EnumerateArray().Select(e => e.GetDouble())]);
}
