using System.Globalization;
using System.Runtime.InteropServices;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Memory of this process, as Linux counts it; elsewhere the peak cannot be set back, so nothing is measured.</summary>
internal static partial class ProcessMemory
{
    /// <summary>Most memory in megabytes that the process had while something ran, its libraries included; null outside Linux.</summary>
    /// <param name="action">What runs.</param>
    public static double? PeakOf(Action action)
    {
        if (!OperatingSystem.IsLinux()) return null;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _ = GiveBack(0); // else what earlier models have left in the heap would count
        File.WriteAllText("/proc/self/clear_refs", "5"); // sets the peak back to what is used now
        action();
        return Megabytes("VmHWM");
    }

    /// <summary>Megabytes in use now; null outside Linux.</summary>
    public static double? Now() => OperatingSystem.IsLinux() ? Megabytes("VmRSS") : null;

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int GiveBack(nuint keep);

    private static double Megabytes(string name) =>
        double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
}
