using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Runs.Exports;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft runs export</c> and <c>ecgpeft runs import</c>.</summary>
internal static class RunsExportCommand
{
    /// <summary>Writes runs for other tools and other machines.</summary>
    public static Command Export()
    {
        var run = new Argument<string>("RUN") { Description = "Id of a run or study in the data folder, or the folder of one." };
        var format = new Option<string>("--format") { Description = "csv: a folder with metrics.csv, steps.csv, epochs.csv; json: one document; tensorboard: a log folder; zip: everything, for 'runs import'.", DefaultValueFactory = _ => "zip" };
        format.AcceptOnlyFromAmong("csv", "json", "tensorboard", "zip");
        var output = new Option<string>("--out") { Description = "File (json, zip) or folder (csv, tensorboard) to write.", Required = true, HelpName = "PATH" };
        var command = new Command("export", "Write a run or a study for other tools, or for another machine.") { run, format, output };
        command.SetAction(parsed =>
        {
            var source = ExportSource.Find(ProductSettings.DataRoot(), parsed.GetRequiredValue(run));
            var path = Path.GetFullPath(parsed.GetRequiredValue(output));
            switch (parsed.GetValue(format))
            {
                case "csv": RunTables.WriteAll(AsFolder(path), source.Histories()); break;
                case "tensorboard": TensorBoardExport.WriteAll(AsFolder(path), source.Histories()); break;
                case "json": WriteFile(path, RunDocument.Of(source).Write); break;
                default: WriteFile(path, file => RunArchive.Write(source, file)); break;
            }
            Console.Out.WriteLine($"{path}: {source.Runs.Count} {(source.Runs.Count == 1 ? "run" : "runs")}.");
        });
        return command;
    }

    /// <summary>Takes runs from a zip.</summary>
    public static Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "A zip that 'runs export' or a run's page has written." };
        var command = new Command("import", "Take a run or a study from a zip of another installation.") { file };
        command.SetAction(parsed =>
        {
            var imported = new RunImport(ProductSettings.DataRoot()).Import(Path.GetFullPath(parsed.GetRequiredValue(file)));
            foreach (var run in imported.Runs)
            {
                Console.Out.WriteLine(run.WasHere ? $"{run.Id} was here already." : run.Id == run.OriginalId ? run.Id : $"{run.Id} (it was {run.OriginalId}; another run has that id here)");
                if (run.Note is not null) Console.Out.WriteLine($"  {run.Note}");
            }
            if (imported.Study is { } study) Console.Out.WriteLine($"study {study}");
        });
        return command;
    }

    private static string AsFolder(string path) => File.Exists(path) ? throw new UserInputException($"{path} is a file; name a folder with --out.") : path;

    private static void WriteFile(string path, Action<Stream> write)
    {
        if (Directory.Exists(path)) throw new UserInputException($"{path} is a folder; name a file with --out.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Beside its place first: a file that is there is whole.
        var temporary = path + ".tmp";
        try
        {
            using (var stream = File.Create(temporary)) write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
