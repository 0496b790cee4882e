using System.Text.Json;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>LoRA gives the values of the PEFT library, from that library's own files.</summary>
[Trait("Category", "Golden")]
public sealed class LoraGoldenTests
{
    public static TheoryData<string> Cases => [.. TestData.GoldenCases("lora")];

    public static TheoryData<string> LibraryCases => [.. TestData.GoldenCases("lora").Where(c => File.Exists(Path.Combine(TestData.Golden, c, PeftModel.ConfigFile)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_gradients_and_training_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        using var model = Load(golden);
        GoldenTrace.Replay(golden, model);
    }

    [Theory]
    [MemberData(nameof(LibraryCases))]
    public void Merged_weights_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var golden = new GoldenCase(name);
        using var model = Load(golden);
        foreach (var (key, expected) in golden.Tensors("merged_sample.safetensors"))
        {
            var projection = model.Classifier.BackboneProjections().Single(p => p.Path + ".weight" == key).Projection;
            var merged = projection.Update is { } update ? update.Merged(projection).Weight : projection.Weight;
            Numbers.Close(expected, merged, 1e-6, key);
        }
    }

    [Theory]
    [MemberData(nameof(LibraryCases))]
    public void A_saved_adapter_equals_the_library_s_files(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        using var model = Load(golden);
        var folder = TestData.TemporaryFolder();
        model.SaveAdapter(folder, golden.BaseFolder);

        using var theirs = SafetensorsFile.Open(Path.Combine(golden.Folder, PeftModel.WeightsFile));
        using var ours = SafetensorsFile.Open(Path.Combine(folder, PeftModel.WeightsFile));
        Assert.Equal(theirs.Entries.Keys.Order(), ours.Entries.Keys.Order());
        foreach (var key in theirs.Entries.Keys)
        {
            Assert.Equal(theirs.Entries[key].Type, ours.Entries[key].Type);
            Numbers.Close(theirs.Read(key), ours.Read(key), 0, key);
        }
        var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, PeftModel.ConfigFile))).RootElement;
        var reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden.Folder, PeftModel.ConfigFile))).RootElement;
        foreach (var property in reference.EnumerateObject().Where(p => p.Name is not "base_model_name_or_path"))
            Assert.True(JsonElement.DeepEquals(property.Value, config.GetProperty(property.Name)), $"{property.Name} is {config.GetProperty(property.Name)}; the library wrote {property.Value}.");
    }

    [Theory]
    [MemberData(nameof(LibraryCases))]
    public void The_library_s_older_file_of_tensors_is_read_as_well(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        var folder = TestData.TemporaryFolder();
        foreach (var file in new[] { PeftModel.ConfigFile, "adapter_model.bin" }) File.Copy(Path.Combine(golden.Folder, file), Path.Combine(folder, file));
        using var model = PeftModel.Load(ModelFolder.Load(golden.BaseFolder, newHead: null), folder);
        var expected = golden.Tensors(PeftModel.WeightsFile);
        Assert.All(model.Trainable, t => Numbers.Close(expected[t.FileKey], t.Parameter, 0, t.Name));
    }

    private static PeftModel Load(GoldenCase golden)
    {
        if (File.Exists(Path.Combine(golden.Folder, PeftModel.ConfigFile)))
            return PeftModel.Load(ModelFolder.Load(golden.BaseFolder, newHead: null), golden.Folder, golden.BaseFolder);
        var lora = golden.Settings.GetProperty("lora");
        var config = new LoraConfig
        {
            Rank = lora.GetProperty("r").GetInt32(),
            Alpha = lora.GetProperty("lora_alpha").GetDouble(),
            Dropout = 0,
            TargetModules = [.. lora.GetProperty("target_modules").EnumerateArray().Select(e => e.GetString()!)],
        };
        var model = PeftModel.Inject(ModelFolder.Load(golden.BaseFolder, newHead: null), config, new SeededWeights(1));
        var weights = golden.Tensors("lora_weights.safetensors");
        using var _ = no_grad();
        foreach (var tensor in model.Trainable)
            if (weights.TryGetValue(tensor.Name, out var value)) tensor.Parameter.copy_(value);
        return model;
    }
}
