using EcgPeft.Core.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019) with PyTorch's defaults, over one flat buffer of all trained tensors: one update a step
/// whatever their number, and a state of three tensors that a checkpoint holds by name order.
/// </summary>
public sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly IReadOnlyList<TrainableTensor> tensors;
    private readonly Tensor decay;

    /// <summary>Starts with the tensors' present values and zero moments.</summary>
    /// <param name="tensors">What is trained, in a fixed order.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    /// <param name="decayBiasesAndNorms">Whether it also applies to tensors of one dimension, as in PyTorch's default.</param>
    public AdamW(IReadOnlyList<TrainableTensor> tensors, double weightDecay, bool decayBiasesAndNorms = false)
    {
        this.tensors = tensors;
        using var _ = no_grad();
        Weights = cat([.. tensors.Select(t => t.Parameter.detach().reshape(-1))]).clone();
        FirstMoment = zeros_like(Weights);
        SecondMoment = zeros_like(Weights);
        decay = cat([.. tensors.Select(t => full([t.Parameter.numel()], t.Parameter.dim() > 1 || decayBiasesAndNorms ? weightDecay : 0.0, device: t.Parameter.device))]);
        foreach (var tensor in new[] { Weights, FirstMoment, SecondMoment, decay }) tensor.DetachFromDisposeScope();
    }

    /// <summary>Present values of all trained tensors, flat.</summary>
    public Tensor Weights { get; }

    /// <summary>Running mean of gradients, flat.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Running mean of squared gradients, flat.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var tensor in tensors) tensor.Parameter.grad?.zero_();
    }

    /// <summary>One update from the tensors' gradients.</summary>
    /// <param name="step">Global step, from 1 (bias correction).</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="maxGradientNorm">Gradients are scaled down to this norm; 0 leaves them as they are.</param>
    /// <returns>The gradients' Euclidean norm before clipping.</returns>
    public double Step(long step, double learningRate, double maxGradientNorm)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradient = Gradient();
        var norm = gradient.norm().item<float>();
        Update(gradient, norm, step, learningRate, maxGradientNorm);
        return norm;
    }

    /// <summary>The tensors' gradients, flat.</summary>
    public Tensor Gradient() => cat([.. tensors.Select(t => (t.Parameter.grad ?? zeros_like(t.Parameter)).reshape(-1))]);

    /// <summary>One update.</summary>
    /// <param name="gradient">Flat; overwritten where it is clipped.</param>
    /// <param name="norm">Its Euclidean norm.</param>
    /// <param name="step">Global step, from 1 (bias correction).</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="maxGradientNorm">Gradients are scaled down to this norm; 0 leaves them as they are.</param>
    public void Update(Tensor gradient, double norm, long step, double learningRate, double maxGradientNorm)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var correction1 = 1 - Math.Pow(Beta1, step);
        var correction2 = 1 - Math.Pow(Beta2, step);
        // Scalars that live as long as the calls that read them: see Constant.
        using var clipping = (maxGradientNorm > 0 && norm > maxGradientNorm ? maxGradientNorm / (norm + 1e-6) : 1).ToScalar();
        using var rate = learningRate.ToScalar();
        using var root = Math.Sqrt(correction2).ToScalar();
        using var stride = (-learningRate / correction1).ToScalar();
        if (maxGradientNorm > 0 && norm > maxGradientNorm) gradient.mul_(clipping);

        Weights.sub_(Weights * decay * rate);
        FirstMoment.mul_(Constant.Of(Beta1)).add_(gradient, alpha: Constant.Of(1 - Beta1));
        SecondMoment.mul_(Constant.Of(Beta2)).addcmul_(gradient, gradient, value: Constant.Of(1 - Beta2));
        var denominator = SecondMoment.sqrt().div_(root).add_(Constant.Of(Epsilon));
        Weights.addcdiv_(FirstMoment, denominator, value: stride);
        CopyToParameters(Weights);
    }

    /// <summary>Gives the trained tensors the values of a flat buffer.</summary>
    /// <param name="flat">As long as <see cref="Weights"/>.</param>
    public void CopyToParameters(Tensor flat)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        long start = 0;
        foreach (var tensor in tensors)
        {
            var count = tensor.Parameter.numel();
            tensor.Parameter.copy_(flat.narrow(0, start, count).view(tensor.Parameter.shape));
            start += count;
        }
    }

    /// <summary>Takes over the tensors' values after something else than a step has changed them.</summary>
    public void CopyFromParameters()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Weights.copy_(cat([.. tensors.Select(t => t.Parameter.reshape(-1))]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in new[] { Weights, FirstMoment, SecondMoment, decay }) tensor.Dispose();
    }
}
