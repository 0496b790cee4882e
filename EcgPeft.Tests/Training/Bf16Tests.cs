using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training;

/// <summary>Products with frozen weights in bfloat16 give what float32 gives, as closely as bfloat16 can, for every method and family.</summary>
public sealed class Bf16Tests
{
    private static readonly PeftConfig[] Methods =
    [
        new LoraConfig { Dropout = 0, Init = LoraInit.Gaussian }, new LoraConfig { Dropout = 0, TargetModules = ["q_proj", "v_proj", "feed_forward_in"] }, new LoraConfig { Dropout = 0, UseDora = true }, new LoraConfig { Dropout = 0, Init = LoraInit.Gaussian, TargetModules = ["v_proj"], ModulesToSave = ["q_proj"] },
        new AdaLoraConfig { Dropout = 0 }, new AdapterConfig { Dropout = 0, Init = AdapterInit.Bert }, new AdapterConfig { Dropout = 0, Init = AdapterInit.Bert, Kind = AdapterKind.Pfeiffer },
        new AdapterConfig { Dropout = 0, Init = AdapterInit.Bert, Kind = AdapterKind.AttnAdapter }, new Ia3Config(), new PrefixConfig(), new Core.Peft.BitFit.BitFitConfig(),
    ];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var backbone in new[] { "wav2vec2/base", "wav2vec2/large", "ecg-fm/finetuned" })
                for (var i = 0; i < Methods.Length; i++) data.Add(backbone, i);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_and_gradients_agree_with_float32(string backbone, int method)
    {
        using var scope = NewDisposeScope();
        var (exact, exactGradients) = Compute(backbone, Methods[method], bf16: false);
        var (logits, gradients) = Compute(backbone, Methods[method], bf16: true);
        Numbers.RelativelyClose(exact, logits, 0.1, "logits");
        var (expected, actual) = (cat(exactGradients), cat(gradients));
        var cosine = (expected * actual).sum() / (expected.norm() * actual.norm());
        Assert.True(cosine.item<float>() > 0.99, $"cosine of the gradients {cosine.item<float>()}");
    }

    [Fact]
    public void Merging_changes_the_bf16_weights_and_unmerging_brings_them_back_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using var model = Model("wav2vec2/base", Methods[0]);
        foreach (var tensor in model.Trainable) using (no_grad()) tensor.Parameter.add_(randn_like(tensor.Parameter) * 0.05);
        model.Classifier.Backbone.UseBf16();
        model.Classifier.eval();
        using var _ = no_grad();
        var input = Input(model);
        var before = model.Classifier.forward(input, null);
        model.Merge();
        Numbers.RelativelyClose(before, model.Classifier.forward(input, null), 0.1, "logits of the merged model");
        model.Unmerge();
        Numbers.Close(before, model.Classifier.forward(input, null), 0, "logits after unmerging");
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        using var model = Model("wav2vec2/base", new LoraConfig { Dropout = 0.1 });
        model.Classifier.Backbone.UseBf16();
        model.Classifier.train();
        void Step()
        {
            using var scope = NewDisposeScope();
            model.Classifier.forward(Input(model), null).sum().backward();
        }
        Step();
        var count = Tensor.TotalCount;
        for (var i = 0; i < 3; i++) Step();
        Assert.Equal(count, Tensor.TotalCount);
    }

    private static (Tensor Logits, List<Tensor> Gradients) Compute(string backbone, PeftConfig config, bool bf16)
    {
        using var model = Model(backbone, config);
        if (bf16) model.Classifier.Backbone.UseBf16();
        model.Classifier.eval();
        var logits = model.Classifier.forward(Input(model), null);
        (logits * tensor([1f, -1f])).sum().backward();
        return (logits.detach().clone(), [.. model.Trainable.Select(t => (t.Parameter.grad ?? zeros_like(t.Parameter)).reshape(-1).clone())]);
    }

    private static PeftModel Model(string backbone, PeftConfig config)
    {
        var path = Path.Combine(TestData.Golden, backbone);
        var file = Directory.EnumerateFiles(path, "*.pt").FirstOrDefault();
        return PeftModel.Inject(ModelFolder.Load(file ?? path, new SeededWeights(1)), config, new SeededWeights(2));
    }

    private static Tensor Input(PeftModel model)
    {
        manual_seed(4);
        var contract = model.Classifier.Backbone.Contract;
        return contract.Leads == 1 ? randn(3, 2000) : randn(3, contract.Leads, 400);
    }
}
