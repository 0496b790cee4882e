using System.CommandLine;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft models inspect ID-OR-DIR</c>: all that is known of a model, and whether its files are sound.</summary>
internal static class ModelsInspectCommand
{
    private const int IgnoredShown = 12;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("ID-OR-DIR") { Description = "An id such as facebook/wav2vec2-base, a model folder, or a .pt file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("inspect", "Say what a model is and expects, where its files are, and whether they are whole and fit its configuration.") { model, json };
        command.SetAction(parsed => Inspect(parsed.GetRequiredValue(model), parsed.GetValue(json)));
        return command;
    }

    private static int Inspect(string model, bool json)
    {
        var catalogue = new ModelCatalogue(ProductSettings.DataRoot());
        if (catalogue.Find(model) is null) catalogue.FolderOf(model); // refuses what is neither a model nor a folder
        var report = ModelReport.Of(catalogue, model, content: true);
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
        else WriteText(report);
        if (report.State.Problem is not { } problem) return 0;
        Console.Error.WriteLine(problem);
        return 2;
    }

    private static void WriteText(ModelReport report)
    {
        var lines = report.Lines().ToList();
        if (Console.IsOutputRedirected)
        {
            foreach (var (name, value) in lines) Console.Out.WriteLine($"{name}: {value}");
        }
        else
        {
            var table = new Table().HideHeaders().AddColumn("").AddColumn("");
            foreach (var (name, value) in lines) table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
            AnsiConsole.Write(table);
        }
        foreach (var key in report.State.Ignored.Take(IgnoredShown)) Console.Out.WriteLine($"Ignored: {key}");
        if (report.State.Ignored.Count > IgnoredShown) Console.Out.WriteLine($"... and {report.State.Ignored.Count - IgnoredShown} more; --json lists them.");
    }
}
