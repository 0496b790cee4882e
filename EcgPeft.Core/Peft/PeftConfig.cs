using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;

namespace EcgPeft.Core.Peft;

/// <summary>
/// A parameter-efficient fine-tuning method with its settings, as a recipe holds it (<c>peft.method</c> names it). A method is
/// one record like this and the modules it puts into the backbone; a new one is registered by one line above this type.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraConfig), LoraConfig.MethodName)]
[JsonDerivedType(typeof(AdapterConfig), AdapterConfig.MethodName)]
public abstract record PeftConfig
{
    /// <summary>The method's name in recipes and tables: <c>lora</c>, <c>adapter</c>.</summary>
    [JsonIgnore] public abstract string Method { get; }

    /// <summary>Says in one sentence what is wrong with these settings, or null.</summary>
    public abstract string? Problem();

    /// <summary>
    /// Puts the method's modules into the classifier's backbone. They are frozen like everything else; the caller unfreezes
    /// what the method gives.
    /// </summary>
    /// <param name="classifier">Backbone and head.</param>
    /// <param name="weights">Where the method's own tensors come from: new ones or a saved adapter.</param>
    /// <exception cref="UserInputException">The settings do not fit the backbone.</exception>
    internal abstract void Inject(SequenceClassifier classifier, IWeightSource weights);

    /// <summary>Whether a parameter of the classifier belongs to this method.</summary>
    /// <param name="name">The parameter's full name in the classifier.</param>
    internal abstract bool Owns(string name);

    /// <summary>The key under which a trained tensor stands in <c>adapter_model.safetensors</c>.</summary>
    /// <param name="name">The parameter's full name in the classifier.</param>
    /// <param name="backboneName">Name of the backbone in the classifier.</param>
    internal abstract string FileKey(string name, string backboneName);

    /// <summary>The content of <c>adapter_config.json</c>, ready to be serialised.</summary>
    /// <param name="classifier">Backbone and head.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    internal abstract object AdapterConfigFile(SequenceClassifier classifier, string baseModel);
}
