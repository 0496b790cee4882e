using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Targets;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft;

/// <summary>One tensor that is trained.</summary>
/// <param name="Name">Full name in the classifier.</param>
/// <param name="FileKey">Key in <c>adapter_model.safetensors</c>.</param>
/// <param name="Parameter">The tensor.</param>
public sealed record TrainableTensor(string Name, string FileKey, Parameter Parameter);

/// <summary>
/// A classifier with a PEFT method in it. Exactly the method's tensors, the head and the modules to save are trainable;
/// everything else is frozen.
/// </summary>
public sealed class PeftModel : IDisposable
{
    /// <summary>Name of the tensors' file in an adapter folder, as the PEFT library has it.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    /// <summary>Name of the settings' file in an adapter folder, as the PEFT library has it.</summary>
    public const string ConfigFile = "adapter_config.json";

    private readonly HashSet<string> baseNames;
    private readonly JsonObject? readConfig;
    private List<(Projection Projection, Tensor? Weight, Tensor? Bias)>? unmerged;

    private PeftModel(SequenceClassifier classifier, PeftConfig config, IReadOnlyList<TrainableTensor> trainable, HashSet<string> baseNames, bool trainsBeforeLayers, JsonObject? readConfig)
    {
        Classifier = classifier;
        Config = config;
        Trainable = trainable;
        TrainsBeforeLayers = trainsBeforeLayers;
        this.baseNames = baseNames;
        this.readConfig = readConfig;
    }

    /// <summary>Backbone, method and head.</summary>
    public SequenceClassifier Classifier { get; }

    /// <summary>The method and its settings.</summary>
    public PeftConfig Config { get; internal set; }

    /// <summary>What is trained, sorted by name.</summary>
    public IReadOnlyList<TrainableTensor> Trainable { get; }

    /// <summary>Whether something before the first transformer layer is trained, so that its output changes with every step.</summary>
    public bool TrainsBeforeLayers { get; }

    /// <summary>How many of the first transformer layers hold nothing of the method and nothing that is trained, so that their output is always the same.</summary>
    public int FrozenLayers => TrainsBeforeLayers ? 0 : Classifier.Backbone.Layers.TakeWhile(layer => layer.IsFrozen).Count();

    /// <summary>
    /// Trained tensors that a loaded adapter does not hold, so that they have the base model's values, or random ones where that has none:
    /// the PEFT library saves a head only when <c>modules_to_save</c> names it.
    /// </summary>
    public IReadOnlyList<TrainableTensor> NotInAdapter { get; private set; } = [];

    /// <summary>Whether the head's values are a trained head's, of the adapter alone.</summary>
    public bool HasAdapterHead => !NotInAdapter.Any(t => Classifier.Head.Modules.Any(m => t.Name.StartsWith(m.Name + ".", StringComparison.Ordinal)));

    /// <summary>Number of trained parameters.</summary>
    public long TrainableParameters => Trainable.Sum(t => t.Parameter.numel());

    /// <summary>Number of all parameters, frozen ones included.</summary>
    public long TotalParameters => Classifier.parameters().Sum(p => p.numel());

    /// <summary>Whether the method's update is part of the linear layers' weights at present.</summary>
    public bool Merged => unmerged is not null;

    /// <summary>The parameters that a plain checkpoint of this classifier has: backbone and head without the method's own, by their names.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> PlainParameters() =>
        Classifier.named_parameters().Where(p => baseNames.Contains(p.name)).Select(p => (p.name, p.parameter));

    /// <summary>Puts a method into a classifier and unfreezes what it trains. The model owns the classifier from then on.</summary>
    /// <param name="classifier">Backbone and head, all frozen.</param>
    /// <param name="config">The method.</param>
    /// <param name="weights">Where the method's tensors come from.</param>
    /// <exception cref="UserInputException">The settings are wrong or do not fit the backbone.</exception>
    public static PeftModel Inject(SequenceClassifier classifier, PeftConfig config, IWeightSource weights) => Inject(classifier, config, weights, null);

    /// <summary>Puts a saved adapter, with its method and its head, into a classifier that the model owns from then on.</summary>
    /// <param name="classifier">Backbone and a head to be replaced by the adapter's.</param>
    /// <param name="folder">An adapter folder, of this product or of the PEFT library.</param>
    /// <param name="baseModel">Name or folder of the classifier's model, compared with the adapter's; null leaves the comparison to names and shapes.</param>
    /// <exception cref="UserInputException">A file is missing or damaged, or the adapter belongs to another base model.</exception>
    public static PeftModel Load(SequenceClassifier classifier, string folder, string? baseModel = null)
    {
        var file = AdapterConfigJson.Read(folder);
        if (baseModel is not null) BaseModelName.Check(file, baseModel);
        var model = Inject(classifier, AdapterFolder.ConfigOf(file, classifier), new SeededWeights(0), file.Root);
        model.NotInAdapter = AdapterFolder.ReadWeights(model, folder, file);
        return model;
    }

    /// <summary>Writes the trained tensors and the method's settings: an adapter folder.</summary>
    /// <param name="folder">The folder; made if needed, files in it are replaced.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    public void SaveAdapter(string folder, string baseModel) => AdapterFolder.Write(this, folder, baseModel, readConfig);

