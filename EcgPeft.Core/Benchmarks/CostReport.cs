namespace EcgPeft.Core.Benchmarks;

/// <summary>How long something takes as one kind of work grows and the rest stays.</summary>
/// <param name="Id">Short name, for files.</param>
/// <param name="Work">What grows, with its unit.</param>
/// <param name="What">What takes the time.</param>
/// <param name="X">Amounts of work.</param>
/// <param name="Seconds">Median seconds at each.</param>
/// <param name="Settings">What stays.</param>
public sealed record CostCurve(string Id, string Work, string What, double[] X, double[] Seconds, string Settings)
{
    /// <summary>Straight line of least squares: seconds at nothing, seconds for one more, and R^2, the share of the variance that it explains.</summary>
    public (double Offset, double Slope, double RSquared) Line()
    {
        var (meanX, meanY) = (X.Average(), Seconds.Average());
        var slope = X.Zip(Seconds, (x, y) => (x - meanX) * (y - meanY)).Sum() / X.Sum(x => (x - meanX) * (x - meanX));
        var offset = meanY - slope * meanX;
        var total = Seconds.Sum(y => (y - meanY) * (y - meanY));
        return (offset, slope, 1 - X.Zip(Seconds, (x, y) => Math.Pow(y - offset - slope * x, 2)).Sum() / total);
    }
}

/// <summary>What <c>ecgpeft bench cost</c> prints.</summary>
/// <param name="Processor">The machine.</param>
/// <param name="Precision">What the products were computed in.</param>
/// <param name="Curves">The curves.</param>
/// <param name="MemoryMegabytes">Memory in use after each of several epochs, empty outside Linux.</param>
public sealed record CostReport(string Processor, string Precision, IReadOnlyList<CostCurve> Curves, IReadOnlyList<double> MemoryMegabytes);
