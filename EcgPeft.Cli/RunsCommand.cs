using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft runs</c>: the runs in the data folder.</summary>
internal static class RunsCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("runs", "The runs in the data folder.") { List(), RunsExportCommand.Export(), RunsExportCommand.Import(), Give(), Reindex() };

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document." };
        var repeats = new Option<bool>("--repeats") { Description = "One line for runs that differ in seed and fold alone, with mean and spread of their test metrics." };
        var command = new Command("list", "All runs, the newest first, as their folders have them.") { json, repeats };
        command.SetAction(parsed =>
        {
            var runs = new List<RunSummary>();
            var root = ProductSettings.DataRoot();
            foreach (var path in Directory.Exists(root.Runs) ? Directory.GetDirectories(root.Runs) : [])
            {
                try
                {
                    if (RunSummary.Read(new RunFolder(path)) is { } summary) runs.Add(summary);
                }
                catch (Exception e) when (e is IOException or UserInputException)
                {
                    Console.Error.WriteLine($"{Path.GetFileName(path)} cannot be read: {e.Message}");
                }
            }
            runs = [.. runs.OrderByDescending(run => run.CreatedUtc)];
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(runs, ProductJson.Indented));
            else if (parsed.GetValue(repeats)) foreach (var same in RunRepeats.Gather(runs).Where(same => same.Tested.Count > 0)) Console.Out.WriteLine(Line(same));
            else foreach (var run in runs) Console.Out.WriteLine(Line(run));
        });
        return command;
    }

    private static Command Give()
    {
        var id = new Argument<string>("ID") { Description = "A run, or a study with all of its runs." };
        var user = new Argument<string>("USER") { Description = "Whose it shall be, as the proxy in front of the dashboard names them; \"\" for nobody." };
        var command = new Command("give", "Give a run or a study to a user of the dashboard.") { id, user };
        command.SetAction(parsed =>
        {
            var owner = parsed.GetValue(user)!.Trim();
            var count = RunOwners.Give(ProductSettings.DataRoot(), parsed.GetValue(id)!, owner.Length == 0 ? null : owner);
            Console.Out.WriteLine($"{count} {(count == 1 ? "run belongs" : "runs belong")} to {(owner.Length == 0 ? "nobody" : owner)}.");
        });
        return command;
    }

    private static Command Reindex()
    {
        var command = new Command("reindex", "Fill the table of runs (EcgPeft:Store) again from the run folders; a damaged database is put aside first.");
        command.SetAction(_ =>
        {
            var root = ProductSettings.DataRoot();
            if (RunServices.PutDamagedDatabaseAside(root) is { } done) Console.Out.WriteLine(done);
            using var services = RunServices.Open(root, new WorkerCommand("", [])); // takes the data folder; no worker is started without Start
            services.Monitor.Rebuild();
            var broken = services.Monitor.Runs.Count(run => run.Broken is not null);
            Console.Out.WriteLine($"{services.Monitor.Runs.Count} runs in the table{(broken == 0 ? "" : $", {broken} of them with a folder that cannot be read")}.");
        });
        return command;
    }

    private static string Line(RunRepeats same) => string.Join("  ",
        same.Runs[^1].Name, same.Runs[0].Model, same.Runs[0].Method, $"{same.Tested.Count} of {same.Runs.Count} runs tested",
        $"F1 {StudyDisplay.SpreadOf(same.Tested.Select(run => run.Test!), test => test.F1)}  AUROC {StudyDisplay.SpreadOf(same.Tested.Select(run => run.Test!), test => test.Auroc)}");

    private static string Line(RunSummary run) => string.Join("  ",
        run.Id, run.Status.ToString().ToLowerInvariant(), run.Model, run.Method,
        run.Test is { } test ? string.Create(CultureInfo.InvariantCulture, $"F1 {test.F1:0.000}  AUROC {(test.Auroc is { } auroc ? auroc.ToString("0.000", CultureInfo.InvariantCulture) : "undefined")}") : $"step {run.Step}");
}
