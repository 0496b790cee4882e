using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// Queries, keys and values as one product in bfloat16: the three frozen weights lie one below the other, and low-rank updates
/// are two thin products for all three together. They share one dropout mask, since they have the same input.
/// </summary>
internal sealed class JoinedProjections : IDisposable
{
    private readonly IReadOnlyList<Projection> parts;
    private readonly Tensor weight;
    private Tensor? merged;

    /// <summary>Joins layers of the same input and puts them into bfloat16.</summary>
    /// <param name="parts">Layers with bias whose weights are frozen.</param>
    /// <param name="copy">Their weights as bfloat16, one below the other, [sum of out, in]; disposed with this.</param>
    public JoinedProjections(IReadOnlyList<Projection> parts, Tensor copy)
    {
        this.parts = parts;
        weight = copy.DetachFromDisposeScope();
        long start = 0;
        foreach (var part in parts)
        {
            part.UseBf16(weight.narrow(0, start, part.OutFeatures));
            part.Joined = (this, start);
            start += part.OutFeatures;
        }
    }

    /// <summary>The frozen weights of some layers as bfloat16, one below the other.</summary>
    /// <param name="parts">Layers of the same input.</param>
    public static Tensor Copy(IReadOnlyList<Projection> parts)
    {
        using var _ = no_grad();
        return cat([.. parts.Select(p => p.Weight.to(ScalarType.BFloat16))]);
    }

    /// <summary>All outputs side by side, or null where a part has a method that is not low-rank.</summary>
    /// <param name="input">[B, F, in].</param>
    /// <returns>[B, F, sum of out].</returns>
    public Tensor? Forward(Tensor input)
    {
        var updates = parts.Select(p => p.Update is null || p.UpdateIsMerged ? null : p.Update.AsLowRank()).ToArray();
        if (parts.Zip(updates).Any(p => p.First.Update is not null && !p.First.UpdateIsMerged && p.Second is null)) return null;
        var thin = updates.OfType<LowRank>().ToList();
        if (thin.Select(t => t.Dropout).Distinct().Count() > 1) return null;

        var x = Projection.Bf16(input);
        var bias = parts[0].Bias is null ? null : cat([.. parts.Select(p => p.BiasInBf16!)]);
        var plain = functional.linear(x, merged ?? weight, bias);
        if (thin.Count == 0) return plain;
        var down = cat([.. thin.Select(t => t.Down)], 0).to(ScalarType.BFloat16);
        var narrow = FastDropout.Apply(x, thin[0].Dropout, parts[0].training).view(-1, x.shape[2]).mm(down.t());
        var wide = plain.shape[2];
        return addmm(plain.view(-1, wide), narrow, Up(updates, down.shape[0]).t(), beta: 1, alpha: 1).view(x.shape[0], x.shape[1], wide);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        merged?.Dispose();
        weight.Dispose();
    }

    /// <summary>Rows of a copy of the weights, in which updates may be merged: the frozen ones are never written to.</summary>
    internal Tensor MergedPlace(long start, long rows) => (merged ??= weight.clone().DetachFromDisposeScope()).narrow(0, start, rows);

    /// <summary>Gives that copy back.</summary>
    internal void EndMerged()
    {
        merged?.Dispose();
        merged = null;
    }

    /// <summary>The up-matrices on a block diagonal, [sum of out, sum of ranks].</summary>
    private Tensor Up(LowRank?[] updates, long ranks)
    {
        var rows = new List<Tensor>();
        long before = 0;
        foreach (var (part, update) in parts.Zip(updates))
        {
            var rank = update?.Up.shape[1] ?? 0;
            if (update is null) rows.Add(zeros(part.OutFeatures, ranks, device: weight.device));
            else rows.Add(functional.pad(update.Up * Constant.Of(update.Scale), [before, ranks - before - rank]));
            before += rank;
        }
        return cat([.. rows], 0).to(ScalarType.BFloat16);
    }
}
