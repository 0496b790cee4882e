using System.Text.Json;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft;

/// <summary>One tensor that is trained.</summary>
/// <param name="Name">Full name in the classifier.</param>
/// <param name="FileKey">Key in <c>adapter_model.safetensors</c>.</param>
/// <param name="Parameter">The tensor.</param>
public sealed record TrainableTensor(string Name, string FileKey, Parameter Parameter);

/// <summary>
/// A classifier with a PEFT method in it. Exactly the method's tensors and the head are trainable; everything else is frozen.
/// </summary>
public sealed class PeftModel : IDisposable
{
    /// <summary>Name of the tensors' file in an adapter folder, as the PEFT library has it.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    /// <summary>Name of the settings' file in an adapter folder, as the PEFT library has it.</summary>
    public const string ConfigFile = "adapter_config.json";

    private PeftModel(SequenceClassifier classifier, PeftConfig config, IReadOnlyList<TrainableTensor> trainable)
    {
        Classifier = classifier;
        Config = config;
        Trainable = trainable;
    }

    /// <summary>Backbone, method and head.</summary>
    public SequenceClassifier Classifier { get; }

    /// <summary>The method and its settings.</summary>
    public PeftConfig Config { get; }

    /// <summary>What is trained, sorted by name.</summary>
    public IReadOnlyList<TrainableTensor> Trainable { get; }

    /// <summary>Number of trained parameters.</summary>
    public long TrainableParameters => Trainable.Sum(t => t.Parameter.numel());

    /// <summary>Number of all parameters, frozen ones included.</summary>
    public long TotalParameters => Classifier.parameters().Sum(p => p.numel());

    /// <summary>Puts a method into a classifier and unfreezes it and the head. The model owns the classifier from then on.</summary>
    /// <param name="classifier">Backbone and head, all frozen.</param>
    /// <param name="config">The method.</param>
    /// <param name="weights">Where the method's tensors come from.</param>
    /// <exception cref="UserInputException">The settings are wrong or do not fit the backbone.</exception>
    public static PeftModel Inject(SequenceClassifier classifier, PeftConfig config, IWeightSource weights)
    {
        if (config.Problem() is { } problem) throw new UserInputException(problem);
        config.Inject(classifier, weights);
        var headNames = classifier.Head.Modules.Select(m => m.Name + ".").ToArray();
        var trainable = new List<TrainableTensor>();
        foreach (var (name, parameter) in classifier.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            if (!config.Owns(name) && !headNames.Any(head => name.StartsWith(head, StringComparison.Ordinal))) continue;
            parameter.requires_grad = true;
            trainable.Add(new TrainableTensor(name, config.FileKey(name, classifier.BackboneName), parameter));
        }
        return new PeftModel(classifier, config, trainable);
    }

    /// <summary>Writes the trained tensors and the method's settings: an adapter folder.</summary>
    /// <param name="folder">The folder; made if needed, files in it are replaced.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    /// <param name="values">Values to write instead of the current ones, by name; or null.</param>
    public void SaveAdapter(string folder, string baseModel, IReadOnlyDictionary<string, Tensor>? values = null)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), Trainable.Select(t => KeyValuePair.Create(t.FileKey, values is null ? t.Parameter : values[t.Name])));
        var config = Config.AdapterConfigFile(Classifier, baseModel);
        File.WriteAllText(Path.Combine(folder, ConfigFile), JsonSerializer.Serialize(config, config.GetType(), ProductJson.Indented));
    }

    /// <summary>Replaces the trained tensors' values by a saved adapter's.</summary>
    /// <param name="folder">An adapter folder.</param>
    /// <exception cref="UserInputException">A tensor is missing or has another shape.</exception>
    public void LoadAdapter(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        var source = new CheckpointWeights(file);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var tensor in Trainable) tensor.Parameter.copy_(source.Take(tensor.FileKey, tensor.Parameter.shape, WeightInit.Zeros));
    }

    /// <inheritdoc/>
    public void Dispose() => Classifier.Dispose();
}
