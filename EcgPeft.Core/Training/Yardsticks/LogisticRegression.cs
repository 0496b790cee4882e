using static TorchSharp.torch;

namespace EcgPeft.Core.Training.Yardsticks;

/// <summary>
/// L2-regularised logistic regression, minimising sum of losses + |w|^2 / 2 (scikit-learn's default, C = 1; the intercept is free),
/// by Newton's method in double precision.
/// </summary>
internal static class LogisticRegression
{
    private const int Iterations = 30;
    private const double Tolerance = 1e-8;

    public static (long Parameters, Func<int[], double[]> Probabilities) Train(YardstickData data, int[] rows)
    {
        var weights = Fit(data, rows);
        return (weights.Length, asked =>
        {
            using var scope = NewDisposeScope();
            return Design(data, asked).mv(tensor(weights)).sigmoid().data<double>().ToArray();
        });
    }

    private static double[] Fit(YardstickData data, int[] rows)
    {
        using var scope = NewDisposeScope();
        var x = Design(data, rows);
        var y = tensor(data.LabelsOf(rows).Select(label => (double)label).ToArray());
        var penalty = ones(data.Length + 1, ScalarType.Float64);
        penalty[data.Length] = tensor(0.0);
        var w = zeros(data.Length + 1, ScalarType.Float64);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            using var undisturbed = NoCollection.Begin();
            using var step = NewDisposeScope();
            var p = x.mv(w).sigmoid();
            var gradient = x.t().mv(p - y) + penalty * w;
            var curvature = x.t().matmul(x * (p * (1 - p)).unsqueeze(1)) + diag(penalty + 1e-9);
            var change = linalg.solve(curvature, gradient.unsqueeze(1)).squeeze(1);
            w = (w - change).MoveToOuterDisposeScope();
            if (change.abs().max().item<double>() < Tolerance) break;
        }
        return w.data<double>().ToArray();
    }

    /// <summary>[rows, L + 1] float64: the samples and a 1 for the intercept.</summary>
    private static Tensor Design(YardstickData data, int[] rows) =>
        cat([tensor(data.Samples(rows), rows.Length, data.Length).to(ScalarType.Float64), ones(rows.Length, 1, ScalarType.Float64)], 1);
}
