namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>What a model's configuration says of it; no weights are needed to know it.</summary>
/// <param name="Architecture">Its parts in a line.</param>
/// <param name="Parameters">Parameters of the backbone, without parts of pre-training and without a head.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="HiddenSize">Width of the hidden states.</param>
/// <param name="Heads">Attention heads a layer.</param>
/// <param name="Input">What it expects and gives.</param>
public sealed record ModelFacts(string Architecture, long Parameters, int Layers, int HiddenSize, int Heads, InputContract Input)
{
    /// <summary>Reads them off a model, which may be on the meta device.</summary>
    /// <param name="classifier">The model.</param>
    public static ModelFacts Of(SequenceClassifier classifier)
    {
        var backbone = classifier.Backbone;
        return new ModelFacts(backbone.Architecture, backbone.parameters().Sum(p => p.numel()), backbone.Layers.Count, backbone.Layers[0].HiddenSize, backbone.Layers[0].Attention.Heads, backbone.Contract);
    }
}
