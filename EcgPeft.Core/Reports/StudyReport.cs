using System.Globalization;
using EcgPeft.Core.Reports.Chapters;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports;

/// <summary>The report of a study or of single runs: every sentence with a number is made of that number.</summary>
public static class StudyReport
{
    /// <summary>Builds the report.</summary>
    /// <param name="data">What it is about.</param>
    public static ReportDocument Build(ReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Number.English(() => Compose(data));
    }

    private static ReportDocument Compose(ReportData data)
    {
        var methods = data.Tuned.Select(c => Contender.MethodTitle(c.Method)).Distinct().ToList();
        var models = data.Tuned.Select(c => c.Model).Distinct().ToList();
        return new ReportDocument(
            $"{string.Join(" against ", methods)} on {string.Join(", ", models)}",
            $"{data.Runs.Count} {(data.Runs.Count == 1 ? "run" : "runs")} on {Path.GetFileName(Path.TrimEndingDirectorySeparator(data.Runs[0].Recipe.Data.Path ?? "the data"))}, {data.Repeats.Count} {(data.Repeats.Count == 1 ? "repetition" : "repetitions")}. Written by EcgPeft on {DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC.",
            [
                .. AnswerChapter.Of(data), .. DataChapter.Of(data), .. ModelChapter.Of(data), .. TrainingChapter.Of(data), .. ResultsChapter.Of(data), .. ComparisonChapter.Of(data),
                .. CostChapter.Of(data), .. GroupChapter.Of(data), .. ComparisonChapter.Normalization(data), .. ClosingChapter.Of(data),
            ]);
    }

    /// <summary>Writes the report, and beside it a folder with each figure's data (and for Markdown its picture).</summary>
    /// <param name="report">The report.</param>
    /// <param name="path">A file that ends in <c>.html</c>, <c>.md</c> or <c>.pdf</c>.</param>
    /// <exception cref="UserInputException">The file has another ending, or cannot be written.</exception>
    public static void Write(ReportDocument report, string path)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(path);
        var kind = Path.GetExtension(path).ToLowerInvariant();
        if (kind is not (".html" or ".md" or ".pdf")) throw new UserInputException($"{path} ends neither in .html nor in .md or .pdf; name the report so.");
        var folder = Path.GetFileNameWithoutExtension(path) + "-figures";
        var parent = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            var figures = Directory.CreateDirectory(Path.Combine(parent, folder)).FullName;
            foreach (var figure in report.Figures)
            {
                AtomicFile.WriteAllText(Path.Combine(figures, figure.Id + ".csv"), figure.Csv);
                if (kind == ".md") AtomicFile.WriteAllText(Path.Combine(figures, figure.Id + ".svg"), figure.Svg);
            }
            if (kind == ".pdf") PdfReport.Write(report, path, folder);
            else AtomicFile.WriteAllText(path, kind == ".html" ? HtmlReport.Write(report, folder) : MarkdownReport.Write(report, folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be written ({e.Message.TrimEnd('.')}); choose another place.", e);
        }
    }
}
