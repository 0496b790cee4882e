using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Export;
using EcgPeft.Core.Training;
using TorchSharp;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft embed</c>: hidden states and logits of inputs in a safetensors file.</summary>
internal static class EmbedCommand
{
    private const string Input = "input_values";
    private const string Mask = "attention_mask";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "Model folder, .pt file, or an id of the catalogue.", Required = true, HelpName = "DIR" };
        var adapter = new Option<string?>("--adapter") { Description = "Adapter folder to apply to the model.", HelpName = "DIR" };
        var input = new Option<string>("--input") { Description = "Safetensors file with input_values [B, T] or [B, leads, T], and attention_mask [B, T] if some are shorter.", Required = true, HelpName = "FILE" };
        var output = new Option<string>("--out") { Description = "Safetensors file to write.", Required = true, HelpName = "FILE" };
        var command = new Command("embed", "Compute hidden states, and logits where the model or the adapter has a head.") { model, adapter, input, output };
        command.SetAction(parsed => Embed(parsed.GetRequiredValue(model), parsed.GetValue(adapter), parsed.GetRequiredValue(input), parsed.GetRequiredValue(output)));
        return command;
    }

    private static void Embed(string modelName, string? adapter, string inputPath, string outputPath)
    {
        var folder = new ModelCatalogue(ProductSettings.DataRoot()).FolderOf(modelName);
        if (!File.Exists(inputPath)) throw new UserInputException($"There is no file {inputPath}; give a safetensors file that holds {Input}.");
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(inputPath);
        if (!file.Entries.ContainsKey(Input)) throw new UserInputException($"{inputPath} has no tensor {Input}; it holds {string.Join(", ", file.Entries.Keys.Order(StringComparer.Ordinal).Take(10))}.");
        var input = file.Read(Input, torch.ScalarType.Float32);
        var mask = file.Entries.ContainsKey(Mask) ? file.Read(Mask) : null;

        var hasHead = ModelFolder.HasHead(folder);
        var classifier = ModelFolder.Load(folder, hasHead ? null : new SeededWeights(0), DeviceChoice.For(ComputeDevice.Auto));
        using var model = adapter is null ? null : PeftModel.Load(classifier, Path.GetFullPath(adapter), folder);
        HiddenStates.Check(classifier.Backbone.Contract, input, mask, inputPath);
        var found = HiddenStates.Of(classifier, input, mask, withLogits: hasHead || model?.HasAdapterHead == true);
        SafetensorsWriter.Write(outputPath, found);
        Console.Out.WriteLine($"{outputPath}: {string.Join(", ", found.Select(t => $"{t.Key} [{string.Join(", ", t.Value.shape)}]"))}");
        if (model is null) classifier.Dispose();
    }
}
