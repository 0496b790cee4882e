using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Benchmarks;

/// <summary>
/// What the Python libraries do step by step, on the same libtorch: float32, everything computed in every step, libtorch's own
/// dropout and fused attention, adapters beside the weights; gradients only where something is trained, and the product's own
/// flat optimiser, which is quicker than theirs. Kept for comparison only.
/// </summary>
/// <param name="base">Which backbone.</param>
/// <param name="model">Backbone and method, in float32.</param>
/// <param name="inputs">The segments.</param>
internal sealed class PlainPath(BaseModel @base, PeftModel model, SegmentInputs inputs) : IDisposable
{
    private readonly AdamW optimizer = new(model.Trainable, weightDecay: 0.01);
    private long step;

    /// <summary>One training step.</summary>
    /// <param name="rows">The batch.</param>
    public void Train(int[] rows)
    {
        using var scope = NewDisposeScope();
        model.Classifier.eval(); // the product's own dropouts off; libtorch's are below
        optimizer.ZeroGradients();
        var loss = functional.cross_entropy(Logits(rows, training: true), inputs.Targets(rows));
        _ = loss.item<float>();
        loss.backward();
        optimizer.Step(++step, learningRate: 1e-4, maxGradientNorm: 1);
    }

    /// <summary>Logits of rows, a batch at a time.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="batchSize">Rows a batch.</param>
    public void Evaluate(int[] rows, int batchSize)
    {
        using var _ = no_grad();
        model.Classifier.eval();
        foreach (var batch in rows.Chunk(batchSize))
        {
            using var scope = NewDisposeScope();
            Logits(batch, training: false).data<float>().ToArray();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => optimizer.Dispose();

    private Tensor Logits(int[] rows, bool training)
    {
        var backbone = model.Classifier.Backbone;
        var hidden = Dropped(backbone.Embed(inputs.Inputs(rows), attentionMask: null).Hidden, BaseModel.Hidden, training);
        foreach (var layer in backbone.Layers) hidden = Layer(layer, hidden, training);
        return model.Classifier.Head.Logits(hidden, frameMask: null);
    }

    private Tensor Layer(TransformerLayer layer, Tensor hidden, bool training)
    {
        var attention = layer.Attention;
        Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], attention.Heads, -1).transpose(1, 2);
        var mixed = functional.scaled_dot_product_attention(
            Split(attention.Query.forward(hidden)), Split(attention.Key.forward(hidden)), Split(attention.Value.forward(hidden)), p: training ? BaseModel.Hidden : 0);
        var attended = Dropped(attention.Output.forward(mixed.transpose(1, 2).reshape(hidden.shape)), BaseModel.Hidden, training);
        if (layer.Adapter is not null) attended = layer.Adapter.AfterAttention(attended);
        var input = layer.AttentionNorm.forward(hidden + attended);
        var wide = Dropped(functional.gelu(layer.Intermediate.forward(input)), @base.InFeedForward, training);
        var fed = Dropped(layer.Output.forward(wide), BaseModel.Hidden, training);
        if (layer.Adapter is not null) fed = layer.Adapter.AfterFeedForward(fed, input);
        return layer.FinalNorm.forward(input + fed);
    }

    private static Tensor Dropped(Tensor x, double p, bool training) => training && p > 0 ? functional.dropout(x, p, training: true) : x;
}
