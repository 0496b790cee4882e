using System.CommandLine;
using EcgPeft.Core;

namespace EcgPeft.Cli;

/// <summary>Exit codes and error sentences of every command: 0 done, 1 failed, 2 the user's input is wrong, 130 stopped.</summary>
internal static class CommandRunner
{
    public static int Run(RootCommand root, string[] args)
    {
        try
        {
            var parsed = root.Parse(args);
            if (parsed.Errors.Count == 0) return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            Console.Error.WriteLine(parsed.Errors[0].Message);
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
}
