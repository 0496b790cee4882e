using System.Runtime.InteropServices;
using TorchSharp;

namespace EcgPeft.Core;

/// <summary>
/// How libtorch's threads behave. By default they spin while they wait for work or for each other, so that two processes at once
/// (two workers, or a worker and the tests) take the processors from each other and become 10 to 40 times slower. The OpenMP
/// libraries read their settings when they are loaded: the first line of a program is the place for <see cref="Quieten"/>.
/// </summary>
public static partial class NativeThreads
{
    /// <summary>
    /// What OpenMP reads. A thousand turns of waiting are some microseconds: enough for the next operation of a busy step, and
    /// short enough to leave the processor to others.
    /// </summary>
    private static readonly (string Name, string Value)[] Settings = [("GOMP_SPINCOUNT", "1000"), ("OMP_WAIT_POLICY", "PASSIVE"), ("KMP_BLOCKTIME", "0")];

    /// <summary>Lets waiting threads sleep. Before the first tensor; later it has no effect. What the user has set stays.</summary>
    public static void Quieten()
    {
        foreach (var (name, value) in Settings)
        {
            if (Environment.GetEnvironmentVariable(name) is not null) continue;
            Environment.SetEnvironmentVariable(name, value);
            // Outside Windows .NET keeps its own copy of the environment, which native libraries never see.
            if (!OperatingSystem.IsWindows()) _ = SetEnvironment(name, value, overwrite: 0);
        }
    }

    /// <summary>Threads of one operation: libtorch's own number (the physical cores) divided by the workers at once; <c>OMP_NUM_THREADS</c> goes before it.</summary>
    /// <param name="workers">Workers that train at once.</param>
    public static void Share(int workers)
    {
        if (workers <= 1 || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"))) return;
        torch.set_num_threads(Math.Max(1, torch.get_num_threads() / workers));
    }

    /// <summary>Lets a run that goes on compute with the threads it began with: with others, sums may differ in the last digit.</summary>
    /// <param name="threads">Threads of one operation when it began; null for a run that begins now.</param>
    /// <returns>A sentence for the run's log where this process would have used another number, else null.</returns>
    public static string? Keep(int? threads)
    {
        var own = torch.get_num_threads();
        if (threads is not > 0 || threads == own) return null;
        torch.set_num_threads(threads.Value);
        return $"The run began with {threads} {(threads == 1 ? "thread" : "threads")} for an operation and goes on with as many (this worker would have used {own}), so that its numbers stay the same to the last digit.";
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
