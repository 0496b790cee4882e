using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft estimate</c>: what a recipe costs on this machine, from a few measured steps. The dashboard asks it as well.</summary>
internal static class EstimateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var recipe = new Option<string>("--recipe") { Description = "Recipe file, for example recipes/wav2vec2-lora.json.", Required = true, HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Replace a setting, for example peft.rank=4; may be given several times.", HelpName = "path=value" };
        var data = new Option<string?>("--data") { Description = "CSV file of segments, or the folder of an imported data set.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("estimate", "Measure a few steps of a recipe and say what the run will cost on this machine: parameters, adapter size, memory, time.") { recipe, set, data, json };
        command.SetAction(parsed =>
        {
            var read = RecipeFile.Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set) ?? []);
            var estimate = new EstimateRecipe(ProductSettings.DataRoot()).Execute(read with { Data = read.Data with { Path = parsed.GetValue(data) ?? read.Data.Path } });
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(estimate, ProductJson.Indented));
            else Write(estimate);
        });
        return command;
    }

    private static void Write(RunEstimate e)
    {
        void Line(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"Trained parameters: {e.TrainableParameters:N0} of {e.TotalParameters:N0} ({100.0 * e.TrainableParameters / e.TotalParameters:0.##} %)");
        Line($"Adapter file: {e.AdapterBytes:N0} bytes");
        Line($"Measured: {e.MeasuredSteps} steps on {e.Threads} threads, {e.SecondsPerStep:0.####} s a step");
        Line($"An epoch: about {e.SecondsPerEpoch:0.#} s ({e.StepsPerEpoch:N0} steps, {e.ValidationSegments:N0} validation segments)");
        if (e.SecondsBefore > 0) Line($"Before the first epoch: about {e.SecondsBefore:0.#} s");
        Line($"Memory: at least {e.PeakMemoryBytes / 1e6:0} MB");
    }
}
