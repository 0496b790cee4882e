namespace EcgPeft.Core.Training;

/// <summary>The loss became NaN or infinite; the message names the step and the learning rate and says what to do.</summary>
/// <param name="step">Global step.</param>
/// <param name="learningRate">Learning rate of that step.</param>
/// <param name="loss">The loss.</param>
public sealed class TrainingDivergedException(long step, double learningRate, double loss)
    : Exception($"The loss became {loss} at step {step} with learning rate {learningRate:G4}; try a lower learning rate or a smaller gradient norm limit.")
{
    /// <summary>The step as an event, so that the curve shows where it went wrong; it was not done, so it has no gradient norm and no speed.</summary>
    /// <param name="epoch">Epoch, from 1.</param>
    public StepEvent AsEvent(int epoch) => new(step, epoch, loss, learningRate, double.NaN, double.NaN);
}
