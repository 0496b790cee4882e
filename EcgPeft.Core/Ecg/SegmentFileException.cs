namespace EcgPeft.Core.Ecg;

/// <summary>A file of segments or groups cannot be used as it is. The message names row and column where they are known.</summary>
public sealed class SegmentFileException : UserInputException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">One sentence: what is wrong, where, and what to do.</param>
    /// <param name="row">Line of the file, counted from 1 (a header line counts), or null.</param>
    /// <param name="column">Column, counted from 1, or null.</param>
    /// <param name="inner">The technical cause, for logs only.</param>
    public SegmentFileException(string message, int? row = null, int? column = null, Exception? inner = null)
        : base(message, inner!)
    {
        Row = row;
        Column = column;
    }

    /// <summary>Line of the file, counted from 1 (a header line counts), as an editor or a spreadsheet shows it; or null.</summary>
    public int? Row { get; }

    /// <summary>Column, counted from 1; or null.</summary>
    public int? Column { get; }
}
