using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Benchmarks;

/// <summary>The product's own training step and prediction, on cached frames.</summary>
/// <param name="model">Backbone and method.</param>
/// <param name="frames">The cached frames.</param>
/// <param name="inputs">The segments.</param>
/// <param name="recipe">Settings.</param>
internal sealed class ProductPath(PeftModel model, FrozenFrames frames, SegmentInputs inputs, Recipe recipe) : IDisposable
{
    private readonly AdamW optimizer = new(model.Trainable, recipe.Training.WeightDecay);
    private readonly ClassificationLoss loss = new(recipe.Training, inputs.Labels.ToArray());
    private long step;

    /// <summary>One training step.</summary>
    /// <param name="rows">The batch.</param>
    public void Train(int[] rows) => Trainer.Step(model, frames, inputs, rows, recipe, loss, optimizer, hook: null, ++step, epoch: 1, totalSteps: 1_000_000);

    /// <summary>Probabilities of rows.</summary>
    /// <param name="rows">Row numbers.</param>
    public void Evaluate(int[] rows) => Predictor.Probabilities(model, frames, rows);

    /// <inheritdoc/>
    public void Dispose() => optimizer.Dispose();
}
