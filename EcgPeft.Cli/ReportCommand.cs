using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft report</c>: a study or some runs as one HTML or Markdown file.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var study = new Option<string?>("--study") { Description = "Folder of a study.", HelpName = "DIR" };
        var runs = new Option<string[]>("--runs") { Description = "Folders of completed runs on one data set.", HelpName = "DIR ...", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string>("--out") { Description = "File to write: .html (one self-contained file), .md, or .pdf where a Chromium is found; figures' data go into a folder beside it.", Required = true, HelpName = "FILE" };
        var command = new Command("report", "Write the report: data, methods, results with intervals, comparisons, cost, and how to repeat every run.") { study, runs, output };
        command.SetAction(parsed =>
        {
            var (studyFolder, runFolders, path) = (parsed.GetValue(study), parsed.GetValue(runs) ?? [], Path.GetFullPath(parsed.GetRequiredValue(output)));
            if (studyFolder is null == (runFolders.Length == 0)) throw new UserInputException("Give either --study DIR or --runs DIR ...");
            var data = studyFolder is not null ? ReportData.OfStudy(Path.GetFullPath(studyFolder)) : ReportData.OfRuns([.. runFolders.Select(folder => new RunFolder(Path.GetFullPath(folder)))]);
            var report = StudyReport.Build(data);
            StudyReport.Write(report, path);
            Console.Out.WriteLine($"{path}: {Counted(data.Runs.Count, "run")}, {Counted(report.Figures.Count(), "figure")}, {Counted(data.Pairs.Count, "comparison")}.");
            foreach (var comparison in data.MethodPairs) Console.Out.WriteLine(comparison.Verdict);
        });
        return command;
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
