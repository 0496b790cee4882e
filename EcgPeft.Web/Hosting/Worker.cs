using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Hosting;

/// <summary>The worker process of a run is the command line that lies beside the dashboard.</summary>
internal static class Worker
{
    private static readonly string[] Arguments = ["train", "--detached", "--resume"];

    public static WorkerCommand Command()
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "ecgpeft.exe" : "ecgpeft");
        return File.Exists(program)
            ? new WorkerCommand(program, Arguments)
            : new WorkerCommand("dotnet", [Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. Arguments]);
    }
}
