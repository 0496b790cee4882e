using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Training.Yardsticks;

/// <summary>A 1-D convolutional network of some 26,000 parameters, trained from scratch with AdamW.</summary>
internal static class SmallCnn
{
    private const int Epochs = 20;
    private const int BatchSize = 32;
    private const double LearningRate = 2e-3;
    private const int Shortest = 64;

    public static (long Parameters, Func<int[], double[]> Probabilities) Train(YardstickData data, DataSplit split, int seed, CancellationToken stop)
    {
        if (data.Length < Shortest) throw new UserInputException($"The small CNN needs segments of at least {Shortest} samples; these have {data.Length}. Leave it out with --yardsticks.");
        var probabilities = Fit(data, split, seed, stop, out var parameters);
        return (parameters, rows => Array.ConvertAll(rows, row => probabilities[row]));
    }

    /// <summary>The probability of every row of validation and test, by the weights of the best epoch.</summary>
    private static Dictionary<int, double> Fit(YardstickData data, DataSplit split, int seed, CancellationToken stop, out long parameters)
    {
        manual_seed((long)SeededWeights.SeedOf(seed, "small-cnn"));
        using var network = Build();
        parameters = network.parameters().Sum(p => p.numel());
        using var optimizer = optim.AdamW(network.parameters(), LearningRate, weight_decay: 0.01);
        var validationLabels = data.LabelsOf(split.Validation);
        var total = Epochs * BatchOrder.StepsPerEpoch(split.Training.Length, BatchSize);
        var (step, bestLoss) = (0L, double.PositiveInfinity);
        Dictionary<int, double> best = [];
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            network.train();
            foreach (var rows in BatchOrder.Of(split.Training, BatchSize, seed, epoch))
            {
                stop.ThrowIfCancellationRequested();
                using var undisturbed = NoCollection.Begin();
                using var scope = NewDisposeScope();
                foreach (var group in optimizer.ParamGroups) group.LearningRate = LearningRateSchedule.At(++step, total, 0.1, LearningRate);
                optimizer.zero_grad();
                functional.cross_entropy(network.forward(Input(data, rows)), tensor(data.LabelsOf(rows).Select(label => (long)label).ToArray())).backward();
                optimizer.step();
            }
            network.eval();
            var validation = Predict(network, data, split.Validation);
            // Not by AUROC, which soon stands still: batch norm's running averages take some epochs until probabilities mean something.
            var loss = BinaryMetrics.Compute(validationLabels, validation).LogLoss;
            if (loss >= bestLoss) continue;
            bestLoss = loss;
            best = split.Validation.Zip(validation).Concat(split.Test.Zip(Predict(network, data, split.Test))).ToDictionary(p => p.First, p => p.Second);
        }
        return best;
    }

    private static Module<Tensor, Tensor> Build()
    {
        Nnpack.TurnOff();
        return Sequential(
            Conv1d(1, 16, 15, stride: 4, padding: 7), BatchNorm1d(16), ReLU(),
            Conv1d(16, 32, 7, stride: 2, padding: 3), BatchNorm1d(32), ReLU(),
            Conv1d(32, 48, 5, stride: 2, padding: 2), BatchNorm1d(48), ReLU(),
            Conv1d(48, 64, 5, stride: 2, padding: 2), BatchNorm1d(64), ReLU(),
            AdaptiveAvgPool1d(1), Flatten(), Linear(64, 2));
    }

    private static Tensor Input(YardstickData data, int[] rows) => tensor(data.Samples(rows), rows.Length, 1, data.Length);

    private static double[] Predict(Module<Tensor, Tensor> network, YardstickData data, int[] rows)
    {
        using var _ = no_grad();
        using var undisturbed = NoCollection.Begin();
        using var scope = NewDisposeScope();
        return functional.softmax(network.forward(Input(data, rows)).to(ScalarType.Float64), 1).select(1, 1).contiguous().data<double>().ToArray();
    }
}
