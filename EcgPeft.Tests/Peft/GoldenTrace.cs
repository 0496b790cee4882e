using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Tests.Peft;

/// <summary>Replays a golden training trace: logits, first gradients, 20 losses, final weights, parameter counts.</summary>
internal static class GoldenTrace
{
    public static void Replay(GoldenCase golden, PeftModel model)
    {
        var expected = golden.Tensors("expected.safetensors");
        var classifier = model.Classifier;
        classifier.eval();
        Assert.Equal(golden.Settings.GetProperty("trainable_parameters").GetInt64(), model.TrainableParameters);
        using (no_grad())
        {
            Numbers.Close(expected["logits"], classifier.forward(expected["input_values"], null), golden.Tolerance("logits"), "logits");
            if (expected.TryGetValue("masked.logits", out var masked))
                Numbers.Close(masked, classifier.forward(expected["masked.input_values"], expected["attention_mask"]), golden.Tolerance("logits"), "masked.logits");
        }

        var training = golden.Settings.GetProperty("training");
        var losses = training.GetProperty("losses").EnumerateArray().Select(e => e.GetDouble()).ToArray();
        var batches = golden.Tensors("batches.safetensors");
        var gradients = golden.Tensors("first_gradients.safetensors");
        var final = golden.Tensors("final_weights.safetensors");
        // ECG-FM has no layout of the PEFT library, so its case names tensors by their plain paths.
        string Key(TrainableTensor tensor) => gradients.ContainsKey(tensor.FileKey) ? tensor.FileKey : tensor.Name;
        Assert.Equal(gradients.Keys.Order(), model.Trainable.Select(Key).Order());
        using var optimizer = new AdamW(model.Trainable, training.GetProperty("weight_decay").GetDouble(), decayBiasesAndNorms: true);
        for (var step = 0; step < losses.Length; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ZeroGradients();
            var loss = functional.cross_entropy(classifier.forward(batches["input_values"][step], null), batches["labels"][step].to(ScalarType.Int64));
            Assert.Equal(losses[step], loss.item<float>(), golden.Tolerance("loss"));
            loss.backward();
            if (step == 0)
                foreach (var tensor in model.Trainable)
                    Numbers.RelativelyClose(gradients[Key(tensor)], tensor.Parameter.grad!, golden.Tolerance("gradient_relative"), $"gradient of {tensor.Name}");
            optimizer.Step(step + 1, training.GetProperty("lr").GetDouble(), maxGradientNorm: 0);
        }
        foreach (var tensor in model.Trainable) Numbers.Close(final[Key(tensor)], tensor.Parameter, 5e-3, $"final {tensor.Name}");
    }
}
