using EcgPeft.Core.Ecg.Import;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Data;

/// <summary>A file on its way in, with every choice that a person has made about it.</summary>
public sealed class ImportDraft
{
    /// <summary>The file on this machine.</summary>
    public required string Path { get; init; }

    public string? GroupsPath { get; init; }

    public string? LabelsPath { get; init; }

    /// <summary>The upload that it lies in, or null for a file that was there already.</summary>
    public Guid? Upload { get; init; }

    public string? Name { get; set; }

    public double? RateHz { get; set; }

    /// <summary>Empty for what is detected.</summary>
    public string Separator { get; set; } = "";

    public string DecimalSign { get; set; } = "";

    public string Header { get; set; } = "";

    public string? Label { get; set; }

    public string? Group { get; set; }

    public string? Record { get; set; }

    public int Length { get; set; } = new WfdbChoices().Length;

    public string Positive { get; set; } = new WfdbChoices().Positive;

    public int Margin { get; set; } = new WfdbChoices().Margin;

    public string Lead { get; set; } = new WfdbChoices().Lead;

    public Repairs Repairs { get; set; } = Repairs.None;

    public string FileName => System.IO.Path.GetFileName(Path.TrimEnd('/', '\\'));

    public bool IsWfdb => FileName.EndsWith(".hea", StringComparison.OrdinalIgnoreCase) || Directory.Exists(Path);

    public bool IsNumPy => FileName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name that is proposed: the file's without its endings.</summary>
    public string ProposedName => FileName.Split('.')[0] is { Length: > 0 } stem ? stem : FileName;

    public ImportRequest ToRequest() => new(Path)
    {
        Groups = GroupsPath,
        Labels = LabelsPath,
        SamplingRateHz = RateHz,
        Repairs = Repairs,
        Csv = new CsvChoices(
            Separator switch { "" => null, "tab" => '\t', var other => other[0] }, DecimalSign switch { "" => null, var sign => sign == "comma" },
            Header switch { "" => null, var there => there == "yes" }, Given(Label), Given(Group), Given(Record)),
        Wfdb = new WfdbChoices(Length, Positive.Trim(), Margin, Lead.Trim()),
    };

    /// <summary>What is done with a kind of defect, in words.</summary>
    public static string Words(Repair repair) => repair switch
    {
        Repair.Refuse => "refuse the file",
        Repair.Keep => "keep",
        Repair.Drop => "leave the row out",
        _ => "interpolate",
    };

    /// <summary>A kind of defect in words.</summary>
    public static string Words(DefectKind kind) => kind switch
    {
        DefectKind.Ragged => "Rows with another number of columns",
        DefectKind.Missing => "Empty cells",
        DefectKind.Text => "Cells that are not numbers",
        DefectKind.NonFinite => "NaN, infinite or too large",
        DefectKind.Label => "Labels that are neither 0 nor 1",
        DefectKind.Constant => "Flat segments",
        DefectKind.Clipped => "Segments that look clipped",
        DefectKind.Duplicate => "Segments that occur twice",
        _ => "Equal segments with different labels",
    };

    /// <summary>A range of values: four significant digits.</summary>
    public static string Words(float value) => value.ToString("G4", Show.Culture);

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
