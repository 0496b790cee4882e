using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Signal;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training;

/// <summary>From segments to a backbone's input: leads and rate.</summary>
public sealed class SegmentInputsTests
{
    private static readonly InputContract EcgFm = new(12, 500, 2500, 16, 16);
    private static readonly InputContract Speech = new(1, 16_000, 16_000, 400, 320);

    private readonly SegmentSet _segments = new([.. Enumerable.Range(0, 1200).Select(i => MathF.Sin(i / 20f))], [0, 1], 600, samplingRateHz: 360);

    [Fact]
    public void A_segment_goes_to_lead_I_and_the_others_are_zero()
    {
        using var scope = NewDisposeScope();
        var input = Inputs(new PreprocessingRecipe { Resampling = ResamplingKind.Stretch }, EcgFm).Inputs([0, 1]);
        Assert.Equal([2L, 12, 2500], input.shape);
        Numbers.Close(Inputs(new PreprocessingRecipe { InputLength = 2500 }, Speech).Inputs([0, 1]), input.select(1, 0), 0, "lead I");
        Assert.Equal(0, input.narrow(1, 1, 11).abs().max().item<float>());
    }

    [Fact]
    public void Or_to_all_leads()
    {
        using var scope = NewDisposeScope();
        var alone = Inputs(new PreprocessingRecipe(), EcgFm).Inputs([1]);
        var all = Inputs(new PreprocessingRecipe { Leads = LeadPlacement.All }, EcgFm).Inputs([1]);
        Assert.Equal(alone.shape, all.shape);
        for (var lead = 0; lead < 12; lead++) Numbers.Close(alone.select(1, 0), all.select(1, lead), 0, $"lead {lead}");
        Assert.Equal([1L, 16_000], Inputs(new PreprocessingRecipe { Leads = LeadPlacement.All }, Speech).Inputs([1]).shape);
    }

    [Fact]
    public void Masked_leads_are_zero_the_others_as_they_were()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(new PreprocessingRecipe { Leads = LeadPlacement.All }, EcgFm);
        var whole = inputs.Inputs([0, 1]);
        var masked = inputs.Inputs([0, 1], (new AugmentationStrength(0, 0, 0, 0, LeadMasking: 0.5), 7));
        var left = 0;
        for (var row = 0; row < 2; row++)
            for (var lead = 0; lead < 12; lead++)
            {
                var one = masked[row, lead];
                if (one.abs().max().item<float>() == 0) continue;
                left++;
                Numbers.Close(whole[row, lead], one, 0, $"row {row}, lead {lead}");
            }
        Assert.InRange(left, 2, 23);
        Numbers.Close(masked, inputs.Inputs([0, 1], (new AugmentationStrength(0, 0, 0, 0, LeadMasking: 0.5), 7)), 0, "the same seed");
    }

    [Fact]
    public void With_resampling_to_the_rate_a_second_stays_a_second()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(new PreprocessingRecipe { Resampling = ResamplingKind.Rate }, EcgFm);
        Assert.Equal(834, inputs.Length); // 600 samples at 360 Hz, at 500 Hz
        Assert.Equal(52, EcgFm.FramesOf(inputs.Length));
        // The same wave, sampled at the other rate; the filter needs some samples at the ends.
        var expected = tensor(Enumerable.Range(0, 834).Select(i => MathF.Sin(i * 360f / 500 / 20)).ToArray()).narrow(0, 50, 700);
        Numbers.Close(expected, inputs.Inputs([0]).select(1, 0).squeeze(0).narrow(0, 50, 700), 1e-2, "the wave");

        var unknown = Assert.Throws<UserInputException>(() => new PreprocessingRecipe { Resampling = ResamplingKind.Rate }.Resampler(_segments.WithSamplingRate(null), EcgFm));
        Assert.Contains("data.samplingRateHz", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_default_ecg_models_get_a_second_as_a_second_where_the_rate_is_known_and_speech_models_a_stretch()
    {
        var auto = new PreprocessingRecipe();
        Assert.Equal((834, 16_000), (Inputs(auto, EcgFm).Length, Inputs(auto, Speech).Length));
        Assert.Equal((ResamplingKind.Rate, ResamplingKind.Stretch), (auto.Resolved(_segments, EcgFm).Resampling, auto.Resolved(_segments, Speech).Resampling));
        Assert.Equal(2500, auto.Resampler(_segments.WithSamplingRate(null), EcgFm).OutputLength);
        Assert.Equal(700, (auto with { InputLength = 700 }).Resampler(_segments, EcgFm).OutputLength);
        Assert.Equal(400, (auto with { TargetRateHz = 240 }).Resampler(_segments, Speech).OutputLength);
        Assert.Equal("preprocessing.targetRateHz", Assert.Single((auto with { InputLength = 700, TargetRateHz = 240 }).Problems()).Path);
    }

    [Theory]
    [InlineData(2500, 156)]
    [InlineData(16, 1)]
    [InlineData(15, 0)]
    [InlineData(300, 18)]
    public void Frames_out_follow_from_the_contract(int samples, int frames) => Assert.Equal(frames, EcgFm.FramesOf(samples));

    private SegmentInputs Inputs(PreprocessingRecipe recipe, InputContract contract) =>
        new(PreparedSegments.Of(_segments, new SignalFilters(), NormalizationKind.None), _segments.Labels, contract, recipe.Resampler(_segments, contract), recipe.Leads);
}
