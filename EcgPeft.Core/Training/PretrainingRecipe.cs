namespace EcgPeft.Core.Training;

/// <summary>
/// Self-supervised pre-training (<c>pretraining</c> in a recipe); the backbone's family decides the objective: wav2vec 2.0's
/// contrastive one, HuBERT's prediction of clusters, or ECG-FM's contrastive one with CMSC and random lead masking. Defaults are
/// the papers'. See docs/methods.md.
/// </summary>
public sealed record PretrainingRecipe
{
    /// <summary>Starts from random weights and takes only the configuration of <c>backbone.model</c>; otherwise goes on from its weights.</summary>
    public bool FromScratch { get; init; }

    /// <summary>Share of frames that spans would cover if they did not overlap; null for the family's own (0.65; HuBERT 0.8).</summary>
    public double? MaskProbability { get; init; }

    /// <summary>Frames a masked span.</summary>
    public int MaskLength { get; init; } = 10;

    /// <summary>Factor on the gradients that reach the convolutional encoder.</summary>
    public double FeatureGradientScale { get; init; } = 0.1;

    /// <summary>Weight of the mean square of the convolutional encoder's output.</summary>
    public double FeaturePenalty { get; init; } = 10;

    /// <summary>Temperature of the cosine similarities in the main objective.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Width in which context and target are compared.</summary>
    public int ProjectionSize { get; init; } = 256;

    /// <summary>Contrastive: distractors a masked frame, drawn from the other masked frames of its segment.</summary>
    public int Negatives { get; init; } = 100;

    /// <summary>Contrastive: number of codebooks, G.</summary>
    public int Codebooks { get; init; } = 2;

    /// <summary>Contrastive: entries a codebook, V.</summary>
    public int CodebookEntries { get; init; } = 320;

    /// <summary>Contrastive: width of a quantised frame, all codebooks together.</summary>
    public int CodeSize { get; init; } = 256;

    /// <summary>Contrastive: temperature of the Gumbel softmax at the first step.</summary>
    public double GumbelStart { get; init; } = 2;

    /// <summary>Contrastive: the lowest temperature of the Gumbel softmax.</summary>
    public double GumbelEnd { get; init; } = 0.5;

    /// <summary>Contrastive: factor on the Gumbel softmax's temperature a step.</summary>
    public double GumbelDecay { get; init; } = 0.999995;

    /// <summary>Contrastive: weight of the diversity loss.</summary>
    public double DiversityWeight { get; init; } = 0.1;

    /// <summary>HuBERT: clusters in each iteration. From scratch the first clusters the waveform; every other one clusters hidden states.</summary>
    public IReadOnlyList<int> Clusters { get; init; } = [100, 500];

    /// <summary>HuBERT: layer, from 1, whose hidden states are clustered; null for the middle one.</summary>
    public int? ClusterLayer { get; init; }

    /// <summary>HuBERT: frames on which k-means is fitted, at the most.</summary>
    public int ClusterFrames { get; init; } = 20_000;

    /// <summary>ECG-FM: weight of CMSC, which draws segments of one person together; 0 leaves it out.</summary>
    public double CmscWeight { get; init; } = 1;

    /// <summary>ECG-FM: temperature of CMSC.</summary>
    public double CmscTemperature { get; init; } = 0.1;

    /// <summary>ECG-FM: probability that a lead is set to zero. At least one is left.</summary>
    public double LeadMaskProbability { get; init; } = 0.5;

    /// <summary>What is wrong with the settings themselves, by dotted path.</summary>
    internal IEnumerable<RecipeProblem> Problems()
    {
        static bool Share(double value) => value > 0 && value < 1;
        static bool Positive(double value) => value > 0 && double.IsFinite(value);
        static bool NotNegative(double value) => value >= 0 && double.IsFinite(value);
        RecipeProblem Wrong(string name, object? value, string must) => new($"pretraining.{name}", FormattableString.Invariant($"pretraining.{name} is {value}; it must be {must}."));

        if (MaskProbability is { } mask && !Share(mask)) yield return Wrong("maskProbability", mask, "between 0 and 1");
        if (MaskLength < 1) yield return Wrong("maskLength", MaskLength, "at least 1");
        if (!(FeatureGradientScale is >= 0 and <= 1)) yield return Wrong("featureGradientScale", FeatureGradientScale, "between 0 and 1");
        if (!NotNegative(FeaturePenalty)) yield return Wrong("featurePenalty", FeaturePenalty, "0 or above");
        if (!Positive(Temperature)) yield return Wrong("temperature", Temperature, "above 0");
        if (ProjectionSize < 1) yield return Wrong("projectionSize", ProjectionSize, "at least 1");
        if (Negatives < 1) yield return Wrong("negatives", Negatives, "at least 1");
        if (Codebooks < 1) yield return Wrong("codebooks", Codebooks, "at least 1");
        if (CodebookEntries < 2) yield return Wrong("codebookEntries", CodebookEntries, "at least 2");
        if (CodeSize < 1 || CodeSize % Math.Max(1, Codebooks) != 0) yield return Wrong("codeSize", CodeSize, "a multiple of pretraining.codebooks");
        if (!(Positive(GumbelEnd) && GumbelStart >= GumbelEnd && double.IsFinite(GumbelStart))) yield return Wrong("gumbelStart", GumbelStart, "at least pretraining.gumbelEnd, and both above 0");
        if (!(GumbelDecay is > 0 and <= 1)) yield return Wrong("gumbelDecay", GumbelDecay, "above 0 and at most 1");
        if (!NotNegative(DiversityWeight)) yield return Wrong("diversityWeight", DiversityWeight, "0 or above");
        if (Clusters.Count == 0 || Clusters.Any(k => k < 2)) yield return Wrong("clusters", $"[{string.Join(", ", Clusters)}]", "a list of numbers of 2 or more");
        if (ClusterLayer < 1) yield return Wrong("clusterLayer", ClusterLayer, "at least 1");
        if (ClusterFrames < 2) yield return Wrong("clusterFrames", ClusterFrames, "at least 2");
        if (!NotNegative(CmscWeight)) yield return Wrong("cmscWeight", CmscWeight, "0 or above");
        if (!Positive(CmscTemperature)) yield return Wrong("cmscTemperature", CmscTemperature, "above 0");
        if (!(LeadMaskProbability is >= 0 and < 1)) yield return Wrong("leadMaskProbability", LeadMaskProbability, "at least 0 and below 1");
    }
}
