using System.CommandLine;
using EcgPeft.Cli;
using EcgPeft.Core;

NativeThreads.Quieten();
var root = new RootCommand("EcgPeft: parameter-efficient fine-tuning of speech and ECG models for ECG segments. Exit codes: 0 done, 1 failed, 2 the input is wrong (with one sentence on what and why), 130 stopped.")
{
    BenchCommand.Create(),
    DataCommand.Create(),
    EmbedCommand.Create(),
    EstimateCommand.Create(),
    ExplainCommand.Create(),
    MergeCommand.Create(),
    ModelsCommand.Create(),
    PredictCommand.Create(),
    PretrainCommand.Create(),
    ReportCommand.Create(),
    RunsCommand.Create(),
    StudyCommand.Create(),
    TrainCommand.Create(),
    WatchCommand.Create(),
    YardsticksCommand.Create(),
};
return CommandRunner.Run(root, args);

// Said here, or ASP.NET Core's generator would make it public, beside the dashboard's own.
internal sealed partial class Program;
