using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EcgPeft.Core;

namespace EcgPeft.Cli;

/// <summary>Exit codes and error sentences of every command: 0 done, 1 failed, 2 the user's input is wrong, 130 stopped.</summary>
internal static class CommandRunner
{
    // The texts are English, and so are the numbers in them, whatever the terminal's language.
    static CommandRunner() => (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture, CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) =
        (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture, CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);

    public static int Run(RootCommand root, string[] args)
    {
        try
        {
            var parsed = root.Parse(args);
            if (parsed.Errors.Count == 0) return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            Refuse(root, parsed);
            return 2;
        }
        catch (UserInputException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"The command failed: {e.Message} ({e.GetType().Name}).");
            return 1;
        }
    }

    /// <summary>Says what is wrong with the command line and what was probably meant; a command that only has subcommands, without one, shows its help.</summary>
    private static void Refuse(RootCommand root, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] words = [.. Words(parsed.CommandResult)];
        if (parsed.UnmatchedTokens.Count == 0 && command.Action is null)
        {
            root.Parse([.. words, "--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            return;
        }
        var known = command.Options.Concat(command.Subcommands.Cast<Symbol>()).Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name);
        var unknown = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        var meant = unknown is null ? null : NearestName.Of(unknown, known);
        // A misspelled command is told as that, not as a missing one.
        var error = parsed.Errors.FirstOrDefault(e => unknown is not null && e.Message.Contains($"'{unknown}'", StringComparison.Ordinal)) ?? parsed.Errors[0];
        Console.Error.WriteLine($"{error.Message}{(meant is null ? "" : $" Did you mean {meant}?")} 'ecgpeft {string.Join(' ', words.Append("--help"))}' lists what there is.");
    }

    private static IEnumerable<string> Words(SymbolResult result) => result.Parent is { } parent ? Words(parent).Append(((CommandResult)result).Command.Name) : [];
}
