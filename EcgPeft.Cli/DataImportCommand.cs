using System.CommandLine;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft data import FILE --name NAME</c>: a checked copy in the data folder, which the dashboard shows too.</summary>
internal static class DataImportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var options = new ImportOptions();
        var name = new Option<string?>("--name") { Description = "Name for people; the file's name where it is left out.", HelpName = "NAME" };
        var command = new Command("import", "Import a file of segments into the data folder; the file is not needed afterwards.");
        options.AddTo(command);
        command.Options.Add(name);
        command.SetAction(parsed => Import(options.Of(parsed), parsed.GetValue(name)));
        return command;
    }

    private static void Import(ImportRequest request, string? name)
    {
        var library = new DataSetLibrary(ProductSettings.DataRoot());
        var info = TerminalProgress.Run($"Importing {Path.GetFileName(request.Path)}", progress => library.Import(request, name ?? Path.GetFileNameWithoutExtension(request.Path), progress));
        var facts = info.Import!;
        Console.Out.WriteLine($"{info.Name}: {info.Rows} segments of {info.SegmentLength} samples, {info.Positives} with label 1{(info.GroupCount is { } groups ? $", {groups} groups" : "")}.");
        foreach (var count in facts.Defects.Where(d => d.Repair != Repair.Keep)) Console.Out.WriteLine($"{count.Kind}: {count.Defects} in {count.Rows} rows, {(count.Repair == Repair.Drop ? "rows dropped" : "interpolated")}.");
        if (info.Warnings.Count > 0) Console.Out.WriteLine($"{info.Warnings.Count} warnings; the page of the data set lists them.");
        Console.Out.WriteLine($"Id {info.Id}, hash {info.Hash}, in {library.FolderOf(info.Id)}");
    }
}
