using EcgPeft.Core.Backbones;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>Where the transformer layers are in a classifier's tree of names.</summary>
internal static class LayerPaths
{
    /// <summary>The path of each layer, in order.</summary>
    /// <param name="classifier">Backbone and head.</param>
    public static IReadOnlyList<string> Of(SequenceClassifier classifier)
    {
        var modules = classifier.ModulesByPath().ToList();
        return [.. classifier.Backbone.Layers.Select(layer => modules.First(m => ReferenceEquals(m.Module, layer)).Path)];
    }
}
