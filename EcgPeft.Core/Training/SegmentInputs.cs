using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>Normalised segments, brought to a backbone's input a batch at a time.</summary>
public sealed class SegmentInputs
{
    private readonly float[] normalised;
    private readonly int segmentLength;
    private readonly InputContract contract;

    /// <summary>Prepares a data set.</summary>
    /// <param name="normalised">Segments after normalisation, N x L.</param>
    /// <param name="segmentLength">L.</param>
    /// <param name="labels">0 or 1 a segment.</param>
    /// <param name="contract">What the backbone expects.</param>
    /// <param name="inputLength">Samples to stretch a segment to; null for the backbone's own length.</param>
    /// <exception cref="UserInputException">The length is too short for the backbone.</exception>
    public SegmentInputs(float[] normalised, int segmentLength, ReadOnlyMemory<byte> labels, InputContract contract, int? inputLength)
    {
        this.normalised = normalised;
        this.segmentLength = segmentLength;
        this.contract = contract;
        Labels = labels;
        Length = inputLength ?? contract.Length;
        if (Length < contract.ReceptiveField)
            throw new UserInputException($"preprocessing.inputLength is {Length}, but this backbone needs at least {contract.ReceptiveField} samples for one frame.");
    }

    /// <summary>Samples of each input.</summary>
    public int Length { get; }

    /// <summary>0 or 1 a segment.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>The inputs of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>[rows, Length] for one lead, else [rows, leads, Length] with the segment on lead I and the others zero.</returns>
    public Tensor Inputs(ReadOnlySpan<int> rows)
    {
        var stretched = new float[rows.Length * Length];
        for (var i = 0; i < rows.Length; i++)
            Resampling.Linear(normalised.AsSpan(rows[i] * segmentLength, segmentLength), stretched.AsSpan(i * Length, Length));
        var lead = tensor(stretched, rows.Length, Length);
        if (contract.Leads == 1) return lead;
        var all = zeros(rows.Length, contract.Leads, Length);
        all.select(1, 0).copy_(lead);
        return all;
    }

    /// <summary>The labels of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>int64 [rows].</returns>
    public Tensor Targets(ReadOnlySpan<int> rows)
    {
        var targets = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++) targets[i] = Labels.Span[rows[i]];
        return tensor(targets);
    }
}
