using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.BitFit;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.FullFineTuning;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.LinearProbe;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Peft.Settings;
using TorchSharp;

namespace EcgPeft.Core.Peft;

/// <summary>
/// A fine-tuning method with its settings, as a recipe holds it (<c>peft.method</c> names it). A method is one record like this
/// and the modules it puts into the backbone; a new one is registered by one line above this type. docs/methods.md explains each.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraConfig), LoraConfig.MethodName)]
[JsonDerivedType(typeof(AdapterConfig), AdapterConfig.MethodName)]
[JsonDerivedType(typeof(AdaLoraConfig), AdaLoraConfig.MethodName)]
[JsonDerivedType(typeof(Ia3Config), Ia3Config.MethodName)]
[JsonDerivedType(typeof(PrefixConfig), PrefixConfig.MethodName)]
[JsonDerivedType(typeof(BitFitConfig), BitFitConfig.MethodName)]
[JsonDerivedType(typeof(LinearProbeConfig), LinearProbeConfig.MethodName)]
[JsonDerivedType(typeof(FullConfig), FullConfig.MethodName)]
public abstract record PeftConfig
{
    /// <summary>The method's name in recipes and tables: <c>lora</c>, <c>adapter</c>.</summary>
    [JsonIgnore] public abstract string Method { get; }

    /// <summary>The method's name for people.</summary>
    [JsonIgnore] public abstract string Title { get; }

    /// <summary>What it does, in one sentence.</summary>
    [JsonIgnore] public abstract string Sentence { get; }

    /// <summary>Where it sits with these settings.</summary>
    [JsonIgnore] public abstract IReadOnlyList<LayerPlace> Places { get; }

    /// <summary>Why these modules cannot become part of the backbone's own weights, as the end of a sentence; null where they can.</summary>
    [JsonIgnore] public virtual string? WhyNotMergeable => null;

    /// <summary>Whether training makes the adapter's file smaller than it is at the start.</summary>
    [JsonIgnore] public virtual bool AdapterShrinks => false;

    /// <summary>Modules of the backbone that are trained and saved as a whole, beside the head, which always is.</summary>
    [PeftSetting("Modules of the backbone that are trained and saved as a whole, by name or end of path; the head always is.", Advanced = true)]
    public IReadOnlyList<string>? ModulesToSave { get; init; }

    /// <summary>What is wrong with these settings, a sentence each, which begins with the setting's dotted path: values outside their range, or else a conflict.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = PeftSetting.Problems(this).ToList();
        return problems.Count == 0 && Conflict() is { } conflict ? [conflict] : problems;
    }

    /// <summary>What is wrong with settings that are each in their range, as a sentence that begins with a setting's path, or null.</summary>
    protected virtual string? Conflict() => null;

    /// <summary>
    /// Puts the method's modules into the classifier's backbone. They are frozen like everything else; the caller unfreezes
    /// what the method trains.
    /// </summary>
    /// <param name="classifier">Backbone and head.</param>
    /// <param name="weights">Where the method's own tensors come from.</param>
    /// <exception cref="UserInputException">The settings do not fit the backbone.</exception>
    internal abstract void Inject(SequenceClassifier classifier, IWeightSource weights);

    /// <summary>Which parameters the method trains, by their full names; asked after <see cref="Inject"/>. Head and modules to save are not its matter.</summary>
    /// <param name="classifier">Backbone, method and head.</param>
    internal abstract Func<string, bool> Trained(SequenceClassifier classifier);

    /// <summary>The key under which a trained tensor stands in <c>adapter_model.safetensors</c>; the PEFT library's naming unless a method has another.</summary>
    /// <param name="name">The parameter's full name in the classifier.</param>
    /// <param name="classifier">Backbone, method and head.</param>
    internal virtual string FileKey(string name, SequenceClassifier classifier) => AdapterKeys.BaseModel + name;

    /// <summary>The method's part of <c>adapter_config.json</c>.</summary>
    /// <param name="model">Backbone, method and head.</param>
    internal abstract JsonObject ToFile(PeftModel model);

    /// <summary>Settings from <c>adapter_config.json</c>, or null if the file is of another method.</summary>
    /// <param name="file">The file.</param>
    internal abstract PeftConfig? FromFile(AdapterConfigJson file);

    /// <summary>What <c>adapter_model.safetensors</c> holds.</summary>
    /// <param name="model">Backbone, method and head.</param>
    internal virtual IEnumerable<KeyValuePair<string, torch.Tensor>> FileTensors(PeftModel model) =>
        model.Trainable.Select(t => KeyValuePair.Create<string, torch.Tensor>(t.FileKey, t.Parameter));

    /// <summary>What the method does in training besides gradient descent, or null.</summary>
    /// <param name="model">Backbone, method and head.</param>
    /// <param name="totalSteps">Optimiser steps of the whole run.</param>
    /// <exception cref="UserInputException">The settings do not fit the number of steps.</exception>
    internal virtual ITrainingHook? Hook(PeftModel model, long totalSteps) => null;
}
