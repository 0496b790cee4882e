using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// Convolution over time. libtorch 2.10 gives wrong numbers on some processors with AVX-512 where a kernel wider than 1 sees more than 16 channels
/// and not a multiple of 16 (20, 24, 40, …). There, channels of zeros fill the multiple up, of the output too, which is what the backward pass sees:
/// the sums stay what they are.
/// </summary>
public static class Convolution
{
    private const long Multiple = 16;

    static Convolution() => Nnpack.TurnOff();

    /// <summary>The same as <c>functional.conv1d</c>.</summary>
    /// <param name="input">[B, C, T].</param>
    /// <param name="weight">[O, C / groups, K].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="stride">Stride.</param>
    /// <param name="padding">Zeros at each end.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <returns>[B, O, F].</returns>
    public static Tensor Of(Tensor input, Tensor weight, Tensor? bias, long stride = 1, long padding = 0, long groups = 1)
    {
        var (channels, outputs) = (weight.shape[1], weight.shape[0] / groups);
        var (moreIn, moreOut) = (Lacking(channels, Multiple), Lacking(outputs, groups == 1 ? 0 : Multiple));
        if (weight.shape[2] == 1 || (moreIn == 0 && moreOut == 0)) return functional.conv1d(input, weight, bias, stride: stride, padding: padding, groups: groups);
        // Zeros after the channels of each group; the padding begins with the last dimension.
        var x = Filled(input, groups, moreIn);
        var w = functional.pad(weight.reshape(groups, outputs, channels, -1), new long[] { 0, 0, 0, moreIn, 0, moreOut }).flatten(0, 1);
        var y = functional.conv1d(x, w, stride: stride, padding: padding, groups: groups);
        y = y.reshape(y.shape[0], groups, outputs + moreOut, -1).narrow(2, 0, outputs).flatten(1, 2);
        return bias is null ? y : y + bias.unsqueeze(-1);
    }

    private static Tensor Filled(Tensor x, long groups, long more) =>
        functional.pad(x.reshape(x.shape[0], groups, x.shape[1] / groups, x.shape[2]), new long[] { 0, 0, 0, more }).flatten(1, 2);

    // Few channels are right as they are; few outputs of one group are not in the backward pass (8 of them gave NaN).
    private static long Lacking(long channels, long few) => channels <= few || channels % Multiple == 0 ? 0 : Multiple - channels % Multiple;
}
