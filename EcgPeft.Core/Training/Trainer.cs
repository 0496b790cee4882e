using System.Diagnostics;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>What a finished training gives.</summary>
/// <param name="Completed">False when it was stopped; its checkpoint goes on from here.</param>
/// <param name="Step">Last finished step.</param>
/// <param name="EpochsTrained">Finished epochs.</param>
/// <param name="BestEpoch">Epoch whose weights the model now has.</param>
/// <param name="Seconds">Seconds of training, pauses taken out.</param>
/// <param name="Cost">What it cost, all sessions together; null where it was not measured.</param>
public sealed record TrainingResult(bool Completed, long Step, int EpochsTrained, int BestEpoch, double Seconds, TrainingCost? Cost = null);

/// <summary>
/// The training loop. It knows nothing of run folders, databases or pages: it reports events and writes its checkpoint. Runs
/// on one thread from start to end, since libtorch's gradient mode and dispose scopes belong to a thread.
/// </summary>
public static class Trainer
{
    /// <summary>Trains until the last epoch, early stopping or a stop request. The model ends with the best weights.</summary>
    /// <param name="model">The model; its trainable tensors are changed.</param>
    /// <param name="frames">What enters the first transformer layer.</param>
    /// <param name="inputs">Labels.</param>
    /// <param name="split">Training and validation rows.</param>
    /// <param name="recipe">Settings and seed.</param>
    /// <param name="checkpointFolder">Where the resumable state is kept; what is there is resumed.</param>
    /// <param name="report">Receives events.</param>
    /// <param name="stop">Finish the present step, write a checkpoint, return.</param>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    public static TrainingResult Train(
        PeftModel model, FrozenFrames frames, SegmentInputs inputs, DataSplit split, Recipe recipe, string checkpointFolder, Action<RunEvent> report, CancellationToken stop)
    {
        var settings = recipe.Training;
        var stepsPerEpoch = BatchOrder.StepsPerEpoch(split.Training.Length, settings.BatchSize);
        var totalSteps = stepsPerEpoch * settings.Epochs;
        report(new PlanEvent(settings.Epochs, stepsPerEpoch, totalSteps, split.Training.Length, split.Validation.Length, split.Test.Length, model.TrainableParameters, model.TotalParameters));

        using var optimizer = new AdamW(model.Trainable, settings.WeightDecay);
        using var hook = model.Config.Hook(model, totalSteps);
        var lossOf = new ClassificationLoss(settings, [.. split.Training.Select(row => inputs.Labels.Span[row])]);
        var names = model.Trainable.Select(t => t.Name).ToList();
        var position = new TrainingPosition { Step = 0, EpochLossSum = 0, Seconds = 0, Tensors = names };
        Tensor? best = null;
        if (TrainingCheckpoint.Load(checkpointFolder, names, message => report(new LogEvent("warning", message))) is { } saved)
        {
            position = saved.Position;
            best = Restore(optimizer, hook, saved.Tensors);
            report(new LogEvent("info", $"Goes on after step {position.Step} of {totalSteps}."));
        }

        var clock = new CostClock(position.Step == 0 ? null : position.Cost ?? new TrainingCost(position.Seconds, null, null, 0));
        var sinceCheckpoint = Stopwatch.StartNew();
        TrainingPosition Now() => clock.Now() is var cost ? position with { Seconds = cost.Seconds, Cost = cost } : position;
        void Checkpoint()
        {
            TrainingCheckpoint.Save(checkpointFolder, Now(), optimizer, best, hook?.State);
            sinceCheckpoint.Restart();
        }

        try
        {
            var epoch = (int)(position.Step / stepsPerEpoch) + 1;
            for (; epoch <= settings.Epochs && !ShouldStopEarly(settings, position, epoch - 1); epoch++)
            {
                if (epoch > settings.StopAfterEpoch)
                {
                    report(new LogEvent("info", $"Pauses after epoch {epoch - 1} of {settings.Epochs}, as training.stopAfterEpoch asks; the learning rate follows all {settings.Epochs}."));
                    return new TrainingResult(false, position.Step, epoch - 1, position.BestEpoch, Now().Seconds);
                }
                var epochClock = Stopwatch.StartNew();
                var batches = settings.Sampling == SamplingKind.Balanced
                    ? BatchOrder.Balanced(split.Training, inputs.Labels.Span, settings.BatchSize, recipe.Seed, epoch)
                    : BatchOrder.Of(split.Training, settings.BatchSize, recipe.Seed, epoch);
                for (var i = (int)(position.Step % stepsPerEpoch); i < batches.Count; i++)
                {
                    if (stop.IsCancellationRequested)
                    {
                        Checkpoint();
                        return new TrainingResult(false, position.Step, epoch - 1, position.BestEpoch, Now().Seconds);
                    }
                    if (i + 1 < batches.Count) frames.Prepare(batches[i + 1]);
                    StepEvent done;
                    try
                    {
                        done = Step(model, frames, inputs, batches[i], recipe, lossOf, optimizer, hook, position.Step + 1, epoch, totalSteps);
                    }
                    catch (TrainingDivergedException e)
                    {
                        report(e.AsEvent(epoch));
                        throw;
                    }
                    position = position with { Step = done.Step, EpochLossSum = position.EpochLossSum + done.Loss };
                    report(done);
                    // Not before the last batch of an epoch: the epoch's end is one unit with its validation.
                    if (i + 1 < batches.Count && (sinceCheckpoint.Elapsed.TotalSeconds > settings.CheckpointSeconds || (settings.CheckpointSteps > 0 && position.Step % settings.CheckpointSteps == 0))) Checkpoint();
                }

                var probabilities = Predictor.Probabilities(model, frames, split.Validation);
                var validation = Metrics(inputs, split.Validation, probabilities);
                var score = Score(settings.SelectionMetric, validation);
                var improved = (hook?.MayKeep(position.Step) ?? true) && (position.BestScore is null || score > position.BestScore);
                if (improved)
                {
                    best?.Dispose();
                    best = optimizer.Weights.clone().DetachFromDisposeScope();
                }
                var trainingLoss = position.EpochLossSum / stepsPerEpoch;
                position = position with
                {
                    EpochLossSum = 0,
                    BestScore = improved ? score : position.BestScore,
                    BestEpoch = improved ? epoch : position.BestEpoch,
                };
                report(new EpochEvent(epoch, position.Step, trainingLoss, validation.LogLoss, validation, epochClock.Elapsed.TotalSeconds, improved));
                Checkpoint();
            }

            if (epoch <= settings.Epochs)
                report(new LogEvent("info", $"Stopped early after epoch {epoch - 1}: no better {settings.SelectionMetric} since epoch {position.BestEpoch}."));
            if (best is not null) optimizer.CopyToParameters(best);
            var end = Now();
            return new TrainingResult(true, position.Step, epoch - 1, position.BestEpoch, end.Seconds, end.Cost);
        }
        finally
        {
            best?.Dispose();
        }
    }

    /// <summary>Metrics of predicted rows at threshold 0.5.</summary>
    /// <param name="inputs">Labels.</param>
    /// <param name="rows">Row numbers.</param>
    /// <param name="probabilities">Probability of label 1 a row.</param>
    public static BinaryMetrics Metrics(SegmentInputs inputs, IReadOnlyList<int> rows, double[] probabilities) =>
        BinaryMetrics.Compute(rows.Select(row => inputs.Labels.Span[row]).ToArray(), probabilities);

    /// <summary>One step of gradient descent.</summary>
    internal static StepEvent Step(
        PeftModel model, FrozenFrames frames, SegmentInputs inputs, int[] rows, Recipe recipe, ClassificationLoss lossOf, AdamW optimizer, ITrainingHook? hook, long step, int epoch, long totalSteps)
    {
        var clock = Stopwatch.StartNew();
        var learningRate = LearningRateSchedule.At(step, totalSteps, recipe.Training.WarmupFraction, recipe.Training.LearningRate);
        // Dropout's random numbers are a function of seed and step, so a resumed run draws the same ones.
        manual_seed((long)SeededWeights.SeedOf(recipe.Seed, $"step/{step}"));
        using var undisturbed = NoCollection.Begin();
        using var scope = NewDisposeScope();
        model.Classifier.train();
        optimizer.ZeroGradients();
        var entering = recipe.Augmentation.Strength() is { } strength
            ? frames.Varied(rows, strength, (int)(SeededWeights.SeedOf(recipe.Seed, $"augmentation/{step}") & int.MaxValue))
            : frames.Of(rows);
        var classifier = model.Classifier;
        var layers = recipe.Training.ActivationCheckpointing ? new CheckpointedLayers(classifier.Backbone, entering) : null;
        var logits = layers is null ? classifier.FromFrames(entering) : classifier.Head.Logits(layers.Hidden, entering.FrameMask);
        var loss = lossOf.Of(logits, inputs.Targets(rows).to(logits.device));
        var value = (double)loss.item<float>();
        if (!double.IsFinite(value)) throw new TrainingDivergedException(step, learningRate, value);
        (hook?.ExtraLoss() is { } extra ? loss + extra : loss).backward();
        layers?.Backward();
        var norm = optimizer.Step(step, learningRate, recipe.Training.MaxGradientNorm);
        if (hook?.AfterStep(step) == true) optimizer.CopyFromParameters();
        return new StepEvent(step, epoch, value, learningRate, norm, rows.Length / clock.Elapsed.TotalSeconds);
    }

    private static Tensor? Restore(AdamW optimizer, ITrainingHook? hook, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var _ = no_grad();
        optimizer.Weights.copy_(tensors["weights"]);
        optimizer.FirstMoment.copy_(tensors["exp_avg"]);
        optimizer.SecondMoment.copy_(tensors["exp_avg_sq"]);
        optimizer.CopyToParameters(optimizer.Weights);
        foreach (var (name, memory) in hook?.State ?? new Dictionary<string, Tensor>())
            memory.copy_(tensors[TrainingCheckpoint.MethodPrefix + name]);
        foreach (var (name, tensor) in tensors)
            if (name != "best") tensor.Dispose();
        return tensors.GetValueOrDefault("best")?.DetachFromDisposeScope();
    }

    private static bool ShouldStopEarly(TrainingRecipe settings, TrainingPosition position, int epochsDone) =>
        settings.Patience > 0 && position.BestEpoch > 0 && epochsDone - position.BestEpoch >= settings.Patience;

    /// <summary>What chooses the best epoch. Higher is better; AUROC that a one-class validation split does not define counts as no better than chance.</summary>
    /// <param name="metric">The recipe's selection metric.</param>
    /// <param name="validation">Metrics of the validation split.</param>
    public static double Score(SelectionMetric metric, BinaryMetrics validation) => metric switch
    {
        SelectionMetric.Auroc => validation.Auroc ?? 0.5,
        SelectionMetric.F1 => validation.F1,
        SelectionMetric.Accuracy => validation.Accuracy,
        SelectionMetric.Loss => -validation.LogLoss,
        _ => throw new InvalidOperationException($"Unknown selection metric {metric}."),
    };
}
