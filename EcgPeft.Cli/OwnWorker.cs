using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary>This program as another process: its own executable, or the runtime with its library.</summary>
internal static class OwnWorker
{
    /// <summary>How a worker is started.</summary>
    public static WorkerCommand Command() => Program("train", "--detached", "--resume");

    /// <summary>How another command is started.</summary>
    /// <param name="arguments">The command and its options; none for what stands before them.</param>
    public static WorkerCommand Program(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. arguments])
            : new WorkerCommand(program, arguments);
    }
}
