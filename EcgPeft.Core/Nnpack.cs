using System.Runtime.InteropServices;
using TorchSharp;

namespace EcgPeft.Core;

/// <summary>
/// The library that libtorch asks first for small convolutions of one segment. On a processor that it does not know it writes a warning to
/// standard error, once in each process; on the others its sums differ in the last digits from those of a larger batch. libtorch has a switch
/// for it (Python: <c>torch.backends.nnpack.set_flags</c>), which TorchSharp does not offer.
/// </summary>
public static unsafe class Nnpack
{
    private static readonly nint Context = Function("_ZN2at13globalContextEv") is var context and not 0 ? ((delegate* unmanaged<nint>)context)() : 0;

    /// <summary>Whether libtorch asks it; null where libtorch was built without the switch (Windows), and without NNPACK.</summary>
    public static bool? Enabled =>
        Function("_ZNK2at7Context17userEnabledNNPACKEv") is var enabled and not 0 && Context != 0 ? ((delegate* unmanaged<nint, byte>)enabled)(Context) != 0 : null;

    /// <summary>Lets libtorch compute those convolutions as it does all others.</summary>
    public static void TurnOff()
    {
        if (Function("_ZN2at7Context20setUserEnabledNNPACKEb") is var set and not 0 && Context != 0) ((delegate* unmanaged<nint, byte, void>)set)(Context, 0);
    }

    private static nint Function(string name)
    {
        torch.InitializeDeviceType(DeviceType.CPU); // loads libtorch
        return NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out var library) && NativeLibrary.TryGetExport(library, name, out var function) ? function : 0;
    }
}
