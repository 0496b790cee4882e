using System.CommandLine;
using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Explanations;
using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft explain</c>: what a completed run has learned. The dashboard starts it and reads its lines as progress.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a completed run.", Required = true, HelpName = "DIR" };
        var rows = new Option<string[]>("--rows") { Description = "Rows of the validation or test split to explain, from 0. Without it: the surest calls of each kind, and the map of embeddings.", HelpName = "3,17" };
        var examples = new Option<int>("--examples") { Description = "How many of the surest true and false positives and negatives are explained where no rows are named.", DefaultValueFactory = _ => 2, HelpName = "N" };
        var command = new Command("explain", "Compute which samples moved a completed run's score, and where its backbone puts test segments before and after tuning.") { run, rows, examples };
        command.SetAction(parsed => Explain(new RunFolder(Path.GetFullPath(parsed.GetRequiredValue(run))), parsed.GetValue(rows) ?? [], parsed.GetValue(examples)));
        return command;
    }

    private static void Explain(RunFolder folder, string[] asked, int examples)
    {
        if (!Directory.Exists(folder.Path)) throw new UserInputException($"There is no run folder {folder.Path}; name a folder of a completed run.");
        int[] named = [.. asked.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : throw new UserInputException($"'{text}' in --rows is no row number; rows count from 0.")).Distinct()];
        if (examples < 0) throw new UserInputException($"--examples is {examples}; it must be 0 or more.");
        using var explainer = new RunExplainer(folder, ProductSettings.DataRoot());
        var rows = named.Length > 0 ? named : explainer.Surest(examples);
        var steps = rows.Count + (named.Length > 0 ? 0 : 1);
        void Say(double done, string what) => Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done * 100 / steps:0} %: {what}"));
        for (var i = 0; i < rows.Count; i++)
        {
            Say(i, $"segment {rows[i]}");
            var attribution = explainer.Explain(rows[i], CancellationToken.None).Attribution;
            var whole = attribution.Score - attribution.BaselineScore;
            Say(i + 1, string.Create(CultureInfo.InvariantCulture, $"segment {rows[i]}: log-odds {attribution.Score:0.000}, of a flat line {attribution.BaselineScore:0.000}, attributions sum to {whole - attribution.Gap:0.000} of {whole:0.000} ({attribution.Evaluations} points)"));
        }
        if (named.Length > 0) return;
        var said = 0.0;
        var map = explainer.Map(share =>
        {
            if (share - said < 0.1 && share < 1) return;
            said = share;
            Say(rows.Count + share, "map of embeddings");
        }, CancellationToken.None);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder.ExplanationsFolder}: {rows.Count} segments, map of {map.Rows.Length} of {map.TestSegments} test segments; nearest neighbour of the same label: {map.Before.SameLabelNeighbours:P1} before tuning, {map.After.SameLabelNeighbours:P1} after."));
    }
}
