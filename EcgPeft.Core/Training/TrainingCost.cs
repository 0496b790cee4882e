using System.Diagnostics;

namespace EcgPeft.Core.Training;

/// <summary>What training has cost so far, over all its sessions.</summary>
/// <param name="Seconds">Wall time, pauses taken out.</param>
/// <param name="CpuSeconds">Processor time of all threads; null in runs that began before it was measured.</param>
/// <param name="Joules">Energy of the machine's processor packages, see <see cref="PackageEnergy"/>; null where it is not exposed.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of a worker process.</param>
public sealed record TrainingCost(double Seconds, double? CpuSeconds, double? Joules, long PeakMemoryBytes);

/// <summary>Adds the present session's cost to that of the sessions before.</summary>
internal sealed class CostClock
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly PackageEnergy? _energy = PackageEnergy.Open();
    private readonly double _cpuAtStart = Cpu();
    private readonly TrainingCost? _before;

    /// <param name="before">What the sessions before have cost; null at the beginning.</param>
    public CostClock(TrainingCost? before) => _before = before;

    /// <summary>The cost up to now.</summary>
    public TrainingCost Now()
    {
        using var process = Process.GetCurrentProcess();
        var (seconds, cpu, joules) = (_clock.Elapsed.TotalSeconds, process.TotalProcessorTime.TotalSeconds - _cpuAtStart, _energy?.Joules());
        return _before is null ? new TrainingCost(seconds, cpu, joules, process.PeakWorkingSet64)
            : new TrainingCost(_before.Seconds + seconds, _before.CpuSeconds + cpu, _before.Joules + joules, Math.Max(_before.PeakMemoryBytes, process.PeakWorkingSet64));
    }

    private static double Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
