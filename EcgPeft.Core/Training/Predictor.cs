using EcgPeft.Core.Backbones;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>Probabilities of label 1.</summary>
public static class Predictor
{
    private const int BatchSize = 64;

    /// <summary>Predicts some rows in evaluation mode.</summary>
    /// <param name="classifier">The classifier; its mode is set back afterwards.</param>
    /// <param name="frames">What enters the first transformer layer.</param>
    /// <param name="rows">Row numbers.</param>
    /// <returns>Probability of label 1, softmax of the two logits, in the order of the rows.</returns>
    public static double[] Probabilities(SequenceClassifier classifier, FrozenFrames frames, IReadOnlyList<int> rows)
    {
        var training = classifier.training;
        classifier.eval();
        using var _ = no_grad();
        var probabilities = new double[rows.Count];
        var done = 0;
        foreach (var batch in rows.Chunk(BatchSize))
        {
            using var scope = NewDisposeScope();
            var logits = classifier.FromFrames(frames.Of(batch)).to(ScalarType.Float64).data<double>().ToArray();
            for (var i = 0; i < batch.Length; i++) probabilities[done++] = 1 / (1 + Math.Exp(logits[2 * i] - logits[2 * i + 1]));
        }
        if (training) classifier.train();
        return probabilities;
    }
}
