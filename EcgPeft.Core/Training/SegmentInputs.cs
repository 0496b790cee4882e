using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Signal;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>Prepared segments, brought to a backbone's input a batch at a time.</summary>
public sealed class SegmentInputs
{
    private readonly PreparedSegments prepared;
    private readonly InputContract contract;
    private readonly SegmentResampler resampler;
    private readonly LeadPlacement leads;

    /// <summary>Prepares a data set whose segments are stretched.</summary>
    /// <param name="normalised">Segments after normalisation, N x L.</param>
    /// <param name="segmentLength">L.</param>
    /// <param name="labels">0 or 1 a segment.</param>
    /// <param name="contract">What the backbone expects.</param>
    /// <param name="inputLength">Samples to stretch a segment to; null for the backbone's own length.</param>
    /// <exception cref="UserInputException">The length is too short for the backbone.</exception>
    public SegmentInputs(float[] normalised, int segmentLength, ReadOnlyMemory<byte> labels, InputContract contract, int? inputLength)
        : this(PreparedSegments.Of(new SegmentSet(normalised, labels.ToArray(), segmentLength), new SignalFilters(), NormalizationKind.None), labels, contract, SegmentResampler.Stretch(inputLength ?? contract.Length))
    {
    }

    /// <summary>Prepares a data set.</summary>
    /// <param name="prepared">Segments, filtered and normalised as they are asked for.</param>
    /// <param name="labels">0 or 1 a segment.</param>
    /// <param name="contract">What the backbone expects.</param>
    /// <param name="resampler">From L samples to the input's.</param>
    /// <param name="leads">Where a segment goes in a model of several leads.</param>
    /// <exception cref="UserInputException">The inputs are too short for the backbone.</exception>
    public SegmentInputs(PreparedSegments prepared, ReadOnlyMemory<byte> labels, InputContract contract, SegmentResampler resampler, LeadPlacement leads = LeadPlacement.LeadI)
    {
        this.leads = leads;
        ArgumentNullException.ThrowIfNull(resampler);
        ArgumentNullException.ThrowIfNull(prepared);
        this.prepared = prepared;
        this.contract = contract;
        Labels = labels;
        this.resampler = resampler;
        Length = resampler.OutputLength;
        if (Length < contract.ReceptiveField)
            throw new UserInputException($"A segment becomes {Length} samples, but this backbone needs at least {contract.ReceptiveField} for one frame; set preprocessing.inputLength higher, or preprocessing.resampling to stretch.");
    }

    /// <summary>Samples of each input.</summary>
    public int Length { get; }

    /// <summary>0 or 1 a segment.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>The inputs of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>On the processor: [rows, Length] for one lead, else [rows, leads, Length] with the segment on lead I and the others zero, or on all, as asked for.</returns>
    public Tensor Inputs(ReadOnlySpan<int> rows) => Inputs(rows, varied: null);

    /// <summary>The inputs of some rows, varied at random.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="varied">How strongly, and the seed of the batch; null for as they are.</param>
    /// <returns>As without variation.</returns>
    public Tensor Inputs(ReadOnlySpan<int> rows, (AugmentationStrength Strength, int Seed)? varied)
    {
        var (segments, stretched) = (new float[rows.Length * prepared.Length], new float[rows.Length * Length]);
        prepared.Read(rows, segments);
        var random = varied is { } v ? new Random(v.Seed) : null;
        for (var i = 0; i < rows.Length; i++)
        {
            var segment = segments.AsSpan(i * prepared.Length, prepared.Length);
            if (varied is { } how) Augmentation.Apply(segment, how.Strength, random!);
            resampler.Apply(segment, stretched.AsSpan(i * Length, Length));
        }
        var placed = Placed(tensor(stretched, [rows.Length, Length], device: CPU));
        if (contract.Leads == 1 || leads != LeadPlacement.All || varied is not { Strength.LeadMasking: > 0 and var probability }) return placed;
        var mask = Enumerable.Range(0, rows.Length).SelectMany(_ => Augmentation.LeadMask(contract.Leads, probability, random!)).ToArray();
        return placed * tensor(mask, [rows.Length, contract.Leads, 1], device: CPU);
    }

    /// <summary>Resampled segments where the backbone expects them; slopes go through.</summary>
    /// <param name="lead">[B, Length].</param>
    /// <returns>[B, Length] for one lead, else [B, leads, Length].</returns>
    public Tensor Placed(Tensor lead)
    {
        ArgumentNullException.ThrowIfNull(lead);
        if (contract.Leads == 1) return lead;
        return leads == LeadPlacement.All ? lead.unsqueeze(1).repeat(1, contract.Leads, 1) : cat([lead.unsqueeze(1), zeros(lead.shape[0], contract.Leads - 1, lead.shape[1], device: lead.device)], 1);
    }

    /// <summary>SHA-256 of all that the inputs are made from: the segments and, since it is a fixed function of them, the first inputs.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var block in prepared.Stream()) hash.AppendData(MemoryMarshal.AsBytes(block.Span));
        using var scope = NewDisposeScope();
        hash.AppendData(Inputs([.. Enumerable.Range(0, Math.Min(4, Labels.Length))]).bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The labels of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>int64 [rows], on the processor.</returns>
    public Tensor Targets(ReadOnlySpan<int> rows)
    {
        var targets = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++) targets[i] = Labels.Span[rows[i]];
        return tensor(targets, device: CPU);
    }
}
