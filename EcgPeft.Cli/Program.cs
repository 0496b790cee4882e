using System.CommandLine;
using EcgPeft.Cli;
using EcgPeft.Core;

NativeThreads.Quieten();
var root = new RootCommand("EcgPeft: parameter-efficient fine-tuning of speech and ECG models for ECG segments.")
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
    YardsticksCommand.Create(),
    TrainCommand.Create(),
    WatchCommand.Create(),
};
return CommandRunner.Run(root, args);

// Said here, or ASP.NET Core's generator would make it public, beside the dashboard's own.
internal sealed partial class Program;
