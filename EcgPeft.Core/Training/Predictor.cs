using EcgPeft.Core.Peft;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>Probabilities of label 1.</summary>
public static class Predictor
{
    /// <summary>Frames that go through the layers at once: enough for large products, few enough for the processor's caches.</summary>
    private const long FramesAtOnce = 1000;

    /// <summary>Predicts some rows in evaluation mode, with the method merged into the weights where that is possible.</summary>
    /// <param name="model">The model; it is afterwards as it was.</param>
    /// <param name="frames">What enters the first transformer layer that is trained.</param>
    /// <param name="rows">Row numbers.</param>
    /// <returns>Probability of label 1, softmax of the two logits, in the order of the rows.</returns>
    public static double[] Probabilities(PeftModel model, FrozenFrames frames, IReadOnlyList<int> rows)
    {
        var classifier = model.Classifier;
        var training = classifier.training;
        var merges = model.Config.WhyNotMergeable is null && !model.Merged;
        classifier.eval();
        using var _ = no_grad();
        if (merges) model.Merge();
        try
        {
            var probabilities = new double[rows.Count];
            var done = 0;
            foreach (var batch in rows.Chunk((int)Math.Max(1, FramesAtOnce / frames.FramesOfSegment)))
            {
                using var undisturbed = NoCollection.Begin();
                using var scope = NewDisposeScope();
                var logits = classifier.FromFrames(frames.Of(batch)).to(ScalarType.Float64).cpu().data<double>().ToArray();
                for (var i = 0; i < batch.Length; i++) probabilities[done++] = 1 / (1 + Math.Exp(logits[2 * i] - logits[2 * i + 1]));
            }
            return probabilities;
        }
        finally
        {
            if (merges) model.Unmerge();
            if (training) classifier.train();
        }
    }
}
