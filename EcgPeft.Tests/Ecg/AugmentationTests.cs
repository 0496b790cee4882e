using EcgPeft.Core.Ecg;

namespace EcgPeft.Tests.Ecg;

public class AugmentationTests
{
    private static readonly float[] Segment = SyntheticEcg.Generate(4, 2, 1).Segment(0).ToArray();

    [Fact]
    public void The_seed_decides_and_zero_is_off()
    {
        Assert.Equal(Segment, Varied(new(0, 0, 0, 0), 1));
        foreach (var strength in new AugmentationStrength[] { new(0.2, 0, 0, 0), new(0, 0.1, 0, 0), new(0, 0, 0.1, 0), new(0, 0, 0, 0.5) })
        {
            Assert.Equal(Varied(strength, 1), Varied(strength, 1));
            Assert.NotEqual(Varied(strength, 1), Varied(strength, 2));
            Assert.NotEqual(Segment, Varied(strength, 1));
        }
    }

    [Fact]
    public void A_gain_keeps_the_mean_and_a_shift_keeps_the_samples()
    {
        var scaled = Varied(new(0.2, 0, 0, 0), 3);
        Assert.Equal(Segment.Average(), scaled.Average(), 1e-4f);
        var gain = (scaled[0] - scaled[300]) / (Segment[0] - Segment[300]);
        Assert.Equal(gain, (scaled[100] - scaled[500]) / (Segment[100] - Segment[500]), 1e-2f);

        // One after the other, both directions occur.
        var shifts = Enumerable.Range(0, 20).Select(seed => Varied(new(0, 0.1, 0, 0), seed)).Select(By).ToList();
        Assert.All(shifts, by => Assert.InRange(by, -60, 60));
        Assert.Contains(shifts, by => by < 0);
        Assert.Contains(shifts, by => by > 0);
    }

    [Fact]
    public void Noise_and_wander_have_their_size()
    {
        var deviation = Deviation(Segment);
        Assert.Equal(0.1, Deviation([.. Varied(new(0, 0, 0.1, 0), 5).Zip(Segment, (a, b) => a - b)]) / deviation, 0.015);
        for (var seed = 0; seed < 20; seed++)
            Assert.All(Varied(new(0, 0, 0, 0.5), seed).Zip(Segment, (a, b) => Math.Abs(a - b)), difference => Assert.InRange(difference, 0, 0.5 * deviation + 1e-5));
    }

    [Fact]
    public void A_lead_mask_keeps_at_least_one_lead_and_its_share()
    {
        var masks = Enumerable.Range(0, 500).Select(seed => Augmentation.LeadMask(12, 0.5, new Random(seed))).ToList();
        Assert.Equal(masks[3], Augmentation.LeadMask(12, 0.5, new Random(3)));
        Assert.InRange(masks.Average(mask => mask.Sum()), 5.5, 6.5);
        Assert.All(Enumerable.Range(0, 200), seed => Assert.InRange(Augmentation.LeadMask(3, 0.95, new Random(seed)).Sum(), 1, 3));
    }

    private static int By(float[] shifted) =>
        Enumerable.Range(-60, 121).Single(by => Enumerable.Range(0, 600).All(i => shifted[i] == Segment[Math.Clamp(i - by, 0, 599)]));

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(v => Math.Pow(v - values.Average(x => (double)x), 2)));

    private static float[] Varied(AugmentationStrength strength, int seed)
    {
        var copy = Segment.ToArray();
        Augmentation.Apply(copy, strength, new Random(seed));
        return copy;
    }
}
