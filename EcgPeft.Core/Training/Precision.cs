namespace EcgPeft.Core.Training;

/// <summary>Element type of products with frozen weights. Whatever is trained, norms, softmax, loss and optimiser are float32 always.</summary>
public enum Precision
{
    /// <summary>bfloat16 where this machine multiplies it faster and the model is large enough to gain by it, else float32.</summary>
    Auto,

    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,
}
