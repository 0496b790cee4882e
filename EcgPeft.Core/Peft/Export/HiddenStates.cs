using EcgPeft.Core.Backbones;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Export;

/// <summary>What a model computes of given inputs, under the names that the reference values have.</summary>
public static class HiddenStates
{
    /// <summary>Features of the convolutional encoder, the hidden states of every layer, and logits.</summary>
    /// <param name="classifier">The model, set to evaluation mode by this call; adapters in it are applied.</param>
    /// <param name="input">[B, T], or [B, leads, T].</param>
    /// <param name="attentionMask">1 for real samples, [B, T]; null when all are.</param>
    /// <param name="withLogits">Whether the head's output is given as well.</param>
    /// <returns>
    /// <c>conv_features</c> [B, C, F]; <c>hidden_states.0</c> (input of the first layer) to <c>hidden_states.N</c> and
    /// <c>last_hidden_state</c>, [B, F, H]; <c>logits</c> [B, 2]; with a mask <c>frame_lengths</c> [B].
    /// </returns>
    public static IReadOnlyDictionary<string, Tensor> Of(SequenceClassifier classifier, Tensor input, Tensor? attentionMask, bool withLogits)
    {
        using var _ = no_grad();
        classifier.eval();
        var backbone = classifier.Backbone;
        (input, attentionMask) = (input.to(backbone.Device), attentionMask?.to(backbone.Device));
        var frames = backbone.Embed(input, attentionMask);
        var found = new Dictionary<string, Tensor> { ["conv_features"] = backbone.ConvFeatures(input).contiguous(), ["hidden_states.0"] = frames.Hidden.contiguous() };
        var last = backbone.Encode(frames, (i, hidden) => found[$"hidden_states.{i + 1}"] = hidden.contiguous());
        found["last_hidden_state"] = last.contiguous();
        if (frames.FrameMask is { } mask) found["frame_lengths"] = mask.sum(1);
        if (withLogits) found["logits"] = classifier.Head.Logits(last, frames.FrameMask);
        return found;
    }

    /// <summary>Refuses inputs that a model cannot take, in one sentence.</summary>
    /// <param name="contract">What the model takes.</param>
    /// <param name="input">The inputs.</param>
    /// <param name="attentionMask">Their mask, or null.</param>
    /// <param name="name">The file they come from.</param>
    /// <exception cref="UserInputException">Their shape is wrong, or they are too short.</exception>
    public static void Check(InputContract contract, Tensor input, Tensor? attentionMask, string name)
    {
        var shape = $"[{string.Join(", ", input.shape)}]";
        var right = contract.Leads == 1 ? input.dim() == 2 : input.dim() == 3 && input.shape[1] == contract.Leads;
        if (!right) throw new UserInputException($"{name} holds input_values as {shape}, but this model takes {(contract.Leads == 1 ? "[segments, samples]" : $"[segments, {contract.Leads} leads, samples]")}.");
        if (input.shape[0] == 0 || input.shape[^1] < contract.ReceptiveField)
            throw new UserInputException($"{name} holds input_values as {shape}, but this model needs at least one segment of at least {contract.ReceptiveField} samples.");
        if (attentionMask is not null && !(attentionMask.dim() == 2 && attentionMask.shape[0] == input.shape[0] && attentionMask.shape[1] == input.shape[^1]))
            throw new UserInputException($"{name} holds attention_mask as [{string.Join(", ", attentionMask.shape)}], but for these input_values it must be [{input.shape[0]}, {input.shape[^1]}].");
        if (attentionMask is not null && attentionMask.to(ScalarType.Int64).sum(1).min().item<long>() < contract.ReceptiveField)
            throw new UserInputException($"{name} has a segment whose attention_mask leaves fewer than the {contract.ReceptiveField} samples that one frame needs.");
    }
}
