using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Benchmarks;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench slurm</c>: what runs that wait at Slurm cost.</summary>
internal static class BenchSlurmCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var runs = new Option<string>("--runs") { Description = "Numbers of waiting runs, by default 1,50,200.", HelpName = "A,B,C", DefaultValueFactory = _ => "1,50,200" };
        var partition = new Option<string>("--partition") { Description = "A partition that starts nothing (scontrol update partition=NAME state=down).", HelpName = "NAME", Required = true };
        var seconds = new Option<int>("--seconds") { Description = "For how long waiting runs are watched, by default 30.", HelpName = "N", DefaultValueFactory = _ => 30 };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("slurm", "Measure what runs that wait at Slurm cost a dashboard: time to queue them, processor time while they wait, and time to take them back.") { runs, partition, seconds, json };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(runs)!, parsed.GetValue(partition)!, parsed.GetValue(seconds), parsed.GetValue(json), cancel)));
        return command;
    }

    private static int Run(string runs, string partition, int seconds, bool json, CancellationToken cancel)
    {
        var numbers = StudyOptions.List([runs]).Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1000 ? number : throw new UserInputException($"--runs holds '{text}'; give numbers from 1 to 1000.")).ToList();
        if (seconds is < 1 or > 3600) throw new UserInputException($"--seconds is {seconds}; it must be between 1 and 3600.");
        var measured = numbers.ConvertAll(new SlurmBenchmark(ExecutorOption.Slurm(), partition, seconds, cancel).Measure);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(measured, ProductJson.Indented));
            return 0;
        }
        var table = new Table { Border = TableBorder.Markdown };
        table.AddColumns("waiting runs", "queued and followed after s", "programs of Slurm", $"processor s in {seconds} s", "of one core", "answer of squeue, bytes", "taken back in s");
        string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        foreach (var cost in measured)
            table.AddRow(Number(cost.Runs, "F0"), Number(cost.QueueSeconds, "F1"), Number(cost.Calls, "F0"), Number(cost.ProcessorSeconds, "F2"), $"{Number(cost.ProcessorSeconds / cost.Seconds * 100, "F1")} %", Number(cost.AnswerBytes, "F0"), Number(cost.StopSeconds, "F1"));
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
        return 0;
    }
}
