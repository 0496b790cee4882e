using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Core.Pretraining;

/// <summary>Segments as pre-training sees them: with the person of each where groups are known, and with leads masked at random.</summary>
public sealed class PretrainingInputs
{
    private readonly SegmentInputs segments;
    private readonly int leads;
    private readonly double leadMaskProbability;
    private readonly Dictionary<long, int[]> rowsOfPerson;

    /// <summary>Prepares segments.</summary>
    /// <param name="segments">The segments, brought to the backbone's input.</param>
    /// <param name="leads">Leads of the backbone's input.</param>
    /// <param name="groups">The person of each segment, or null.</param>
    /// <param name="rows">Rows that train; only they are drawn as partners.</param>
    /// <param name="leadMaskProbability">Probability that a lead is set to zero.</param>
    public PretrainingInputs(SegmentInputs segments, int leads, IReadOnlyList<string>? groups, IReadOnlyList<int> rows, double leadMaskProbability)
    {
        this.segments = segments;
        this.leads = leads;
        this.leadMaskProbability = leadMaskProbability;
        Persons = groups is null ? null : Numbers(groups);
        rowsOfPerson = Persons is null ? [] : rows.GroupBy(row => Persons[row]).ToDictionary(g => g.Key, g => g.Order().ToArray());
    }

    /// <summary>A number for the person of each row; null where groups are unknown.</summary>
    public long[]? Persons { get; }

    /// <summary>The input of some rows. A single-lead segment stands on every lead, each of which is then set to zero with the given probability; one is left.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="random">Where chance comes from; null masks no lead and leaves the segment on lead I, as fine-tuning has it.</param>
    /// <returns>[rows, T] for one lead, else [rows, leads, T].</returns>
    public Tensor Of(int[] rows, Random? random)
    {
        var input = segments.Inputs(rows);
        if (leads == 1 || random is null) return input;
        return input.narrow(1, 0, 1) * KeptLeads(rows.Length, leads, leadMaskProbability, random).unsqueeze(-1);
    }

    /// <summary>Another segment of the same person for each row, where there is one.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="random">Where chance comes from.</param>
    public int[] Partners(int[] rows, Random random) => [.. rows.Select(row =>
    {
        var own = rowsOfPerson.GetValueOrDefault(Persons![row], [row]);
        var at = Array.BinarySearch(own, row);
        if (at < 0) return own[random.Next(own.Length)];
        if (own.Length == 1) return row;
        var other = random.Next(own.Length - 1);
        return own[other >= at ? other + 1 : other];
    })];

    /// <summary>Which leads random lead masking leaves (Oh et al. 2022).</summary>
    /// <param name="rows">Segments.</param>
    /// <param name="leads">Leads.</param>
    /// <param name="probability">Probability that a lead is set to zero.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>1 or 0, float32 [rows, leads]; at least one 1 a row.</returns>
    public static Tensor KeptLeads(int rows, int leads, double probability, Random random)
    {
        var kept = new float[rows * leads];
        for (var row = 0; row < rows; row++)
        {
            var own = kept.AsSpan(row * leads, leads);
            for (var lead = 0; lead < leads; lead++) own[lead] = random.NextDouble() < probability ? 0 : 1;
            if (!own.Contains(1f)) own[random.Next(leads)] = 1;
        }
        return tensor(kept, [rows, leads], device: CPU);
    }

    private static long[] Numbers(IReadOnlyList<string> groups)
    {
        var numbers = groups.Distinct(StringComparer.Ordinal).Select((name, i) => (name, i)).ToDictionary(g => g.name, g => (long)g.i, StringComparer.Ordinal);
        return [.. groups.Select(name => numbers[name])];
    }
}
