using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Pretraining;

/// <summary>Quantiser, clustering, waveform descriptors and lead masks.</summary>
public sealed class PretrainingPartsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_quantised_frame_is_one_entry_of_each_codebook()
    {
        using var quantizer = new GumbelQuantizer(new WeightScope(new SeededWeights(1), "quantizer"), features: 6, codebooks: 2, entriesEach: 5, codeSize: 8, "codevectors");
        var entries = quantizer.named_parameters().Single(p => p.name == "codevectors").parameter.view(2, 5, 4);
        quantizer.eval();
        var quantized = quantizer.Quantize(randn(7, 6), temperature: 1);
        Assert.Equal([7, 8], quantized.Codes.shape);
        Assert.Equal(1, quantized.Probabilities.sum(-1).min().item<float>(), 1e-5);
        for (var frame = 0; frame < 7; frame++)
            for (var book = 0; book < 2; book++)
            {
                var chosen = quantized.Probabilities[frame, book].argmax().item<long>();
                Assert.True(quantized.Codes[frame].narrow(0, book * 4, 4).allclose(entries[book, chosen]));
            }
    }

    [Fact]
    public void In_training_the_choice_is_hard_and_gradients_flow_through_it()
    {
        using var quantizer = new GumbelQuantizer(new WeightScope(new SeededWeights(1), "quantizer"), features: 6, codebooks: 2, entriesEach: 5, codeSize: 8, "codevectors");
        foreach (var parameter in quantizer.parameters()) parameter.requires_grad = true;
        quantizer.train();
        manual_seed(3);
        var codes = quantizer.Quantize(randn(200, 6), temperature: 2).Codes;
        var entries = quantizer.named_parameters().Single(p => p.name == "codevectors").parameter.view(2, 5, 4);
        var first = codes.narrow(1, 0, 4);
        Assert.True((first.unsqueeze(1) - entries[0].unsqueeze(0)).abs().sum(-1).min(1).values.max().item<float>() < 1e-5);
        codes.square().sum().backward();
        Assert.True(quantizer.named_parameters().Single(p => p.name == "weight_proj.weight").parameter.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void K_means_finds_separate_groups_of_points()
    {
        manual_seed(1);
        var centres = tensor(new float[] { 0, 0, 10, 0, 0, 10 }, 3, 2);
        var points = cat([.. Enumerable.Range(0, 3).Select(k => centres[k] + randn(100, 2) * 0.5)]);
        var found = KMeans.Fit(points, 3, new Random(5));
        var assigned = KMeans.Assign(points, found).data<long>().ToArray();
        Assert.All(assigned.Chunk(100), group => Assert.Single(group.Distinct()));
        Assert.Equal(3, assigned.Distinct().Count());
        Assert.True(cdist(centres, found).min(1).values.max().item<float>() < 0.3);
    }

    [Fact]
    public void A_waveform_is_described_at_the_frames_of_the_backbone()
    {
        var contract = new InputContract(1, 360, 600, 40, 20);
        var input = zeros(1, 600);
        input[0, 310] = 1;
        var described = ClusterTargets.DescribeWaveform(input, contract);
        Assert.Equal([1, contract.Frames, 31], described.shape);
        // Sample 310 lies in the frames that begin at samples 280 and 300, 14 and 15, and in no other.
        var seen = described.abs().sum(-1)[0].data<float>().ToArray();
        Assert.Equal([14, 15], Enumerable.Range(0, seen.Length).Where(f => seen[f] > 0));
    }

    [Fact]
    public void Lead_masking_leaves_at_least_one_lead_and_masks_the_share_asked_for()
    {
        Assert.True(PretrainingInputs.KeptLeads(200, 12, 0.99, new Random(1)).sum(1).min().item<float>() >= 1);
        Assert.InRange(PretrainingInputs.KeptLeads(500, 12, 0.5, new Random(1)).mean().item<float>(), 0.47f, 0.53f);
        Assert.Equal(60, PretrainingInputs.KeptLeads(5, 12, 0, new Random(1)).sum().item<float>());
    }
}
