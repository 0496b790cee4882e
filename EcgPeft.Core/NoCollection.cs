using System.Runtime;

namespace EcgPeft.Core;

/// <summary>
/// A stretch of tensor work during which no garbage collection happens. TorchSharp lets go of the native scalars that it makes (also within a + b of two
/// tensors) before native code has read them; a collection in that moment frees them, and the work ends in "Unknown scalar type" or the like
/// (dotnet/TorchSharp pull requests 1434 and 1496). It happens about once in a million operations on a busy machine, which is once in a long training. What
/// is collected at a stretch's beginning was used in earlier ones, so that nothing of the present one is freed too early.
/// </summary>
/// <remarks>
/// A stretch is a step or a batch: it costs the small collection at its beginning (not measurable beside a step of 50 ms), and may allocate 32 MB; beyond that the runtime
/// collects as ever. Stretches of several threads at once are one.
/// </remarks>
public static class NoCollection
{
    private const long Budget = 32 << 20;

    private static readonly Lock Gate = new();
    private static int open;

    /// <summary>Begins a stretch; dispose it at its end.</summary>
    public static Stretch Begin()
    {
        lock (Gate)
        {
            if (open++ == 0)
            {
                try
                {
                    GC.TryStartNoGCRegion(Budget);
                }
                catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
                {
                    // A heap that is limited to less: it works as without this class.
                }
            }
        }
        return new Stretch();
    }

    private static void End()
    {
        lock (Gate)
        {
            if (--open > 0 || GCSettings.LatencyMode != GCLatencyMode.NoGCRegion) return;
            try
            {
                GC.EndNoGCRegion();
            }
            catch (InvalidOperationException)
            {
                // More than the budget was allocated in the meantime, which ended it.
            }
        }
    }

    /// <summary>A stretch.</summary>
    public readonly struct Stretch : IDisposable
    {
        /// <summary>Ends it.</summary>
        public void Dispose() => End();
    }
}
