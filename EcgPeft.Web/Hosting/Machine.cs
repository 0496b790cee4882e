using System.Globalization;
using EcgPeft.Core;

namespace EcgPeft.Web.Hosting;

/// <summary>What the machine has, and what of it is free now.</summary>
/// <param name="Cores">Logical processors.</param>
/// <param name="Load">Processes that want a core, mean of a minute; null where the system does not tell.</param>
/// <param name="MemoryBytes">Memory this process may use.</param>
/// <param name="FreeMemoryBytes">Memory that is available; null where the system does not tell.</param>
/// <param name="FreeDiskBytes">Free space on the disk of the data folder.</param>
internal sealed record Machine(int Cores, double? Load, long MemoryBytes, long? FreeMemoryBytes, long FreeDiskBytes)
{
    public static Machine Now(DataRoot root) => new(
        Environment.ProcessorCount,
        FirstNumber("/proc/loadavg", "") is { } load ? load : null,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        FirstNumber("/proc/meminfo", "MemAvailable:") is { } kilobytes ? (long)(kilobytes * 1024) : null,
        new DriveInfo(root.Path).AvailableFreeSpace);

    /// <summary>The number after <paramref name="label"/> in one of Linux's status files; null on other systems.</summary>
    private static double? FirstNumber(string path, string label)
    {
        if (!File.Exists(path)) return null;
        var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal));
        var text = line?[label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
