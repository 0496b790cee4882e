using System.CommandLine;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft data inspect FILE</c>: the validation report of a file, before anything is saved.</summary>
internal static class DataInspectCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var options = new ImportOptions();
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("inspect", "Say what is in a file of segments, and what is wrong with it (row, column, why).");
        options.AddTo(command);
        command.Options.Add(json);
        command.SetAction(parsed => Inspect(options.Of(parsed), parsed.GetValue(json)));
        return command;
    }

    private static void Inspect(ImportRequest request, bool json)
    {
        var scan = json
            ? SegmentFile.Scan(request)
            : TerminalProgress.Run($"Reading {Path.GetFileName(request.Path)}", progress => SegmentFile.Scan(request, progress));
        if (json) ScanReport.WriteJson(request.Path, scan);
        else ScanReport.WriteText(request.Path, scan);
        if (scan.Problem is { } problem) throw problem;
    }
}
