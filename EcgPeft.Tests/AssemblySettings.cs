using System.Globalization;
using System.Runtime.CompilerServices;
using EcgPeft.Core;

// The random number generator, the thread count and the tensor counter are process-wide in libtorch.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EcgPeft.Tests;

internal static class AssemblySettings
{
    /// <summary>Tests share the machine with the workers that they start.</summary>
    [ModuleInitializer]
    internal static void Initialize()
    {
        NativeThreads.Quieten();
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en-US"); // as the tests' texts are
    }
}
