using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Peft.Files;

namespace EcgPeft.Core.Peft.Targets;

/// <summary><c>target_modules</c> of <c>adapter_config.json</c>.</summary>
internal static class TargetsJson
{
    /// <summary>As the PEFT library finds the same modules: an expression stays one, names become names of this backbone.</summary>
    /// <param name="targets">The settings.</param>
    /// <param name="found">What they found.</param>
    public static JsonNode? Write(ModuleTargets targets, IReadOnlyList<Target> found) =>
        targets.Pattern is { } pattern && pattern != ModuleTargets.AllLinear ? JsonValue.Create(pattern)
        : JsonSerializer.SerializeToNode(TargetSelection.NamesForFile(targets, found), ProductJson.Line);

    /// <summary>Reads them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The key.</param>
    public static ModuleTargets Read(AdapterConfigJson file, string name = "target_modules") =>
        file.Read<ModuleTargets>(name) ?? throw new UserInputException($"{file.FilePath} has no '{name}'; write the names of the modules that the adapter changes there.");
}
