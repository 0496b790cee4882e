using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>Multi-head self-attention (Vaswani et al. 2017) with separate query, key, value and output projections.</summary>
public sealed class SelfAttention : Module<Tensor, Tensor?, Tensor>
{
    private readonly int heads;
    private readonly double dropout;
    private IAttentionPrefix? prefix;
    private JoinedProjections? joined;

    /// <summary>Takes <c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c> and <c>out_proj</c>, each [H, H] with bias, from the scope.</summary>
    /// <param name="weights">Scope of the attention.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="heads">Number of heads; divides H.</param>
    /// <param name="dropout">Dropout on the attention weights while training.</param>
    /// <param name="init">How new weights start.</param>
    public SelfAttention(WeightScope weights, int hiddenSize, int heads, double dropout, WeightInit init) : base(nameof(SelfAttention))
    {
        if (heads < 1 || hiddenSize % heads != 0) throw new UserInputException($"The config asks for {heads} attention heads, which do not divide the hidden size {hiddenSize}.");
        this.heads = heads;
        this.dropout = dropout;
        Query = new Projection(weights.Child("q_proj"), hiddenSize, hiddenSize, init);
        Key = new Projection(weights.Child("k_proj"), hiddenSize, hiddenSize, init);
        Value = new Projection(weights.Child("v_proj"), hiddenSize, hiddenSize, init);
        Output = new Projection(weights.Child("out_proj"), hiddenSize, hiddenSize, init);
        register_module("q_proj", Query);
        register_module("k_proj", Key);
        register_module("v_proj", Value);
        register_module("out_proj", Output);
    }

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Number of heads.</summary>
    public int Heads => heads;

    /// <summary>Projection of queries.</summary>
    public Projection Query { get; }

    /// <summary>Projection of keys.</summary>
    public Projection Key { get; }

    /// <summary>Projection of values.</summary>
    public Projection Value { get; }

    /// <summary>Projection of the joined heads.</summary>
    public Projection Output { get; }

    /// <summary>Whether a PEFT method adds keys and values.</summary>
    public bool HasPrefix => prefix is not null;

    /// <summary>Lets every frame also attend to keys and values that a PEFT method trains.</summary>
    /// <param name="method">The method.</param>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Attach(IAttentionPrefix method)
    {
        if (prefix is not null) throw new InvalidOperationException("This attention block has a prefix already.");
        prefix = method;
    }

    /// <summary>Attention of every frame to every frame, and to the prefix where there is one.</summary>
    /// <param name="hidden">[B, F, H].</param>
    /// <param name="keyMask">Added to the scores, [B, 1, 1, F]: 0 for a real frame, the lowest float for padding; or null.</param>
    /// <returns>[B, F, H].</returns>
    public override Tensor forward(Tensor hidden, Tensor? keyMask)
    {
        var (batch, frames, size) = (hidden.shape[0], hidden.shape[1], hidden.shape[2]);
        Tensor Split(Tensor x) => x.view(batch, -1, heads, size / heads).transpose(1, 2);
        if (prefix is null && joined?.Forward(hidden) is { } all)
        {
            var parts = all.view(batch, frames, 3, heads, size / heads).permute(2, 0, 3, 1, 4).contiguous().unbind(0);
            return Output.forward(Join(Mix(parts[0], parts[1], parts[2], keyMask)));
        }
        var (queries, keys, values) = (Query.forward(hidden), Key.forward(hidden), Value.forward(hidden));
        // One that is trained itself, or changed by a method, may be float32 beside frozen ones in bfloat16.
        if (Query.InBf16 || Key.InBf16 || Value.InBf16) (queries, keys, values) = (Projection.Bf16(queries), Projection.Bf16(keys), Projection.Bf16(values));
        if (prefix is not null)
        {
            var (prefixKeys, prefixValues) = prefix.KeysAndValues();
            keys = cat([prefixKeys.to(keys.dtype).unsqueeze(0).expand(batch, -1, -1), keys], 1);
            values = cat([prefixValues.to(values.dtype).unsqueeze(0).expand(batch, -1, -1), values], 1);
            if (keyMask is not null) keyMask = cat([zeros(batch, 1, 1, prefixKeys.shape[0], dtype: keyMask.dtype, device: keyMask.device), keyMask], -1);
        }
        return Output.forward(Join(Mix(Split(queries), Split(keys), Split(values), keyMask)));
    }

    /// <summary>From now on the frozen projections of queries, keys and values are computed in bfloat16, as one product.</summary>
    /// <param name="name">Name of the joined copy.</param>
    /// <param name="copies">Where it comes from.</param>
    internal void UseBf16(string name, Bf16Copies copies)
    {
        Projection[] parts = [Query, Key, Value];
        joined = new JoinedProjections(parts, copies.Take(name, () => JoinedProjections.Copy(parts), changed: parts.Any(p => p.IsChanged)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) joined?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// softmax(q k^T / sqrt(d)) v. libtorch's fused kernel for processors has no dropout, and its backward pass in bfloat16 takes
    /// three times as long as these products (docs/performance.md); everywhere else, and on other devices, it is the fastest.
    /// </summary>
    private Tensor Mix(Tensor queries, Tensor keys, Tensor values, Tensor? keyMask)
    {
        var dropped = training && dropout > 0;
        if (queries.device_type != TorchSharp.DeviceType.CPU) return functional.scaled_dot_product_attention(queries, keys, values, keyMask?.to(queries.dtype), dropped ? dropout : 0);
        if (!dropped && queries.dtype != ScalarType.BFloat16) return functional.scaled_dot_product_attention(queries, keys, values, keyMask);
        var scores = (queries * Constant.Of(1 / Math.Sqrt(queries.shape[3]))).matmul(keys.transpose(2, 3));
        if (keyMask is not null) scores = scores + keyMask.to(scores.dtype);
        // In float32: more exact than libtorch's bfloat16 softmax, and it takes 40 % of its time.
        var weights = functional.softmax(scores, -1, ScalarType.Float32).to(values.dtype);
        return FastDropout.Apply(weights, dropout, training).matmul(values);
    }

    private static Tensor Join(Tensor mixed) => mixed.transpose(1, 2).reshape(mixed.shape[0], mixed.shape[2], -1);
}

/// <summary>Keys and values that attention sees before the frames.</summary>
public interface IAttentionPrefix
{
    /// <summary>Both [positions, H], before they are split into heads.</summary>
    (Tensor Keys, Tensor Values) KeysAndValues();
}
