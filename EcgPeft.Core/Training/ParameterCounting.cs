using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;

namespace EcgPeft.Core.Training;

/// <summary>How many parameters a run would train, and what it would save.</summary>
/// <param name="Trainable">PEFT parameters and head.</param>
/// <param name="Total">All parameters, frozen ones included.</param>
/// <param name="AdapterBytes">Exact size of <c>adapter_model.safetensors</c>; at the most where <see cref="PeftConfig.AdapterShrinks"/>.</param>
public sealed record ParameterCounts(long Trainable, long Total, long AdapterBytes);

/// <summary>Counts parameters without loading weights.</summary>
public static class ParameterCounting
{
    /// <summary>Counts by building the model with its method on the meta device.</summary>
    /// <param name="modelFolder">The model's folder; only <c>config.json</c> is read.</param>
    /// <param name="config">The method.</param>
    /// <exception cref="UserInputException">The config or the method's settings are wrong.</exception>
    public static ParameterCounts Count(string modelFolder, PeftConfig config)
    {
        using var model = PeftModel.Inject(ModelFolder.Describe(modelFolder), config, new MetaWeights());
        return new ParameterCounts(model.TrainableParameters, model.TotalParameters, model.AdapterBytes());
    }
}
