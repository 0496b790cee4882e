namespace EcgPeft.Core.Ecg.Import;

/// <summary>Counts every defect and lists the first of each kind.</summary>
internal sealed class DefectLog(Repairs repairs)
{
    /// <summary>More defects of one kind than this are counted, not listed.</summary>
    public const int ListedPerKind = 1000;

    private static readonly int Kinds = Enum.GetValues<DefectKind>().Length;

    private readonly int[] defects = new int[Kinds];
    private readonly int[] rows = new int[Kinds];
    private readonly int[] lastRow = new int[Kinds];
    private readonly List<SegmentDefect> listed = [];

    /// <summary>The first defect that no repair was chosen for, or null.</summary>
    public SegmentDefect? Refused { get; private set; }

    /// <summary>The first of each kind, in the order of rows.</summary>
    public IReadOnlyList<SegmentDefect> Listed => [.. listed.OrderBy(d => d.Row).ThenBy(d => d.Column ?? 0)];

    /// <summary>How often each kind that occurs does.</summary>
    public IReadOnlyList<DefectCount> Counts =>
        [.. Enum.GetValues<DefectKind>().Where(kind => defects[(int)kind] > 0).Select(kind => new DefectCount(kind, defects[(int)kind], rows[(int)kind], repairs[kind]))];

    /// <summary>Takes a defect down and says what is to be done. The sentence is made only where it is listed.</summary>
    public Repair Add(DefectKind kind, int row, int? column, int? other, Func<string> message)
    {
        var k = (int)kind;
        defects[k]++;
        if (lastRow[k] != row) rows[k]++;
        lastRow[k] = row;
        var repair = repairs[kind];
        if (defects[k] <= ListedPerKind || (repair == Repair.Refuse && Refused is null))
        {
            var defect = new SegmentDefect(kind, row, column, other, message());
            if (defects[k] <= ListedPerKind) listed.Add(defect);
            if (repair == Repair.Refuse) Refused ??= defect;
        }
        return repair;
    }
}
