using System.CommandLine;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft models</c>: pre-trained models.</summary>
internal static class ModelsCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("models", "List pre-trained models, look into them, and get them.")
    {
        ModelsListCommand.Create(),
        ModelsInspectCommand.Create(),
        ModelsPullCommand.Create(),
        ModelsUseCommand.Create(),
        ModelsUseCommand.CreateForget(),
    };
}
