using System.Numerics;
using System.Runtime.InteropServices;
using CsvHelper;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>Reads the samples and the label of the line on which a CSV reader stands: at once where all is well, else cell by cell with a sentence for each defect.</summary>
/// <param name="reader">The reader.</param>
/// <param name="dialect">How numbers are written.</param>
/// <param name="layout">What the columns mean.</param>
/// <param name="says">The sentences.</param>
/// <param name="add">Takes a defect down (kind, row, column from 0, sentence) and says what is to be done.</param>
internal sealed class CsvRowReader(CsvReader reader, CsvDialect dialect, SegmentColumns layout, CsvSentences says, Func<DefectKind, int, int?, Func<string>, Repair> add)
{
    private readonly List<int> gaps = [];

    /// <summary>Reads the row.</summary>
    /// <param name="row">Line of the file, from 1.</param>
    /// <param name="samples">Receives the L samples.</param>
    /// <param name="label">Its label; 0 where there is none.</param>
    /// <returns>False where the row is left out.</returns>
    public bool Read(int row, Span<float> samples, out byte label) => Plain(samples, out label) || Careful(samples, row, out label);

    // Nearly every row: all cells are numbers, and none needs a second look. False leaves the row to the careful way.
    private bool Plain(Span<float> samples, out byte label)
    {
        label = 0;
        if (MayHoldGrouping()) return false;
        var (labelColumn, group, record, sample) = (layout.Label, layout.Group, layout.Record, 0);
        var given = 0f;
        for (var column = 0; column < layout.Columns; column++)
        {
            if (column == group || column == record) continue;
            if (!reader.TryParse<float>(column, out var value)) return false;
            if (column == labelColumn) given = value;
            else samples[sample++] = value;
        }
        if (given is not (0f or 1f) || !FiniteWithoutSign(samples)) return false;
        label = (byte)given;
        return true;
    }

    // -0 becomes 0: the same number, the same content hash.
    private static bool FiniteWithoutSign(Span<float> samples)
    {
        var blocks = MemoryMarshal.Cast<float, Vector<float>>(samples);
        var wrong = Vector<float>.Zero;
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] += Vector<float>.Zero;
            wrong += blocks[i] - blocks[i]; // 0, or NaN where it is not finite
        }
        var finite = Vector.EqualsAll(wrong, Vector<float>.Zero);
        foreach (ref var value in samples[(blocks.Length * Vector<float>.Count)..])
        {
            value += 0f;
            finite &= float.IsFinite(value);
        }
        return finite;
    }

    // Cell by cell.
    private bool Careful(Span<float> samples, int row, out byte label)
    {
        label = 0;
        gaps.Clear();
        var (drop, sample) = (false, 0);
        var grouped = MayHoldGrouping();
        for (var column = 0; column < layout.Columns; column++)
        {
            if (column == layout.Group || column == layout.Record) continue;
            var isLabel = column == layout.Label;
            if (reader.TryParse<float>(column, out var value) && float.IsFinite(value) && !(grouped && HoldsOtherSign(column)))
            {
                if (!isLabel) samples[sample++] = value + 0f;
                else if (value is 0f or 1f) label = (byte)value;
                else drop |= add(DefectKind.Label, row, column, () => says.NoLabel(reader.GetString(column), row, column)) != Repair.Keep;
                continue;
            }
            var repair = Wrong(row, column, isLabel);
            if (repair == Repair.Interpolate) gaps.Add(sample);
            else drop = true;
            if (!isLabel) samples[sample++] = float.NaN;
        }
        return !drop && (gaps.Count == 0 || Interpolation.Fill(samples, gaps));
    }

    private Repair Wrong(int row, int column, bool isLabel)
    {
        var cell = reader.GetString(column);
        var kind = string.IsNullOrWhiteSpace(cell) ? DefectKind.Missing
            : reader.TryParse<float>(column, out var value) && !float.IsFinite(value) ? DefectKind.NonFinite
            : DefectKind.Text;
        // A label cannot be interpolated.
        return add(isLabel ? DefectKind.Label : kind, row, column, () => isLabel ? says.NoLabel(cell, row, column) : kind == DefectKind.NonFinite ? says.NotFinite(cell, row, column) : says.NotANumber(cell, row, column));
    }

    // The parser takes the other sign for a thousands separator: 0,5 among decimal points would become 5.
    private bool MayHoldGrouping()
    {
        var sign = dialect.DecimalComma ? (byte)'.' : (byte)',';
        var raw = reader.RawRecord;
        return dialect.Separator == sign ? raw.Contains((byte)'"') : raw.Contains(sign);
    }

    private bool HoldsOtherSign(int column) => reader.GetSpan(column).Contains(dialect.DecimalComma ? (byte)'.' : (byte)',');
}
