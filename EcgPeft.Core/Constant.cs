using System.Collections.Concurrent;
using TorchSharp;

namespace EcgPeft.Core;

/// <summary>
/// Numbers in tensor arithmetic. TorchSharp makes a native scalar of a number and lets go of it before native code has read it, so a
/// garbage collection in that moment frees it ("Unknown scalar type", dotnet/TorchSharp pull request 1434). Where that would
/// end a long training, numbers are kept here.
/// </summary>
internal static class Constant
{
    private static readonly ConcurrentDictionary<double, Scalar> Kept = new();
    private static readonly ConcurrentDictionary<long, Scalar> KeptWhole = new();

    /// <summary>A number that is used again and again; it is never freed.</summary>
    public static Scalar Of(double value) => Kept.GetOrAdd(value, static v => v.ToScalar());

    /// <summary>A whole number that is used again and again; it is never freed.</summary>
    public static Scalar Of(int value) => KeptWhole.GetOrAdd(value, static v => v.ToScalar());
}
