using System.Numerics;

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>
/// Forward and backward through second-order sections, so that no phase is shifted (Gustafsson, IEEE Trans Signal Process
/// 44(4):988-992, 1996). Ends as SciPy's <c>sosfiltfilt</c>: the signal is continued by its odd reflection, and the sections begin as if
/// the first value had always been there. A recursion cannot be vectorised along time, so as many segments as the processor has lanes go
/// through at once.
/// </summary>
public sealed class ZeroPhaseFilter
{
    private readonly Biquad[] sections;
    private readonly Vector<double>[] rest1;
    private readonly Vector<double>[] rest2;

    /// <summary>Prepares a filter.</summary>
    /// <param name="sections">At least one second-order section, with b2 and a2 in use.</param>
    public ZeroPhaseFilter(Biquad[] sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        this.sections = sections;
        Padding = 3 * (2 * sections.Length + 1);
        (rest1, rest2) = (new Vector<double>[sections.Length], new Vector<double>[sections.Length]);
        var input = 1.0; // what a constant 1 has become before each section
        for (var s = 0; s < sections.Length; s++)
        {
            var (section, output) = (sections[s], input * sections[s].GainAtZero);
            rest2[s] = new(section.B2 * input - section.A2 * output);
            rest1[s] = new Vector<double>(section.B1 * input - section.A1 * output) + rest2[s];
            input = output;
        }
    }

    /// <summary>Samples that are added at each end; a segment must be longer.</summary>
    public int Padding { get; }

    /// <summary>Filters lanes of segments in place.</summary>
    /// <param name="lanes">Sample by sample, one segment in each lane; longer than <see cref="Padding"/>.</param>
    /// <exception cref="ArgumentException">The segments are too short.</exception>
    public void Apply(Span<Vector<double>> lanes)
    {
        if (lanes.Length <= Padding) throw new ArgumentException($"A segment must have more than {Padding} samples.", nameof(lanes));
        var padded = new Vector<double>[lanes.Length + 2 * Padding];
        lanes.CopyTo(padded.AsSpan(Padding));
        var (first, last) = (lanes[0], lanes[^1]);
        for (var i = 1; i <= Padding; i++)
        {
            padded[Padding - i] = first + first - lanes[i];
            padded[Padding + lanes.Length - 1 + i] = last + last - lanes[^(i + 1)];
        }
        Run(padded);
        Array.Reverse(padded);
        Run(padded);
        Array.Reverse(padded);
        padded.AsSpan(Padding, lanes.Length).CopyTo(lanes);
    }

    // Direct form II transposed.
    private void Run(Span<Vector<double>> signal)
    {
        var start = signal[0];
        for (var s = 0; s < sections.Length; s++)
        {
            var (b0, b1, b2) = (new Vector<double>(sections[s].B0), new Vector<double>(sections[s].B1), new Vector<double>(sections[s].B2));
            var (a1, a2) = (new Vector<double>(sections[s].A1), new Vector<double>(sections[s].A2));
            var (state1, state2) = (rest1[s] * start, rest2[s] * start);
            for (var i = 0; i < signal.Length; i++)
            {
                var x = signal[i];
                var y = b0 * x + state1;
                state1 = b1 * x - a1 * y + state2;
                state2 = b2 * x - a2 * y;
                signal[i] = y;
            }
        }
    }
}
