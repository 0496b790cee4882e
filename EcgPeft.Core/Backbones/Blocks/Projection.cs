using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// A linear layer of a backbone, y = x W^T + b, and the place where a PEFT method that changes a linear layer attaches: the
/// method's own tensors become children of this module, as in the PEFT library's files.
/// </summary>
public sealed class Projection : Module<Tensor, Tensor>
{
    private IProjectionUpdate? update;

    /// <summary>Takes <c>weight</c> [out, in] and, if asked, <c>bias</c> [out] from the scope.</summary>
    /// <param name="weights">Where they come from.</param>
    /// <param name="inFeatures">Inputs.</param>
    /// <param name="outFeatures">Outputs.</param>
    /// <param name="init">How the weight starts where it is new.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="biasInit">How the bias starts where it is new; null means zeros.</param>
    public Projection(WeightScope weights, long inFeatures, long outFeatures, WeightInit init, bool bias = true, WeightInit? biasInit = null) : base(nameof(Projection))
    {
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        Weight = weights.Parameter("weight", [outFeatures, inFeatures], init);
        register_parameter("weight", Weight);
        if (!bias) return;
        Bias = weights.Parameter("bias", [outFeatures], biasInit ?? WeightInit.Zeros);
        register_parameter("bias", Bias);
    }

    /// <summary>Number of inputs.</summary>
    public long InFeatures { get; }

    /// <summary>Number of outputs.</summary>
    public long OutFeatures { get; }

    /// <summary>W, [out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>b, [out], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>The PEFT method on this layer, or null.</summary>
    public IProjectionUpdate? Update => update;

    /// <summary>Whether the method's update is part of <see cref="Weight"/> at present, so that the plain layer is used.</summary>
    public bool UpdateIsMerged { get; set; }

    /// <summary>Puts a PEFT method on this layer.</summary>
    /// <param name="method">The method; its modules and parameters are registered here under their own names.</param>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Attach(IProjectionUpdate method)
    {
        if (update is not null) throw new InvalidOperationException("This linear layer has a PEFT method already.");
        update = method;
        foreach (var (name, module) in method.Modules) register_module(name, module);
        foreach (var (name, parameter) in method.Parameters) register_parameter(name, parameter);
    }

    /// <summary>The layer without any PEFT method.</summary>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    public Tensor Plain(Tensor input) => functional.linear(input, Weight, Bias);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => update is null || UpdateIsMerged ? Plain(input) : update.Apply(this, input);
}

/// <summary>A PEFT method on one linear layer.</summary>
public interface IProjectionUpdate
{
    /// <summary>The method's own modules, by the names they have in files.</summary>
    IEnumerable<(string Name, Module Module)> Modules => [];

    /// <summary>The method's own parameters that lie in no module, by the names they have in files.</summary>
    IEnumerable<(string Name, Parameter Parameter)> Parameters => [];

    /// <summary>The layer's output with the method applied.</summary>
    /// <param name="projection">The layer.</param>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    Tensor Apply(Projection projection, Tensor input);

    /// <summary>Weight and bias of the plain layer that gives the same outputs.</summary>
    /// <param name="projection">The layer.</param>
    /// <returns>[out, in], and [out] or null where the bias stays as it is.</returns>
    (Tensor Weight, Tensor? Bias) Merged(Projection projection);
}
