using System.Globalization;

namespace EcgPeft.Core.Training;

/// <summary>
/// Energy that the processor packages of this machine have taken, by the counters of RAPL ("running average power limit") where Linux exposes them
/// (<c>/sys/class/powercap/intel-rapl:0/energy_uj</c>; AMD's processors as well). It is the whole machine's, other programs' work included, without memory modules and disks.
/// </summary>
public sealed class PackageEnergy
{
    /// <summary>Where Linux has the counters.</summary>
    public const string SystemFolder = "/sys/class/powercap";

    private const double MicrojoulesPerJoule = 1e6;

    private readonly List<Counter> _counters;
    private double _joules;

    private PackageEnergy(List<Counter> counters) => _counters = counters;

    /// <summary>Begins to count; null where this machine has no counter that this account may read.</summary>
    /// <param name="folder">Where the counters are.</param>
    public static PackageEnergy? Open(string folder = SystemFolder)
    {
        if (!Directory.Exists(folder)) return null;
        var counters = new List<Counter>();
        foreach (var zone in Directory.EnumerateDirectories(folder, "intel-rapl:*").Where(zone => Path.GetFileName(zone).Count(c => c == ':') == 1).Order(StringComparer.Ordinal)) // a second colon: a part of a package
            if (Read(Path.Combine(zone, "energy_uj")) is { } now) counters.Add(new Counter(Path.Combine(zone, "energy_uj"), Read(Path.Combine(zone, "max_energy_range_uj")) ?? 0) { Last = now });
        return counters.Count == 0 ? null : new PackageEnergy(counters);
    }

    /// <summary>Joules since it was opened. To be asked for every few minutes at least: a counter begins again from 0 when it is full.</summary>
    public double Joules()
    {
        foreach (var counter in _counters)
        {
            if (Read(counter.File) is not { } now) continue;
            _joules += (now >= counter.Last ? now - counter.Last : now + counter.Range - counter.Last) / MicrojoulesPerJoule;
            counter.Last = now;
        }
        return _joules;
    }

    private static double? Read(string file)
    {
        try
        {
            return double.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // since 2020 Linux lets only root read them by default
        }
    }

    private sealed record Counter(string File, double Range)
    {
        public double Last { get; set; }
    }
}
