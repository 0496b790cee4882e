using System.CommandLine;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft data</c>: files of ECG segments.</summary>
internal static class DataCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("data", "Look into files of ECG segments, import them, and make synthetic ones.")
    {
        DataInspectCommand.Create(),
        DataImportCommand.Create(),
        DataSynthCommand.Create(),
    };
}
