using EcgPeft.Core.Reports.Figures;

namespace EcgPeft.Core.Reports.Document;

/// <summary>A piece of a report, whatever it is written as.</summary>
public abstract record ReportBlock;

/// <summary>A heading.</summary>
/// <param name="Level">2 for a chapter, 3 for a section.</param>
/// <param name="Text">Its text.</param>
public sealed record HeadingBlock(int Level, string Text) : ReportBlock;

/// <summary>A paragraph of plain text.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Emphasised">Whether it is set apart: an answer.</param>
public sealed record ParagraphBlock(string Text, bool Emphasised = false) : ReportBlock;

/// <summary>A list.</summary>
/// <param name="Items">Plain texts.</param>
public sealed record ListBlock(IReadOnlyList<string> Items) : ReportBlock;

/// <summary>A table; the first column names the row.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells.</param>
/// <param name="Words">Columns, from 0, that hold words and are set to the left; the first always is.</param>
public sealed record TableBlock(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<int>? Words = null) : ReportBlock;

/// <summary>Figures side by side where there is room.</summary>
/// <param name="Figures">The figures.</param>
public sealed record FiguresBlock(IReadOnlyList<Figure> Figures) : ReportBlock;

/// <summary>Commands or files.</summary>
/// <param name="Text">The lines.</param>
public sealed record CodeBlock(string Text) : ReportBlock;

/// <summary>A report.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Subtitle">What it is about, and when it was made.</param>
/// <param name="Blocks">Its content.</param>
public sealed record ReportDocument(string Title, string Subtitle, IReadOnlyList<ReportBlock> Blocks)
{
    /// <summary>All figures in order.</summary>
    public IEnumerable<Figure> Figures => Blocks.OfType<FiguresBlock>().SelectMany(block => block.Figures);
}
