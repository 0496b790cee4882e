using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using EcgPeft.Core.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>How fast this machine multiplies matrices.</summary>
/// <param name="Machine">Processor features, threads and library that it was measured with.</param>
/// <param name="Fp32">GFLOP/s in float32.</param>
/// <param name="Bf16">GFLOP/s in bfloat16.</param>
public sealed record GemmSpeed(string Machine, double Fp32, double Bf16);

/// <summary>
/// Chooses the precision of a run. Measured once on a machine and then read from the data folder's cache, so that a recipe is not
/// answered one way today and another way tomorrow.
/// </summary>
public static class PrecisionChoice
{
    /// <summary>Narrower models spend their time outside the products, and bfloat16 gains nothing.</summary>
    private const int NarrowestHidden = 512;

    /// <summary>bfloat16 has to be this much faster.</summary>
    private const double WorthIt = 1.3;

    private const int Size = 1024;
    private const int Repeats = 7;

    /// <summary>Whether the processor has bfloat16 products (AVX512-BF16 or AMX).</summary>
    public static bool ProcessorHasBf16 =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && ((X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0 || (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0) && System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;

    /// <summary>The precision of a run: the recipe's, or the better one on this machine.</summary>
    /// <param name="asked">The recipe's.</param>
    /// <param name="model">Backbone and method; where everything is trained there is nothing to multiply in bfloat16.</param>
    /// <param name="root">Where the measurement is kept.</param>
    public static Precision For(Precision asked, PeftModel model, DataRoot root)
    {
        var backbone = model.Classifier.Backbone;
        if (backbone.parameters().All(p => p.requires_grad)) return Precision.Fp32;
        if (asked != Precision.Auto) return asked;
        var device = backbone.Device;
        // What another device can do is not asked but measured.
        if ((device.type == DeviceType.CPU && !ProcessorHasBf16) || backbone.Layers[0].HiddenSize < NarrowestHidden) return Precision.Fp32;
        var speed = Known(root, device);
        return speed.Bf16 >= WorthIt * speed.Fp32 ? Precision.Bf16 : Precision.Fp32;
    }

    /// <summary>Measures both, alternately; the medians.</summary>
    /// <param name="device">Where.</param>
    public static GemmSpeed Measure(Device device)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (a, b) = (rand(Size, Size, device: device), rand(Size, Size, device: device));
        var (a16, b16) = (a.to(ScalarType.BFloat16), b.to(ScalarType.BFloat16));
        var (fp32, bf16) = (new List<double>(), new List<double>());
        for (var i = 0; i < Repeats; i++)
        {
            fp32.Add(Gflops(a, b));
            bf16.Add(Gflops(a16, b16));
        }
        fp32.Sort();
        bf16.Sort();
        return new GemmSpeed(Machine(device), fp32[Repeats / 2], bf16[Repeats / 2]);
    }

    private static GemmSpeed Known(DataRoot root, Device device)
    {
        var file = Path.Combine(root.Cache, device.type == DeviceType.CPU ? "gemm-speed.json" : $"gemm-speed-{device.type.ToString().ToLowerInvariant()}.json");
        try
        {
            if (File.Exists(file) && JsonSerializer.Deserialize<GemmSpeed>(File.ReadAllText(file), ProductJson.Indented) is { } known && known.Machine == Machine(device)) return known;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Measured again below.
        }
        var measured = Measure(device);
        Directory.CreateDirectory(root.Cache);
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(measured, ProductJson.Indented));
        File.Move(temporary, file, overwrite: true);
        return measured;
    }

    private static string Machine(Device device)
    {
        var model = X86Base.IsSupported ? string.Join('-', X86Base.CpuId(1, 0).Eax, X86Base.CpuId(7, 0).Ebx) : "";
        return $"{RuntimeInformation.ProcessArchitecture} {model}, {Environment.ProcessorCount} processors, libtorch {__version__}{(device.type == DeviceType.CPU ? "" : $", {device.type}")}";
    }

    private static double Gflops(Tensor a, Tensor b)
    {
        // Reading a value waits for devices that compute on their own.
        using var warm = a.mm(b);
        _ = warm[0, 0].to(ScalarType.Float32).item<float>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var product = a.mm(b);
        _ = product[0, 0].to(ScalarType.Float32).item<float>();
        return 2e-9 * Size * Size * Size / clock.Elapsed.TotalSeconds;
    }
}
