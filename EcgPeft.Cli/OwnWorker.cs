using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary>This program as a worker: its own executable, or the runtime with its library.</summary>
internal static class OwnWorker
{
    /// <summary>How it is started.</summary>
    public static WorkerCommand Command()
    {
        string[] arguments = ["train", "--detached", "--resume"];
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. arguments])
            : new WorkerCommand(program, arguments);
    }
}
