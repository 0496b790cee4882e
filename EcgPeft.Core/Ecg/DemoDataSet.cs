namespace EcgPeft.Core.Ecg;

/// <summary>The built-in data set: 4,000 synthetic segments of 40 virtual people.</summary>
internal static class DemoDataSet
{
    public const string Name = "Demo (synthetic ECG)";

    public const string Description = "Synthetic, not from patients: dynamical-model ECG (McSharry et al. 2003) of 40 virtual people, 600 samples at 360 Hz in millivolts; label 1 = contains a premature ventricular beat.";

    private const int Segments = 4000;
    private const int People = 40;
    private const int Seed = 2003;

    public static SegmentSet Make() => SyntheticEcg.Generate(Segments, People, Seed);
}
