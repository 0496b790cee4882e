using static TorchSharp.torch;

namespace EcgPeft.Core.Explanations;

/// <summary>How much each sample of a segment moved a model's score, by two measures.</summary>
/// <param name="GradientTimesInput">Sample times the score's slope there (Shrikumar et al. 2016), L values.</param>
/// <param name="IntegratedGradients">Sample times the mean slope on the straight way from a flat line (Sundararajan et al. 2017), L values; they sum to <see cref="Score"/> minus <see cref="BaselineScore"/>.</param>
/// <param name="Score">The score of the segment.</param>
/// <param name="BaselineScore">The score of the flat line.</param>
/// <param name="Evaluations">Points on the way at which the slope was taken.</param>
public sealed record Attribution(float[] GradientTimesInput, float[] IntegratedGradients, double Score, double BaselineScore, int Evaluations)
{
    /// <summary>What the integrated gradients miss: <see cref="Score"/> minus <see cref="BaselineScore"/> minus their sum. 0 for an exact integral ("completeness").</summary>
    public double Gap => Score - BaselineScore - IntegratedGradients.Sum(value => (double)value);
}

/// <summary>
/// Integrated gradients of any differentiable score (Sundararajan, Taly and Yan 2017, equation 1) from a flat line of zeros. Models whose first norm divides by the
/// segment's own deviation hardly change on most of the way and all at once near its beginning, where evenly spaced points see nothing; so the way is
/// cut at 1/2, 1/4, 1/8, … and every piece is integrated by Gauss and Legendre's rule, finer until the sum is complete.
/// </summary>
public static class IntegratedGradients
{
    /// <summary>Completeness that is asked for, as a share of the difference of the two scores.</summary>
    public const double Tolerance = 0.01;

    private const int Halvings = 18, FinestParts = 8;
    private static readonly (double Node, double Weight)[] Rule =
    [
        (-0.8611363115940526, 0.3478548451374538), (-0.3399810435848563, 0.6521451548625461), (0.3399810435848563, 0.6521451548625461), (0.8611363115940526, 0.3478548451374538),
    ];

    /// <summary>Attributes a score to the elements of an input.</summary>
    /// <param name="score">From inputs [B, T] to scores [B]; every row by itself.</param>
    /// <param name="input">T values; the flat line is zeros.</param>
    /// <param name="pullBack">From a slope by the T values to a slope by the elements that are wanted (the transpose of the linear map that made the input of them).</param>
    /// <param name="elements">The elements that are wanted, of which the input is a linear map.</param>
    /// <param name="batch">Points at once.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Attribution Of(Func<Tensor, Tensor> score, float[] input, Func<float[], double[]> pullBack, float[] elements, int batch, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pullBack);
        ArgumentNullException.ThrowIfNull(elements);
        var (atInput, slope) = Slopes(score, input, [(1, 1)], 1, stop);
        var atZero = Slopes(score, input, [(0, 1)], 1, stop).Score;
        float[] Times(double[] slopes) => [.. elements.Zip(slopes, (value, s) => (float)(value * s))];
        var gradient = Times(pullBack(slope));
        for (var parts = 1; ; parts *= 2)
        {
            var points = Points(parts);
            var found = new Attribution(gradient, Times(pullBack(Slopes(score, input, points, batch, stop).Slope)), atInput, atZero, points.Count);
            if (Math.Abs(found.Gap) <= Tolerance * Math.Abs(atInput - atZero) + 1e-6 || parts >= FinestParts) return found;
        }
    }

    /// <summary>Places on the way from 0 to 1 with their weights, which sum to 1.</summary>
    private static List<(double At, double Weight)> Points(int parts)
    {
        var points = new List<(double, double)>();
        var high = 1.0;
        for (var i = 0; i <= Halvings; i++)
        {
            var low = i == Halvings ? 0 : high / 2;
            var width = (high - low) / parts;
            for (var part = 0; part < parts; part++)
                points.AddRange(Rule.Select(rule => (low + width * (part + (rule.Node + 1) / 2), rule.Weight * width / 2)));
            high = low;
        }
        return points;
    }

    /// <summary>The weighted sum of the slopes at points of the way, and the score at the last of them.</summary>
    private static (double Score, float[] Slope) Slopes(Func<Tensor, Tensor> score, float[] input, IReadOnlyList<(double At, double Weight)> points, int batch, CancellationToken stop)
    {
        var (sum, last) = (new double[input.Length], 0.0);
        foreach (var some in points.Chunk(batch))
        {
            stop.ThrowIfCancellationRequested();
            using var undisturbed = NoCollection.Begin();
            using var scope = NewDisposeScope();
            var at = (tensor([.. some.Select(point => (float)point.At)], [some.Length, 1], device: CPU) * tensor(input, [1, input.Length], device: CPU)).requires_grad_();
            var scores = score(at);
            // Rows do not see each other, so the sum's gradient holds each row's own.
            var slopes = autograd.grad([scores.sum()], [at])[0];
            var weighted = tensor([.. some.Select(point => point.Weight)], [1, some.Length], device: CPU).matmul(slopes.to(ScalarType.Float64)).data<double>().ToArray();
            for (var i = 0; i < sum.Length; i++) sum[i] += weighted[i];
            last = scores.to(ScalarType.Float64).cpu().data<double>()[some.Length - 1];
        }
        return (last, Array.ConvertAll(sum, value => (float)value));
    }
}
