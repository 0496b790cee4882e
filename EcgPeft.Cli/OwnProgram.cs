using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary>This program as another process: its own executable, or the runtime with its library.</summary>
internal static class OwnProgram
{
    /// <summary>A command of it.</summary>
    /// <param name="arguments">The command and its options; none for what stands before them.</param>
    public static WorkerCommand Command(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. arguments])
            : new WorkerCommand(program, arguments);
    }
}
