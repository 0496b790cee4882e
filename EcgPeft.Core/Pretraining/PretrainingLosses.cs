using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Pretraining;

/// <summary>The objectives of the three families, as functions of tensors.</summary>
public static class PretrainingLosses
{
    /// <summary>
    /// Similarity of each masked frame's context with its target (first) and its distractors, by cosine over temperature
    /// (Baevski et al. 2020, equation 3). A distractor that equals the target is left out.
    /// </summary>
    /// <param name="context">What the transformer says of masked frames, [B, M, D].</param>
    /// <param name="targets">Quantised frames, [B, M, D].</param>
    /// <param name="negatives">Positions of distractors among the row's M frames, int64 [B, M, K].</param>
    /// <param name="temperature">Divides the cosines.</param>
    /// <returns>[B * M, 1 + K]; the target is class 0.</returns>
    public static Tensor ContrastiveLogits(Tensor context, Tensor targets, Tensor negatives, double temperature)
    {
        var (batch, masked, size, count) = (targets.shape[0], targets.shape[1], targets.shape[2], negatives.shape[2]);
        var distractors = targets.gather(1, negatives.reshape(batch, masked * count, 1).expand(-1, -1, size)).view(batch, masked, count, size);
        var same = distractors.eq(targets.unsqueeze(2)).all(-1);
        var candidates = cat([targets.unsqueeze(2), distractors], 2);
        var cosines = functional.cosine_similarity(context.unsqueeze(2), candidates, dim: -1, eps: 1e-8) / Constant.Of(temperature);
        var left = cat([zeros(batch, masked, 1, dtype: ScalarType.Bool, device: same.device), same], 2);
        return cosines.masked_fill(left, Constant.Of(double.NegativeInfinity)).view(batch * masked, 1 + count);
    }

    /// <summary>Mean cross entropy of class 0 over masked frames.</summary>
    /// <param name="logits">Output of <see cref="ContrastiveLogits"/>.</param>
    public static Tensor Contrastive(Tensor logits) => functional.cross_entropy(logits, zeros(logits.shape[0], dtype: ScalarType.Int64, device: logits.device));

    /// <summary>How unevenly codebooks are used (equation 4, as fairseq has it): (G V - sum of perplexities) / (G V); 0 is even use, (V - 1) / V one entry only.</summary>
    /// <param name="probabilities">Softmax of each frame over each codebook, [N, G, V].</param>
    public static Tensor Diversity(Tensor probabilities)
    {
        var entries = probabilities.shape[1] * probabilities.shape[2];
        return Constant.Of(1) - Perplexity(probabilities) / Constant.Of((double)entries);
    }

    /// <summary>exp of the entropy of the mean use of each codebook, summed over codebooks.</summary>
    /// <param name="probabilities">[N, G, V].</param>
    public static Tensor Perplexity(Tensor probabilities)
    {
        var mean = probabilities.mean([0L]);
        return (-(mean * (mean + Constant.Of(1e-7)).log()).sum(-1)).exp().sum();
    }

    /// <summary>
    /// CMSC (Kiyasseh et al. 2021; Oh et al. 2022): segments of one person are each other's targets among all of the batch, by cosine
    /// over temperature, in both directions. As in fairseq-signals no gradient flows through the norms.
    /// </summary>
    /// <param name="first">Pooled features of the first segments, [P, H].</param>
    /// <param name="second">Of the second segments, [P, H].</param>
    /// <param name="persons">The person of each pair, int64 [P].</param>
    /// <param name="temperature">Divides the cosines.</param>
    public static Tensor Cmsc(Tensor first, Tensor second, Tensor persons, double temperature)
    {
        var logits = matmul(Unit(first), Unit(second).transpose(0, 1)) / Constant.Of(temperature);
        var same = persons.unsqueeze(1).eq(persons.unsqueeze(0));
        Tensor OneWay(Tensor l) => -functional.log_softmax(l, -1).masked_select(same).mean();
        return (OneWay(logits) + OneWay(logits.transpose(0, 1))) * Constant.Of(0.5);
    }

    /// <summary>HuBERT's logits (Hsu et al. 2021, equation 3): cosine of each projected frame with each cluster's embedding, over temperature.</summary>
    /// <param name="projected">[N, D].</param>
    /// <param name="clusters">[K, D].</param>
    /// <param name="temperature">Divides the cosines.</param>
    /// <returns>[N, K].</returns>
    public static Tensor ClusterLogits(Tensor projected, Tensor clusters, double temperature) =>
        functional.cosine_similarity(projected.unsqueeze(1), clusters.unsqueeze(0), dim: -1, eps: 1e-8) / Constant.Of(temperature);

    private static Tensor Unit(Tensor x) => x / x.detach().norm(-1, keepdim: true, p: 2f).clamp_min(Constant.Of(1e-8));
}
