namespace EcgPeft.Core.Backbones;

/// <summary>What a backbone expects and gives; preprocessing follows it.</summary>
/// <param name="Leads">Channels of its input.</param>
/// <param name="SamplingRateHz">Rate that it was pre-trained at.</param>
/// <param name="Length">Samples a segment is brought to by default.</param>
/// <param name="ReceptiveField">Samples that one frame sees, which is also the shortest input.</param>
/// <param name="Hop">Samples between two frames.</param>
public sealed record InputContract(int Leads, double SamplingRateHz, int Length, long ReceptiveField, long Hop);
