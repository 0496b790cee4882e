using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.Lora;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>One linear layer under each method gives the reference's output, gradients and merged weights.</summary>
[Trait("Category", "Golden")]
public sealed class LayerGoldenTests
{
    public static TheoryData<string> Cases => [.. TestData.GoldenCases("peft-layers")];

    public static TheoryData<string> Schedules => [.. TestData.GoldenCases("peft-layers").Where(c => new GoldenCase(c).Settings.TryGetProperty("schedule", out _))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Output_gradients_and_merged_weights_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        var tensors = golden.Tensors("tensors.safetensors");
        var (projection, update) = Build(golden, tensors);
        var parameters = projection.named_parameters().Where(p => !p.name.StartsWith("weight", StringComparison.Ordinal) && !p.name.StartsWith("bias", StringComparison.Ordinal)).ToList();
        foreach (var (_, parameter) in parameters) parameter.requires_grad = true;
        projection.eval();

        var input = tensors["input"].clone().requires_grad_();
        var output = projection.forward(input);
        Numbers.Close(tensors["output"], output, golden.Tolerance("output"), "output");
        output.backward([tensors["output_gradient"]]);

        using var _ = no_grad();
        if (tensors.TryGetValue("gradient.input", out var inputGradient))
            Numbers.RelativelyClose(inputGradient, input.grad!, golden.Tolerance("gradient_relative"), "gradient of the input");
        foreach (var (key, parameter) in parameters)
        {
            var plain = key.Replace(".weight", "", StringComparison.Ordinal);
            if (tensors.TryGetValue($"gradient.{plain}", out var gradient))
                Numbers.RelativelyClose(gradient.view(parameter.shape), parameter.grad!, golden.Tolerance("gradient_relative"), $"gradient of {plain}");
        }
        var (weight, bias) = update.Merged(projection);
        Numbers.Close(tensors.GetValueOrDefault("merged.weight") ?? tensors["base.weight"], weight, golden.Tolerance("output"), "merged weight");
        if (tensors.TryGetValue("merged.bias", out var mergedBias)) Numbers.Close(mergedBias, bias ?? projection.Bias!, golden.Tolerance("output"), "merged bias");
        if (tensors.TryGetValue("residual.weight", out var residual)) Numbers.Close(residual, projection.Weight, golden.Tolerance("output"), "residual weight");
        if (tensors.TryGetValue("delta", out var delta)) Numbers.Close(delta, weight - projection.Weight, golden.Tolerance("output"), "delta");
        if (golden.Settings.TryGetProperty("orthogonal_penalty", out var penalty))
            Assert.Equal(penalty.GetDouble(), ((AdaLoraUpdate)update).OrthogonalPenalty().item<float>() / 2, 4);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_budget_schedule_equals_the_reference_at_every_step(string name)
    {
        var schedule = new GoldenCase(name).Settings.GetProperty("schedule");
        int Of(string key) => schedule.GetProperty(key).GetInt32();
        var ours = new BudgetSchedule(Of("initial_budget"), Of("target_budget"), Of("tinit"), Of("tfinal"), Of("deltaT"), Of("total_step"));
        Assert.All(schedule.GetProperty("steps").EnumerateArray(), step =>
            Assert.Equal((step[1].GetInt32(), step[2].GetBoolean()), ours.At(step[0].GetInt64())));
    }

    private static (Projection, IProjectionUpdate) Build(GoldenCase golden, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var (outputs, inputs) = (tensors["base.weight"].shape[0], tensors["base.weight"].shape[1]);
        var projection = new Projection(new WeightScope(new Given(tensors, "base.")), inputs, outputs, WeightInit.Zeros);
        var scope = new WeightScope(new Given(tensors, ""));
        var method = golden.Settings.GetProperty("method").GetString();
        IProjectionUpdate update = method switch
        {
            "ia3" => new Ia3Update(scope, projection, golden.Settings.GetProperty("feedforward").GetBoolean()),
            "adalora" => new AdaLoraUpdate(scope, projection, Rank(golden), golden.Settings.GetProperty("lora_alpha").GetDouble() / (Rank(golden) + 1e-5), 0),
            _ => new LoraUpdate(scope, projection, Shape(golden, method!)),
        };
        projection.Attach(update);
        // A magnitude starts as the norm of the sum; the case trains another one.
        if (tensors.TryGetValue("initial_magnitude", out var initial))
        {
            var magnitude = update.Parameters.Single().Parameter;
            using var _ = no_grad();
            Numbers.Close(initial, magnitude, golden.Tolerance("output"), "initial magnitude");
            magnitude.copy_(tensors["lora_magnitude_vector"]);
        }
        return (projection, update);
    }

    private static LoraShape Shape(GoldenCase golden, string method)
    {
        var alpha = golden.Settings.GetProperty("lora_alpha").GetDouble();
        var init = method switch { "pissa" => LoraInit.Pissa, "olora" => LoraInit.Olora, _ => LoraInit.Kaiming };
        var scale = method == "rslora" ? alpha / Math.Sqrt(Rank(golden)) : alpha / Rank(golden);
        Assert.Equal(golden.Settings.GetProperty("scaling").GetDouble(), scale, 9);
        return new LoraShape(Rank(golden), scale, 0, init, method == "dora");
    }

    private static int Rank(GoldenCase golden) => golden.Settings.GetProperty("r").GetInt32();

    /// <summary>The case's tensors as weights; what a case leaves out starts at zero.</summary>
    private sealed class Given(IReadOnlyDictionary<string, Tensor> tensors, string prefix) : IWeightSource
    {
        public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init) =>
            tensors.TryGetValue(prefix + name.Replace("lora_A.weight", "lora_A", StringComparison.Ordinal).Replace("lora_B.weight", "lora_B", StringComparison.Ordinal), out var value)
                ? value.clone().view(shape.ToArray())
                : zeros(shape.ToArray());

        public bool Has(string name) => true;
    }
}
