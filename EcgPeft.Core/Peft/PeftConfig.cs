using System.Text.Json.Serialization;

namespace EcgPeft.Core.Peft;

/// <summary>
/// A parameter-efficient fine-tuning method with its settings, as a recipe holds it (<c>peft.method</c> names it). The
/// classification head is always trained with it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraConfig), LoraConfig.MethodName)]
[JsonDerivedType(typeof(AdapterConfig), AdapterConfig.MethodName)]
public abstract record PeftConfig
{
    /// <summary>The method's name in recipes and tables: <c>lora</c>, <c>adapter</c>.</summary>
    [JsonIgnore] public abstract string Method { get; }

    /// <summary>Says in one sentence what is wrong with these settings, or null.</summary>
    public abstract string? Problem();
}

/// <summary>Low-rank adaptation (Hu et al. 2021): y = W x + (alpha / r) B A x, W frozen, A and B trained.</summary>
public sealed record LoraConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "lora";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r of the update.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Scale: the update is multiplied by alpha / r.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Dropout on the input of A while training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>
    /// Which linear modules get an update: a module matches when its path is one of these or ends in "." and one of these, as
    /// in the PEFT library. Null stands for the attention projections of the backbone.
    /// </summary>
    public IReadOnlyList<string>? TargetModules { get; init; }

    /// <inheritdoc/>
    public override string? Problem() =>
        Rank < 1 ? $"peft.rank is {Rank}; it must be at least 1."
        : !(Alpha > 0) ? $"peft.alpha is {Alpha}; it must be above 0."
        : Dropout is not (>= 0 and < 1) ? $"peft.dropout is {Dropout}; it must be at least 0 and below 1."
        : TargetModules is { Count: 0 } ? "peft.targetModules is empty; name at least one module or leave it out."
        : null;
}

/// <summary>Bottleneck adapter of Houlsby et al. 2019: x + up(act(down(x))) after attention and after the feed-forward block.</summary>
public sealed record AdapterConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "adapter";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Width of the bottleneck.</summary>
    public int BottleneckSize { get; init; } = 16;

    /// <summary>Dropout on the input of the adapter's down-projection while training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>Factor on the adapter's output.</summary>
    public double Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override string? Problem() =>
        BottleneckSize < 1 ? $"peft.bottleneckSize is {BottleneckSize}; it must be at least 1."
        : Dropout is not (>= 0 and < 1) ? $"peft.dropout is {Dropout}; it must be at least 0 and below 1."
        : !double.IsFinite(Scale) ? "peft.scale must be a finite number."
        : null;
}