    /// <summary>Size in bytes of the <c>adapter_model.safetensors</c> that <see cref="SaveAdapter"/> would write now; also of a model of the meta device.</summary>
    public long AdapterBytes()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return SafetensorsWriter.SizeOf(Config.FileTensors(this));
    }

    /// <summary>Replaces the trained tensors' values by those of an adapter that was saved with the same settings.</summary>
    /// <param name="folder">An adapter folder.</param>
    /// <exception cref="UserInputException">A tensor is missing, unexpected or has another shape.</exception>
    public void LoadAdapter(string folder) => AdapterFolder.ReadWeights(this, folder);

    /// <summary>Makes the method's update part of the linear layers' weights, so that the plain layers give the same outputs.</summary>
    /// <exception cref="UserInputException">The method has modules of its own that no linear layer can take in.</exception>
    public void Merge()
    {
        if (Config.WhyNotMergeable is { } why) throw new UserInputException($"{Config.Title} cannot be merged: {why}; use the adapter beside its base model instead.");
        if (Merged) return;
        using var undisturbed = NoCollection.Begin();
        using var _ = no_grad();
        var kept = new List<(Projection, Tensor?, Tensor?)>();
        foreach (var (_, projection) in Classifier.BackboneProjections().Where(p => p.Projection.Update is not null).ToList())
        {
            using var scope = NewDisposeScope();
            var (weight, bias) = projection.Update!.Merged(projection);
            if (projection.InBf16)
            {
                // The float32 weight stays what it is, so there is nothing to keep.
                kept.Add((projection, null, null));
                projection.MergeBf16(weight, bias);
            }
            else
            {
                kept.Add((projection, projection.Weight.detach().clone().DetachFromDisposeScope(), bias is null ? null : projection.Bias!.detach().clone().DetachFromDisposeScope()));
                projection.Weight.copy_(weight);
                if (bias is not null) projection.Bias!.copy_(bias);
            }
            projection.UpdateIsMerged = true;
        }
        unmerged = kept;
    }

    /// <summary>Takes the update out of the weights again; the weights are then bit for bit what they were.</summary>
    public void Unmerge()
    {
        if (unmerged is null) return;
        using var undisturbed = NoCollection.Begin();
        using var _ = no_grad();
        foreach (var (projection, weight, bias) in unmerged)
        {
            if (weight is null) projection.UnmergeBf16();
            else projection.Weight.copy_(weight);
            if (bias is not null) projection.Bias!.copy_(bias);
            projection.UpdateIsMerged = false;
        }
        Forget();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        foreach (var update in Classifier.BackboneProjections().Select(p => p.Projection.Update).OfType<IDisposable>().ToList()) update.Dispose();
        Classifier.Dispose();
    }

    private static PeftModel Inject(SequenceClassifier classifier, PeftConfig config, IWeightSource weights, JsonObject? readConfig)
    {
        if (config.Problems() is [var problem, ..]) throw new UserInputException(problem);
        var baseNames = classifier.named_parameters().Select(p => p.name).ToHashSet(StringComparer.Ordinal);
        config.Inject(classifier, DeviceWeights.On(weights, classifier.Backbone.Device));
        var trained = config.Trained(classifier);
        var whole = WholeModules(classifier, config).Select(path => path + ".").ToArray();
        var layers = LayerPaths.Of(classifier).Select(path => path + ".").ToArray();
        var trainable = new List<TrainableTensor>();
        var beforeLayers = false;
        foreach (var (name, parameter) in classifier.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            if (!trained(name) && !whole.Any(module => name.StartsWith(module, StringComparison.Ordinal))) continue;
            parameter.requires_grad = true;
            trainable.Add(new TrainableTensor(name, config.FileKey(name, classifier), parameter));
            // The norm after the last layer of pre-norm models counts as well: that costs time, never correctness.
            beforeLayers |= name.StartsWith(classifier.BackboneName + ".", StringComparison.Ordinal) && !layers.Any(layer => name.StartsWith(layer, StringComparison.Ordinal));
        }
        return new PeftModel(classifier, config, trainable, baseNames, beforeLayers, readConfig);
    }

    /// <summary>Paths of the head's modules and of the modules to save.</summary>
    private static IEnumerable<string> WholeModules(SequenceClassifier classifier, PeftConfig config)
    {
        foreach (var (name, _) in classifier.Head.Modules) yield return name;
        var paths = classifier.ModulesByPath().Select(m => m.Path).ToList();
        foreach (var module in config.ModulesToSave ?? [])
        {
            var found = paths.Where(path => path.EndsWith(module, StringComparison.Ordinal)).ToList(); // as the PEFT library: not only at a dot
            if (found.Count == 0) throw new UserInputException($"peft.modulesToSave names '{module}', but the model has no such module; it has for example {paths.First(p => p.Length > 0)}.");
            foreach (var path in found) yield return path;
        }
    }

    private void Forget()
    {
        foreach (var (_, weight, bias) in unmerged ?? [])
        {
            weight?.Dispose();
            bias?.Dispose();
        }
        unmerged = null;
    }
}
