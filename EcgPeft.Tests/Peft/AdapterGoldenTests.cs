using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>Every kind of bottleneck adapter gives the reference values.</summary>
[Trait("Category", "Golden")]
public sealed class AdapterGoldenTests
{
    public static TheoryData<string> Cases => [.. TestData.GoldenCases("adapters")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_gradients_and_training_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        var config = new AdapterConfig
        {
            Kind = golden.Settings.GetProperty("kind").Deserialize<AdapterKind>(ProductJson.Line),
            BottleneckSize = golden.Settings.GetProperty("bottleneck").GetInt32(),
            Activation = golden.Settings.GetProperty("activation").GetString()!,
            Scale = golden.Settings.GetProperty("scale").GetDouble(),
            Dropout = 0,
        };
        using var model = PeftModel.Inject(ModelFolder.Load(golden.BaseFolder, newHead: null), config, new SeededWeights(1));
        using (var file = SafetensorsFile.Open(Path.Combine(golden.Folder, "adapter.safetensors")))
        {
            using (no_grad())
                foreach (var tensor in model.Trainable) tensor.Parameter.copy_(file.Read(tensor.FileKey));
            var folder = TestData.TemporaryFolder();
            model.SaveAdapter(folder, golden.BaseFolder);
            using var saved = SafetensorsFile.Open(Path.Combine(folder, PeftModel.WeightsFile));
            Checkpoints.TensorAssert.SameTensors(file, saved);
        }
        GoldenTrace.Replay(golden, model);
    }
}
