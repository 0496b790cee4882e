using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using EcgPeft.Core.Training;
using TorchSharp;

namespace EcgPeft.Core.Runs;

/// <summary><c>environment.json</c>: what a run ran on.</summary>
/// <param name="Product">Version of this product.</param>
/// <param name="Runtime">.NET runtime.</param>
/// <param name="TorchSharp">Version of TorchSharp.</param>
/// <param name="OperatingSystem">Operating system.</param>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="Threads">Threads that one operation uses.</param>
/// <param name="Precision">Element type of the computations.</param>
/// <param name="Seed">The recipe's seed.</param>
/// <param name="Command">The command line of the worker.</param>
/// <param name="Device">What computed: <c>cpu</c> or <c>cuda</c>; null in runs of earlier versions, which know the processor only.</param>
public sealed record RunEnvironment(
    string Product, string Runtime, string TorchSharp, string OperatingSystem, string Processor, int Processors, int Threads, string Precision, int Seed, string Command, string? Device = null)
{
    /// <summary>This process's environment.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="device">What computes.</param>
    public static RunEnvironment Current(Recipe recipe, torch.Device device) => new(
        Version(typeof(RunEnvironment).Assembly), RuntimeInformation.FrameworkDescription, Version(typeof(torch).Assembly),
        RuntimeInformation.OSDescription, ProcessorName(), Environment.ProcessorCount, torch.get_num_threads(), recipe.Training.Precision.ToString().ToLowerInvariant(), recipe.Seed, Environment.CommandLine, NameOf(device));

    /// <summary>Writes <c>environment.json</c>.</summary>
    /// <param name="folder">The run.</param>
    public void WriteTo(RunFolder folder) => AtomicFile.WriteAllText(folder.EnvironmentFile, JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");

    /// <summary>Reads <c>environment.json</c>; null where the run has none that can be read.</summary>
    /// <param name="folder">The run.</param>
    public static RunEnvironment? ReadFrom(RunFolder folder)
    {
        if (!File.Exists(folder.EnvironmentFile)) return null;
        try
        {
            return JsonSerializer.Deserialize<RunEnvironment>(File.ReadAllText(folder.EnvironmentFile), ProductJson.Indented);
        }
        catch (JsonException)
        {
            return null; // of another version: it is only told, nothing depends on it
        }
    }

    private static string Version(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "unknown";

    internal static string NameOf(torch.Device device) => device.type.ToString().ToLowerInvariant();

    internal static string ProcessorName()
    {
        const string linux = "/proc/cpuinfo";
        var line = File.Exists(linux) ? File.ReadLines(linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[^1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
