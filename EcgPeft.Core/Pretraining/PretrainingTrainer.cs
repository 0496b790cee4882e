using System.Diagnostics;
using System.Globalization;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Core.Pretraining;

/// <summary>One iteration of pre-training: HuBERT has one for each clustering, the others one in all.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Count">Number of iterations.</param>
/// <param name="Model">Gives the model with which it begins.</param>
public sealed record PretrainingIteration(int Number, int Count, Func<PretrainingModel> Model);

/// <summary>
/// The loop of pre-training: fine-tuning's optimiser, schedule, batch order, checkpoints and events around another loss. Everything
/// random is a function of seed and step, so that a resumed run goes on exactly.
/// </summary>
public static class PretrainingTrainer
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(30);

    /// <summary>Trains one iteration from where the checkpoint stands to its end.</summary>
    /// <param name="iteration">Which one.</param>
    /// <param name="inputs">The segments.</param>
    /// <param name="training">Rows that train.</param>
    /// <param name="validation">Rows that are held out.</param>
    /// <param name="recipe">Settings and seed.</param>
    /// <param name="checkpointFolder">Where the resumable state is kept; what is there is resumed.</param>
    /// <param name="report">Receives events.</param>
    /// <param name="finished">Receives the model at the end of the iteration.</param>
    /// <param name="stop">Finish the present step, write a checkpoint, return.</param>
    /// <returns>Completed is false when it was stopped.</returns>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    public static TrainingResult Train(
        PretrainingIteration iteration, PretrainingInputs inputs, int[] training, int[] validation, Recipe recipe, string checkpointFolder, Action<RunEvent> report, Action<PretrainingModel> finished, CancellationToken stop)
    {
        var settings = recipe.Training;
        var stepsPerEpoch = BatchOrder.StepsPerEpoch(training.Length, settings.BatchSize);
        var (steps, first) = (stepsPerEpoch * settings.Epochs, stepsPerEpoch * settings.Epochs * (iteration.Number - 1));
        using var model = iteration.Model();
        var trainable = model.Trainable();
        var count = trainable.Sum(t => t.Parameter.numel());
        report(new PlanEvent(settings.Epochs * iteration.Count, stepsPerEpoch, steps * iteration.Count, training.Length, validation.Length, 0, count, count));

        using var optimizer = new AdamW(trainable, settings.WeightDecay);
        var names = trainable.Select(t => t.Name).ToList();
        var position = new TrainingPosition { Step = first, EpochLossSum = 0, Seconds = 0, Tensors = names };
        if (TrainingCheckpoint.Load(checkpointFolder, names, message => report(new LogEvent("warning", message))) is { } saved)
        {
            // What lies there at the start of a later iteration belongs to the one before.
            position = saved.Position.Step > first ? saved.Position : position with { Seconds = saved.Position.Seconds };
            if (position.Step > first)
            {
                Restore(optimizer, saved.Tensors);
                report(new LogEvent("info", $"Goes on after step {position.Step} of {steps * iteration.Count}."));
            }
            foreach (var tensor in saved.Tensors.Values) tensor.Dispose();
        }

        var clock = Stopwatch.StartNew();
        var secondsBefore = position.Seconds;
        var sinceCheckpoint = Stopwatch.StartNew();
        TrainingPosition Now() => position with { Seconds = secondsBefore + clock.Elapsed.TotalSeconds };
        void Checkpoint()
        {
            TrainingCheckpoint.Save(checkpointFolder, Now(), optimizer, best: null);
            sinceCheckpoint.Restart();
        }

        var epoch = (int)(position.Step / stepsPerEpoch) + 1;
        for (; epoch <= settings.Epochs * iteration.Number; epoch++)
        {
            var epochClock = Stopwatch.StartNew();
            var batches = BatchOrder.Of(training, settings.BatchSize, recipe.Seed, epoch);
            for (var i = (int)(position.Step % stepsPerEpoch); i < batches.Count; i++)
            {
                if (stop.IsCancellationRequested)
                {
                    // Before its first step an iteration has nothing to keep, and the end of the one before must stay.
                    if (position.Step > first) Checkpoint();
                    return new TrainingResult(false, position.Step, epoch - 1, epoch - 1, Now().Seconds);
                }
                StepEvent done;
                try
                {
                    done = Step(model, inputs, batches[i], recipe, optimizer, position.Step + 1, position.Step + 1 - first, steps, epoch);
                }
                catch (TrainingDivergedException e)
                {
                    report(e.AsEvent(epoch));
                    throw;
                }
                position = position with { Step = done.Step, EpochLossSum = position.EpochLossSum + done.Loss };
                report(done);
                if (i + 1 < batches.Count && sinceCheckpoint.Elapsed > CheckpointInterval) Checkpoint();
            }

            var (loss, parts) = Validate(model, inputs, validation, recipe, position.Step - first);
            var trainingLoss = position.EpochLossSum / stepsPerEpoch;
            position = position with { EpochLossSum = 0 };
            report(new EpochEvent(epoch, position.Step, trainingLoss, loss, null, epochClock.Elapsed.TotalSeconds, false));
            report(new LogEvent("info", $"Held-out segments after epoch {epoch}: {string.Join(", ", parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Value:G4}")))}."));
            Checkpoint();
        }
        finished(model);
        return new TrainingResult(true, position.Step, epoch - 1, epoch - 1, Now().Seconds);
    }

    private static StepEvent Step(PretrainingModel model, PretrainingInputs inputs, int[] rows, Recipe recipe, AdamW optimizer, long step, long stepOfIteration, long stepsOfIteration, int epoch)
    {
        var clock = Stopwatch.StartNew();
        var learningRate = LearningRateSchedule.At(stepOfIteration, stepsOfIteration, recipe.Training.WarmupFraction, recipe.Training.LearningRate);
        manual_seed((long)SeededWeights.SeedOf(recipe.Seed, $"step/{step}"));
        using var undisturbed = NoCollection.Begin();
        using var scope = NewDisposeScope();
        model.train();
        optimizer.ZeroGradients();
        var loss = model.Loss(Batch(model, inputs, rows, recipe, $"batch/{step}", stepOfIteration));
        var value = (double)loss.Total.item<float>();
        if (!double.IsFinite(value)) throw new TrainingDivergedException(step, learningRate, value);
        loss.Total.backward();
        var norm = optimizer.Step(stepOfIteration, learningRate, recipe.Training.MaxGradientNorm);
        return new StepEvent(step, epoch, value, learningRate, norm, rows.Length / clock.Elapsed.TotalSeconds);
    }

    /// <summary>Mean loss and parts over held-out rows, with the same masks each time, without dropout and noise.</summary>
    private static (double Loss, IReadOnlyList<(string Name, double Value)> Parts) Validate(PretrainingModel model, PretrainingInputs inputs, int[] rows, Recipe recipe, long step)
    {
        model.eval();
        using var _ = no_grad();
        double loss = 0;
        var sums = new List<(string Name, double Value)>();
        foreach (var (batch, number) in rows.Chunk(recipe.Training.BatchSize).Select((batch, i) => (batch, i)))
        {
            using var undisturbed = NoCollection.Begin();
            using var scope = NewDisposeScope();
            var found = model.Loss(Batch(model, inputs, batch, recipe, $"validation/{number}", step));
            var share = (double)batch.Length / rows.Length;
            loss += found.Total.item<float>() * share;
            sums = [.. found.Parts.Select((part, i) => (part.Name, (i < sums.Count ? sums[i].Value : 0) + part.Value.item<float>() * share))];
        }
        return (loss, sums);
    }

    private static PretrainingBatch Batch(PretrainingModel model, PretrainingInputs inputs, int[] rows, Recipe recipe, string name, long step)
    {
        var settings = recipe.Pretraining!;
        var random = new Random((int)(SeededWeights.SeedOf(recipe.Seed, name) & int.MaxValue));
        var paired = model.Paired && inputs.Persons is not null;
        var persons = paired ? rows.Select(row => inputs.Persons![row]).ToArray() : null;
        if (paired) rows = [.. rows, .. inputs.Partners(rows, random)];
        var input = inputs.Of(rows, random).to(model.Backbone.Device);
        var frames = (int)model.Backbone.Contract.FramesOf(input.shape[^1]);
        var mask = SpanMask.Draw(rows.Length, frames, settings.MaskProbability ?? model.DefaultMaskProbability, settings.MaskLength, random);
        return new PretrainingBatch(input, rows, mask, persons, random, step);
    }

    private static void Restore(AdamW optimizer, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var _ = no_grad();
        optimizer.Weights.copy_(tensors["weights"]);
        optimizer.FirstMoment.copy_(tensors["exp_avg"]);
        optimizer.SecondMoment.copy_(tensors["exp_avg_sq"]);
        optimizer.CopyToParameters(optimizer.Weights);
    }
}
