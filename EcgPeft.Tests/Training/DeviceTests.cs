using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Explanations;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.BitFit;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.FullFineTuning;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.LinearProbe;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Pretraining;
using EcgPeft.Core.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training;

/// <summary>
/// Every tensor is made on a device that is named: the model's, or the processor for what comes from files and segments. Here the device of tensors that name none is the
/// meta device, which has no values: mixing its tensors with others is an error, as mixing a CUDA device's would be, and so is reading them.
/// </summary>
public sealed class DeviceTests
{
    private static readonly PeftConfig[] Methods =
    [
        new LoraConfig { Rank = 4, Dropout = 0.1 }, new LoraConfig { Rank = 4, TargetModules = ["q_proj", "v_proj"] }, new LoraConfig { Rank = 4, UseDora = true }, new AdaLoraConfig(), new AdapterConfig(), new AdapterConfig { Kind = AdapterKind.AttnAdapter },
        new Ia3Config(), new PrefixConfig(), new BitFitConfig(), new LinearProbeConfig(), new FullConfig(),
    ];

    private static readonly int[] Rows = [3, 1, 4, 2];

    public static TheoryData<string, int> WholeRuns
    {
        get
        {
            var data = new TheoryData<string, int>();
            for (var i = 0; i < Methods.Length; i++) data.Add(i % 3 == 2 ? "ecg-fm/finetuned" : "wav2vec2/base", i);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WholeRuns))]
    public void A_whole_run_makes_no_tensor_on_the_default_device(string backbone, int method) => WithoutDefault(() =>
    {
        using var scope = NewDisposeScope();
        using var model = PeftModel.Inject(ModelFolder.Load(PathOf(backbone), new SeededWeights(1)), Methods[method], new SeededWeights(2));
        if (Methods[method] is not FullConfig) model.Classifier.Backbone.UseBf16();
        var inputs = Inputs(model.Classifier.Backbone.Contract);
        using var frames = model.TrainsBeforeLayers ? FrozenFrames.Trained(model.Classifier.Backbone, inputs) : FrozenFrames.Compute(model.Classifier.Backbone, inputs, 1 << 26, null, CancellationToken.None);
        var folder = Path.Combine(TestData.TemporaryFolder(), "checkpoint");
        var settings = new TrainingRecipe { BatchSize = 4, Epochs = 2, ClassWeights = ClassWeighting.Balanced, Loss = LossKind.Focal, ActivationCheckpointing = method % 2 == 1, StopAfterEpoch = 1 };
        var split = new DataSplit([.. Enumerable.Range(0, 8)], [6, 7, 8], [8, 9], ByGroup: false);
        TrainingResult Train(int? until) => Trainer.Train(model, frames, inputs, split, new Recipe { Peft = Methods[method], Training = settings with { StopAfterEpoch = until } }, folder, _ => { }, CancellationToken.None);
        Assert.False(Train(until: 1).Completed);
        Assert.True(Train(until: null).Completed);
        model.SaveAdapter(Path.Combine(folder, "adapter"), "a model");
        InferenceSpeed.Measure(model, inputs, [1, 2]);
        using var again = PeftModel.Load(ModelFolder.Load(PathOf(backbone), new SeededWeights(1)), Path.Combine(folder, "adapter"));
        again.Classifier.eval();
        var logits = again.Classifier.forward(inputs.Inputs(Rows), null);
        Assert.Equal(4, logits.data<float>().Count(float.IsFinite) / 2);
        IntegratedGradients.Of(at => again.Classifier.forward(inputs.Placed(at), null).select(1, 1), new float[inputs.Length], slope => [.. slope.Select(s => (double)s)], new float[inputs.Length], 32, CancellationToken.None);
    });

    [Theory]
    [InlineData("wav2vec2/base", false)]
    [InlineData("ecg-fm/finetuned", false)]
    [InlineData("hubert/base", true)]
    public void Pre_training_makes_no_tensor_on_the_default_device(string backbone, bool clusters) => WithoutDefault(() =>
    {
        using var scope = NewDisposeScope();
        var (settings, parts) = (new PretrainingRecipe { ClusterFrames = 30, Codebooks = 2, CodebookEntries = 4, CodeSize = 8, ProjectionSize = 8, MaskLength = 2, Negatives = 3 }, new SeededWeights(1));
        var classifier = ModelFolder.Load(PathOf(backbone), new MetaWeights());
        var inputs = Inputs(classifier.Backbone.Contract);
        ClusterTargets Targets() => ClusterTargets.Of(
            Path.Combine(TestData.TemporaryFolder(), "targets.safetensors"), 10, rows => ClusterTargets.DescribeWaveform(inputs.Inputs(rows), classifier.Backbone.Contract), 4, 20, new Random(1), CancellationToken.None);
        PretrainingModel model = clusters
            ? new ClusterPretraining(classifier, parts, Targets(), settings)
            : new ContrastivePretraining(classifier, parts, backbone.StartsWith("ecg", StringComparison.Ordinal) ? ContrastiveNames.EcgFm : ContrastiveNames.Speech, settings);
        var recipe = new Recipe { Pretraining = settings, Training = new TrainingRecipe { BatchSize = 4, Epochs = 1 } };
        int[] training = [.. Enumerable.Range(0, 8)];
        string[] persons = [.. Enumerable.Range(0, 10).Select(row => $"{row / 2}")];
        var prepared = new PretrainingInputs(inputs, classifier.Backbone.Contract.Leads, persons, training, 0.5);
        Assert.True(PretrainingTrainer.Train(new PretrainingIteration(1, 1, () => model), prepared, training, [8, 9], recipe, Path.Combine(TestData.TemporaryFolder(), "checkpoint"), _ => { }, _ => { }, CancellationToken.None).Completed);
    });

    [Fact]
    public void Weights_go_where_they_are_asked_for()
    {
        using var model = ModelFolder.Load(PathOf("wav2vec2/base"), new SeededWeights(1), META);
        Assert.All(model.parameters(), p => Assert.Equal(DeviceType.META, p.device_type));
        Assert.Equal(DeviceType.META, model.Backbone.Device.type);
        using var here = ModelFolder.Load(PathOf("wav2vec2/base"), new SeededWeights(1), CPU);
        Assert.Equal(DeviceType.CPU, here.Backbone.Device.type);
    }

    [Fact]
    public void The_processor_is_chosen_where_there_is_nothing_else_and_cuda_is_refused_there_in_one_sentence()
    {
        Assert.Equal(DeviceType.CPU, DeviceChoice.For(ComputeDevice.Cpu).type);
        if (cuda.is_available())
        {
            Assert.Equal(DeviceType.CUDA, DeviceChoice.For(ComputeDevice.Auto).type);
            return;
        }
        Assert.Equal(DeviceType.CPU, DeviceChoice.For(ComputeDevice.Auto).type);
        Assert.Equal(DeviceType.CPU, DeviceChoice.ForUse(ComputeDevice.Cuda).type);
        Assert.Contains("there is no CUDA device", Assert.Throws<UserInputException>(() => DeviceChoice.For(ComputeDevice.Cuda)).Message, StringComparison.Ordinal);
    }

    private static void WithoutDefault(Action action)
    {
        var before = get_default_device();
        set_default_device(META);
        try
        {
            action();
        }
        finally
        {
            set_default_device(before);
        }
    }

    private static string PathOf(string backbone)
    {
        var path = Path.Combine(TestData.Golden, backbone);
        return Directory.EnumerateFiles(path, "*.pt").FirstOrDefault() ?? path;
    }

    private static SegmentInputs Inputs(InputContract contract)
    {
        var segments = SyntheticEcg.Generate(10, 5, 7);
        return new SegmentInputs(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, contract, contract.Leads == 1 ? 2000 : 400);
    }
}
