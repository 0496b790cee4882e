using System.Text.Json;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests;

/// <summary>One folder of golden values: <c>case.json</c> and the safetensors files beside it.</summary>
public sealed class GoldenCase(string name)
{
    /// <summary>The case's folder.</summary>
    public string Folder { get; } = Path.Combine(TestData.Golden, name);

    /// <summary>Content of <c>case.json</c>.</summary>
    public JsonElement Settings { get; } = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Golden, name, "case.json"))).RootElement;

    /// <summary>Folder of the base model that the case names.</summary>
    public string BaseFolder => Path.GetFullPath(Path.Combine(Folder, Settings.GetProperty("base").GetString()!));

    /// <summary>Tolerance: the case's own number, or one of its numbers by name.</summary>
    public double Tolerance(string? kind = null) =>
        kind is null ? Settings.GetProperty("tolerance").GetDouble() : Settings.GetProperty("tolerance").GetProperty(kind).GetDouble();

    /// <summary>All tensors of a file of the case.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors(string file)
    {
        using var opened = SafetensorsFile.Open(Path.Combine(Folder, file));
        return opened.Entries.Keys.ToDictionary(key => key, opened.Read);
    }
}
