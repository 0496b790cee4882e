using System.Globalization;
using System.IO.Compression;
using EcgPeft.Core;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Web.Live;

/// <summary>A report that was built here.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Title">Its title.</param>
/// <param name="BuiltUtc">When, UTC.</param>
internal sealed record BuiltReport(string Id, string Title, DateTime BuiltUtc);

/// <summary>A study in the data folder.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Study">The study.</param>
/// <param name="Completed">How many of its runs are completed.</param>
internal sealed record ShelvedStudy(string Id, Study Study, int Completed);

/// <summary>The reports of the data folder (<c>reports/{id}/</c>: <c>report.html</c>, <c>report.md</c>, <c>report.zip</c> with the figures' data), and the studies they can be about.</summary>
internal sealed class ReportShelf(DataRoot root)
{
    public const string Html = "report.html", Markdown = "report.md", Zip = "report.zip", Pdf = "report.pdf";

    private const string Title = "title.txt";

    private readonly Lock _printing = new();

    /// <summary>Whether this machine has a Chromium that prints reports to PDF.</summary>
    public static bool Prints => PdfReport.Browser is not null;

    private string Folder => Path.Combine(root.Path, "reports");

    /// <summary>The newest first.</summary>
    public IReadOnlyList<BuiltReport> Reports() => !Directory.Exists(Folder) ? [] :
        [.. Directory.EnumerateDirectories(Folder).Where(folder => File.Exists(Path.Combine(folder, Title)))
            .Select(folder => new BuiltReport(Path.GetFileName(folder), File.ReadAllText(Path.Combine(folder, Title)), File.GetLastWriteTimeUtc(Path.Combine(folder, Title)))).OrderByDescending(report => report.BuiltUtc)];

    /// <summary>The newest first; a damaged one is left out.</summary>
    public IReadOnlyList<ShelvedStudy> Studies()
    {
        if (!Directory.Exists(root.Studies)) return [];
        var found = new List<ShelvedStudy>();
        foreach (var folder in Directory.EnumerateDirectories(root.Studies).Where(Study.Is))
        {
            try
            {
                var study = Study.Read(folder);
                found.Add(new ShelvedStudy(Path.GetFileName(folder), study, study.Runs.Count(run => File.Exists(run.In(folder).MetricsFile))));
            }
            catch (UserInputException)
            {
                // One damaged study must not hide the others.
            }
        }
        return [.. found.OrderByDescending(study => study.Study.CreatedUtc)];
    }

    /// <summary>Builds the report of a study.</summary>
    /// <exception cref="UserInputException">It has no completed run, or files are damaged.</exception>
    public BuiltReport BuildStudy(string study) => Build(ReadStudy(study));

    /// <summary>The runs and yardsticks of a study.</summary>
    /// <exception cref="UserInputException">There is no such study, it has no completed run, or files are damaged.</exception>
    public ReportData ReadStudy(string study) => !Studies().Any(known => known.Id == study) ? throw new UserInputException($"There is no study {study}; it may have been deleted.") : ReportData.OfStudy(Path.Combine(root.Studies, study));

    /// <summary>Builds the report of some runs.</summary>
    /// <exception cref="UserInputException">A run is not completed, or they are on different data.</exception>
    public BuiltReport BuildRuns(IReadOnlyList<RunFolder> runs) => Build(ReportData.OfRuns(runs));

    /// <summary>A file of a report; the PDF is printed when it is first asked for. Null where there is none, or the names are none that this shelf gives.</summary>
    /// <exception cref="UserInputException">Chromium did not print.</exception>
    public string? Find(string id, string file)
    {
        if (file is not (Html or Markdown or Zip or Pdf) || !Reports().Any(report => report.Id == id)) return null;
        var path = Path.Combine(Folder, id, file);
        if (file == Pdf)
            lock (_printing)
                if (!File.Exists(path) && Prints) PdfReport.Print(Path.Combine(Folder, id, Html), path);
        return File.Exists(path) ? path : null;
    }

    private BuiltReport Build(ReportData data)
    {
        var report = StudyReport.Build(data);
        var now = DateTime.UtcNow;
        var id = now.ToString("yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture);
        var folder = Directory.CreateDirectory(Path.Combine(Folder, id)).FullName;
        StudyReport.Write(report, Path.Combine(folder, Html));
        StudyReport.Write(report, Path.Combine(folder, Markdown));
        using (var zip = ZipFile.Open(Path.Combine(folder, Zip), ZipArchiveMode.Create))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".zip", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
                zip.CreateEntryFromFile(file, Path.GetRelativePath(folder, file).Replace('\\', '/'));
        // Last: a report with a title is whole.
        File.WriteAllText(Path.Combine(folder, Title), report.Title);
        return new BuiltReport(id, report.Title, now);
    }
}
