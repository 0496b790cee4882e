using System.Diagnostics;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Training.Yardsticks;

/// <summary>What a classical method made of a split; a backbone with a PEFT method has to be better than these to be worth its cost.</summary>
/// <param name="Name">For files: lower-case letters and hyphens.</param>
/// <param name="Seed">Seed of the split and of everything random.</param>
/// <param name="Parameters">Trained parameters.</param>
/// <param name="Seconds">Wall time of training.</param>
/// <param name="Validation">Predictions of the validation split.</param>
/// <param name="Test">Predictions of the test split.</param>
public sealed record YardstickResult(string Name, int Seed, long Parameters, double Seconds, Predictions Validation, Predictions Test);

/// <summary>A classical method that needs no pre-trained model.</summary>
/// <param name="Name">For files: lower-case letters and hyphens.</param>
/// <param name="Title">For people.</param>
/// <param name="Description">What it is, in one sentence.</param>
public sealed record Yardstick(string Name, string Title, string Description)
{
    /// <summary>The share of label 1 in the training split, for every segment.</summary>
    public static Yardstick Majority { get; } = new("majority", "Majority class", "Gives every segment the training split's share of label 1, so it calls the commoner class.");

    /// <summary>Logistic regression on the samples.</summary>
    public static Yardstick Logistic { get; } = new("logistic-regression", "Logistic regression", "L2-regularised logistic regression (C = 1) on the normalised samples, solved exactly.");

    /// <summary>A small convolutional network trained from scratch.</summary>
    public static Yardstick Cnn { get; } = new("small-cnn", "Small 1-D CNN", "Four convolutions with batch norm on the normalised samples, trained from scratch; the epoch with the lowest validation loss is kept.");

    /// <summary>All of them, the simplest first.</summary>
    public static IReadOnlyList<Yardstick> All { get; } = [Majority, Logistic, Cnn];

    /// <summary>Trains it on the training split and predicts the others.</summary>
    /// <param name="normalised">Segments after normalisation, N x L.</param>
    /// <param name="length">L.</param>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="split">Which segments train, validate and test.</param>
    /// <param name="seed">Everything random.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public YardstickResult Run(float[] normalised, int length, ReadOnlyMemory<byte> labels, DataSplit split, int seed, CancellationToken stop)
    {
        var data = new YardstickData(normalised, length, labels);
        var clock = Stopwatch.StartNew();
        var (parameters, probabilities) = Name switch
        {
            "majority" => (1, rows => Enumerable.Repeat(data.Share(split.Training), rows.Length).ToArray()),
            "logistic-regression" => LogisticRegression.Train(data, split.Training),
            _ => SmallCnn.Train(data, split, seed, stop),
        };
        var seconds = clock.Elapsed.TotalSeconds;
        Predictions Of(int[] rows) => new(rows, data.LabelsOf(rows), probabilities(rows));
        return new YardstickResult(Name, seed, parameters, seconds, Of(split.Validation), Of(split.Test));
    }
}

/// <summary>Segments as the classical methods take them.</summary>
internal sealed record YardstickData(float[] Normalised, int Length, ReadOnlyMemory<byte> Labels)
{
    public byte[] LabelsOf(int[] rows) => Array.ConvertAll(rows, row => Labels.Span[row]);

    public double Share(int[] rows) => rows.Average(row => (double)Labels.Span[row]);

    /// <summary>The samples of some rows, one after the other.</summary>
    public float[] Samples(int[] rows)
    {
        var samples = new float[rows.Length * Length];
        for (var i = 0; i < rows.Length; i++) Array.Copy(Normalised, rows[i] * Length, samples, i * Length, Length);
        return samples;
    }
}
