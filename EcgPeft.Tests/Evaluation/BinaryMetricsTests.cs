using System.Text.Json;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Tests.Evaluation;

public class BinaryMetricsTests
{
    private static readonly Lazy<JsonDocument> Golden = new(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Golden, "metrics", "metrics.json"))));

    public static TheoryData<string> Cases => [.. Golden.Value.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    public static TheoryData<int> Curves => [.. Enumerable.Range(0, Golden.Value.RootElement.GetProperty("curves").GetArrayLength())];

    private static double Tolerance => Golden.Value.RootElement.GetProperty("tolerance").GetDouble();

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Golden")]
    public void Every_metric_is_what_scikit_learn_computes(string name)
    {
        var given = Golden.Value.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var metrics = BinaryMetrics.Compute(Labels(given), Doubles(given.GetProperty("y_prob")), given.GetProperty("threshold").GetDouble());
        var computed = new Dictionary<string, double?>
        {
            ["accuracy"] = metrics.Accuracy,
            ["precision"] = metrics.Precision,
            ["recall"] = metrics.Recall,
            ["f1"] = metrics.F1,
            ["specificity"] = metrics.Specificity,
            ["balanced_accuracy"] = metrics.BalancedAccuracy,
            ["mcc"] = metrics.Mcc,
            ["auroc"] = metrics.Auroc,
            ["average_precision"] = metrics.AveragePrecision,
            ["brier"] = metrics.Brier,
            ["log_loss"] = metrics.LogLoss,
            ["ece10"] = metrics.Ece,
            ["confusion.tp"] = metrics.TruePositives,
            ["confusion.fp"] = metrics.FalsePositives,
            ["confusion.tn"] = metrics.TrueNegatives,
            ["confusion.fn"] = metrics.FalseNegatives,
        };
        foreach (var (key, expected) in Expected(given.GetProperty("expected"), ""))
        {
            Assert.True(computed.Remove(key, out var value), $"{key} is not computed");
            if (expected is null) Assert.Null(value);
            else Assert.Equal(expected.Value, value!.Value, Tolerance);
        }
        Assert.Empty(computed);
    }

    [Theory]
    [MemberData(nameof(Curves))]
    [Trait("Category", "Golden")]
    public void Roc_and_precision_recall_curves_are_scikit_learns(int index)
    {
        var given = Golden.Value.RootElement.GetProperty("curves")[index];
        var roc = RocCurve.Compute(Labels(given), Doubles(given.GetProperty("y_prob")))!;
        Same(given.GetProperty("roc").GetProperty("fpr"), roc.FalsePositiveRates);
        Same(given.GetProperty("roc").GetProperty("tpr"), roc.TruePositiveRates);
        Same(given.GetProperty("roc").GetProperty("thresholds"), roc.Thresholds);
        var pr = PrecisionRecallCurve.Compute(Labels(given), Doubles(given.GetProperty("y_prob")))!;
        Same(given.GetProperty("pr").GetProperty("precision"), pr.Precisions);
        Same(given.GetProperty("pr").GetProperty("recall"), pr.Recalls);
        Same(given.GetProperty("pr").GetProperty("thresholds"), pr.Thresholds);
    }

    [Fact]
    public void Arguments_that_are_no_labels_and_probabilities_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([], []));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([1], [0.5, 0.5]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([2], [0.5]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([1], [double.NaN]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([1], [1.01]));
        // NaN equals nothing, itself included: a search for ties would never end.
        Assert.Throws<ArgumentException>(() => DeLongTest.Compute([0, 1, 0, 1], [0.1, double.NaN, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]));
        Assert.Throws<ArgumentException>(() => DeLongTest.Compute([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, double.NaN]));
        Assert.Throws<ArgumentException>(() => McNemarTest.Compute([0, 1], [0.1, 0.2], [double.NaN, 0.2]));
        Assert.Throws<ArgumentException>(() => CalibrationCurve.Compute([0, 1], [-0.5, 0.2]));
        Assert.Throws<ArgumentException>(() => CalibrationCurve.Compute([0, 1], [double.NaN, 0.2]));
        Assert.Throws<ArgumentException>(() => ProbabilityCalibration.Fit(CalibrationKind.Platt, [0, 1], [double.NaN, 0.2]));
    }

    [Fact]
    public void Curves_with_one_class_are_not_defined()
    {
        Assert.Null(RocCurve.Compute([1, 1], [0.5, 0.6]));
        Assert.Null(RocCurve.Compute([0, 0], [0.5, 0.6]));
        Assert.Null(PrecisionRecallCurve.Compute([0, 0], [0.5, 0.6]));
    }

    private static void Same(JsonElement expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (e, a) in expected.EnumerateArray().Zip(actual))
        {
            if (e.ValueKind == JsonValueKind.Null) Assert.Equal(double.PositiveInfinity, a);
            else Assert.Equal(e.GetDouble(), a, Tolerance);
        }
    }

    private static IEnumerable<(string Key, double? Value)> Expected(JsonElement values, string prefix) => values.EnumerateObject().SelectMany(p =>
        p.Value.ValueKind == JsonValueKind.Object ? Expected(p.Value, p.Name + ".")
        : [(prefix + p.Name, p.Value.ValueKind == JsonValueKind.Null ? null : p.Value.GetDouble())]);

    private static byte[] Labels(JsonElement given) => [.. given.GetProperty("y_true").EnumerateArray().Select(e => e.GetByte())];

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];
}
