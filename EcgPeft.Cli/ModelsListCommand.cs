using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft models list</c>: every model and whether it is here.</summary>
internal static class ModelsListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("list", "List the models that recipes can name, and whether they are here.") { json };
        command.SetAction(parsed => List(new ModelCatalogue(ProductSettings.DataRoot()), parsed.GetValue(json)));
        return command;
    }

    private static void List(ModelCatalogue catalogue, bool json)
    {
        var models = catalogue.Models.Select(card => ModelReport.Of(catalogue, card.Id, content: false)).ToList();
        if (catalogue.Problem is { } problem) Console.Error.WriteLine(problem);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(models, ProductJson.Indented));
            return;
        }
        string[] heads = ["ID", "Family", "Parameters", "Layers", "Input", "State"];
        var rows = models.Select(model => new[]
        {
            model.Card.Id, model.Card.Family, model.Facts?.Parameters.ToString("N0", CultureInfo.InvariantCulture) ?? "?", model.Facts?.Layers.ToString(CultureInfo.InvariantCulture) ?? "?",
            model.Facts is { Input: var input } ? string.Create(CultureInfo.InvariantCulture, $"{input.Leads} x {input.Length} at {input.SamplingRateHz:0.##} Hz") : "?", ModelReport.Word(model.State.Kind),
        }).ToList();
        if (Console.IsOutputRedirected)
        {
            foreach (var row in rows.Prepend(heads)) Console.Out.WriteLine(string.Join('\t', row));
            return;
        }
        // Ids are long: what 'inspect' shows as well is left out, so that a row is a line.
        int[] shown = [0, 2, 4, 5];
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in shown) table.AddColumn(new TableColumn(heads[column]) { Alignment = heads[column] == "Parameters" ? Justify.Right : Justify.Left, NoWrap = column > 0 });
        foreach (var row in rows) table.AddRow(shown.Select(column => new Text(row[column])));
        AnsiConsole.Write(table);
        if (models.Any(model => model.State.Kind == ModelStateKind.NotHere)) Console.Out.WriteLine("'ecgpeft models pull ID' gets a model that is not here.");
    }
}
