using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace EcgPeft.Core.Evaluation;

/// <summary>
/// McNemar's test of two classifiers on the same segments: do the segments that only one of them calls rightly speak for one of them?
/// (McNemar 1947; continuity correction by Edwards 1948; the exact form is the binomial test.)
/// </summary>
/// <param name="OnlyFirstRight">Segments that the first calls rightly and the second wrongly.</param>
/// <param name="OnlySecondRight">Segments that the second calls rightly and the first wrongly.</param>
/// <param name="ExactP">Two-sided p-value of the binomial test; 1 where the two never differ.</param>
/// <param name="ChiSquared">Statistic with continuity correction; null where the two never differ.</param>
/// <param name="ChiSquaredP">Its p-value with one degree of freedom; null where the two never differ.</param>
public sealed record McNemarTest(int OnlyFirstRight, int OnlySecondRight, double ExactP, double? ChiSquared, double? ChiSquaredP)
{
    /// <summary>Compares two classifiers, each at its own threshold.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="first">N probabilities of the first.</param>
    /// <param name="second">N probabilities of the second.</param>
    /// <param name="firstThreshold">The first calls a segment positive from here on.</param>
    /// <param name="secondThreshold">The second calls a segment positive from here on.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the arguments are no labels and probabilities.</exception>
    public static McNemarTest Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> first, ReadOnlySpan<double> second, double firstThreshold = 0.5, double secondThreshold = 0.5)
    {
        Ranking.Check(labels, first);
        Ranking.Check(labels, second);
        int onlyFirst = 0, onlySecond = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var firstRight = first[i] >= firstThreshold == (labels[i] == 1);
            var secondRight = second[i] >= secondThreshold == (labels[i] == 1);
            if (firstRight && !secondRight) onlyFirst++;
            else if (secondRight && !firstRight) onlySecond++;
        }
        return Of(onlyFirst, onlySecond);
    }

    private static McNemarTest Of(int onlyFirst, int onlySecond)
    {
        var differing = onlyFirst + onlySecond;
        if (differing == 0) return new McNemarTest(0, 0, 1, null, null);
        var exact = Math.Min(1, 2 * Binomial.CDF(0.5, differing, Math.Min(onlyFirst, onlySecond)));
        var distance = Math.Abs(onlyFirst - onlySecond) - 1.0;
        var statistic = distance * distance / differing;
        return new McNemarTest(onlyFirst, onlySecond, exact, statistic, SpecialFunctions.Erfc(Math.Sqrt(statistic / 2)));
    }
}
