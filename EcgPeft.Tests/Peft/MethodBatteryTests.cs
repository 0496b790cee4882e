using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>
/// What every method must do on every backbone: train exactly what it says, lower the loss, leave everything else as it was bit
/// for bit, and come back from its files. Methods come from the registration, backbones from the golden folder.
/// </summary>
public sealed class MethodBatteryTests
{
    private const int Count = 24;

    /// <summary>Settings beside the defaults that change what a method builds.</summary>
    private static readonly PeftConfig[] Variants =
    [
        new LoraConfig { UseDora = true, Rank = 4 },
        new LoraConfig { UseRslora = true, Init = LoraInit.Pissa, Rank = 4 },
        new LoraConfig { Init = LoraInit.Olora, Rank = 4 },
        new LoraConfig { Init = LoraInit.Gaussian, TargetModules = ["query", "feed_forward_in", "fc2"], Bias = LoraBias.LoraOnly, RankPattern = new Dictionary<string, int> { ["feed_forward.intermediate_dense|fc1"] = 2 }, LayersToTransform = [1, 2] },
        new LoraConfig { TargetModules = Core.Peft.Targets.ModuleTargets.Matching("all-linear"), Bias = LoraBias.All },
        new LoraConfig { TargetModules = Core.Peft.Targets.ModuleTargets.Matching(@".*\.(q|v)_proj"), ModulesToSave = ["final_layer_norm"] },
        new AdapterConfig { Kind = AdapterKind.Pfeiffer, LayerNorm = true, ReductionFactor = 6 },
        new AdapterConfig { Kind = AdapterKind.Parallel, Scale = 4, Init = AdapterInit.Bert, Activation = "gelu" },
        new AdapterConfig { Kind = AdapterKind.AttnAdapter },
        new PrefixConfig { PrefixProjection = true, VirtualTokens = 3, EncoderHiddenSize = 20 },
        new Core.Peft.BitFit.BitFitConfig { Scope = Core.Peft.BitFit.BitFitScope.Backbone },
        new Core.Peft.FullFineTuning.FullConfig { FreezeFeatureExtractor = true },
    ];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var backbone in TestData.GoldenCases("wav2vec2").Concat(TestData.GoldenCases("hubert")).Concat(TestData.GoldenCases("ecg-fm")))
                foreach (var config in PeftMethod.All.Select(m => m.Defaults).Concat(Variants))
                    data.Add(backbone, JsonSerializer.Serialize(config, ProductJson.Line));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_method_trains_what_it_says_and_comes_back_from_its_files(string backbone, string method)
    {
        using var scope = NewDisposeScope();
        var config = JsonSerializer.Deserialize<PeftConfig>(method, ProductJson.Line)!;
        var baseFolder = Path.Combine(TestData.Golden, backbone);
        using var model = PeftModel.Inject(ModelFolder.Load(baseFolder, new SeededWeights(3)), config, new SeededWeights(3));
        var counts = ParameterCounting.Count(baseFolder, config);
        Assert.Equal((counts.Trainable, counts.Total), (model.TrainableParameters, model.TotalParameters));
        Assert.All(model.Classifier.named_parameters(), p => Assert.Equal(model.Trainable.Any(t => t.Name == p.name), p.parameter.requires_grad));

        var frozen = FrozenWeights.Hash(model);
        var losses = Train(model);
        Assert.True(losses[^6..].Average() < losses[..6].Average(), $"The loss went from {losses[..6].Average():F4} to {losses[^6..].Average():F4}.");
        Assert.Equal(frozen, FrozenWeights.Hash(model));

        using var _ = no_grad();
        model.Classifier.eval();
        var input = Waves(model.Classifier.Backbone, 0, 4);
        var logits = model.Classifier.forward(input, null);
        var folder = TestData.TemporaryFolder();
        model.SaveAdapter(folder, baseFolder);
        var size = new FileInfo(Path.Combine(folder, PeftModel.WeightsFile)).Length;
        Assert.True(config.AdapterShrinks ? size < counts.AdapterBytes : size == counts.AdapterBytes, $"The file has {size} bytes; {counts.AdapterBytes} were announced.");
        using var loaded = PeftModel.Load(ModelFolder.Load(baseFolder, new SeededWeights(99)), folder, baseFolder);
        loaded.Classifier.eval();
        Numbers.Close(logits, loaded.Classifier.forward(input, null), 1e-5, "logits of the saved adapter");
        Assert.Equal(config.Method, loaded.Config.Method);
        SavedAgainIsTheSame(loaded, folder, baseFolder);

        if (config.WhyNotMergeable is { } why)
        {
            Assert.Contains(why, Assert.Throws<UserInputException>(loaded.Merge).Message, StringComparison.Ordinal);
            return;
        }
        var unmerged = loaded.Classifier.forward(input, null);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            loaded.Merge();
            Numbers.Close(logits, loaded.Classifier.forward(input, null), 1e-5, "logits of the merged model");
            loaded.Unmerge();
            Numbers.Close(unmerged, loaded.Classifier.forward(input, null), 0, "logits after unmerging");
        }
    }

    private static void SavedAgainIsTheSame(PeftModel loaded, string folder, string baseFolder)
    {
        var again = TestData.TemporaryFolder();
        loaded.SaveAdapter(again, baseFolder);
        using var first = SafetensorsFile.Open(Path.Combine(folder, PeftModel.WeightsFile));
        using var second = SafetensorsFile.Open(Path.Combine(again, PeftModel.WeightsFile));
        Checkpoints.TensorAssert.SameTensors(first, second);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, PeftModel.ConfigFile)), File.ReadAllText(Path.Combine(again, PeftModel.ConfigFile)));
    }

    private static List<double> Train(PeftModel model)
    {
        var recipe = new Recipe { Peft = model.Config, Seed = 3, Training = new TrainingRecipe { Epochs = 8, BatchSize = 6, LearningRate = 3e-3, Patience = 0 } };
        var (values, length) = Segments();
        var labels = Enumerable.Range(0, Count).Select(i => (byte)(i % 2)).ToArray();
        var inputs = new SegmentInputs(values, length, labels, model.Classifier.Backbone.Contract, length);
        using var frames = model.TrainsBeforeLayers
            ? FrozenFrames.Trained(model.Classifier.Backbone, inputs)
            : FrozenFrames.Compute(model.Classifier.Backbone, inputs, 1 << 24, progress: null, CancellationToken.None);
        var all = Enumerable.Range(0, Count).ToArray();
        var losses = new List<double>();
        Trainer.Train(model, frames, inputs, new DataSplit(all, all, all, false), recipe, Path.Combine(TestData.TemporaryFolder(), "checkpoint"), e => { if (e is StepEvent step) losses.Add(step.Loss); }, CancellationToken.None);
        return losses;
    }

    /// <summary>Two kinds of waves that a head on random features can just about tell apart.</summary>
    private static (float[] Values, int Length) Segments()
    {
        const int length = 700;
        var random = new Random(5);
        var values = new float[Count * length];
        for (var i = 0; i < Count; i++)
        {
            var (phase, frequency) = (random.NextDouble() * 6, i % 2 == 0 ? 0.05 : 0.21);
            for (var t = 0; t < length; t++) values[i * length + t] = (float)(Math.Sin(phase + frequency * t) + 0.3 * (random.NextDouble() - 0.5));
        }
        return (values, length);
    }

    private static Tensor Waves(Backbone backbone, int start, int count)
    {
        var (values, length) = Segments();
        return new SegmentInputs(values, length, new byte[Count], backbone.Contract, length).Inputs([.. Enumerable.Range(start, count)]);
    }
}
