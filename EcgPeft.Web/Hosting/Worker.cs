using System.Runtime.InteropServices;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Hosting;

/// <summary>The worker process of a run: the command line that lies beside the dashboard, on the dashboard's own .NET.</summary>
internal static class Worker
{
    /// <summary>
    /// Starts <c>ecgpeft.dll</c> with the dashboard's runtime and dependency files: its own would miss assemblies that are part of
    /// ASP.NET Core and are therefore not copied beside a web program.
    /// </summary>
    public static WorkerCommand Command() => Command("train", "--detached", "--waiting", "--resume");

    /// <summary>Another command of the command line.</summary>
    /// <param name="arguments">The command and its options.</param>
    public static WorkerCommand Command(params string[] arguments) => new(DotNet(),
    [
        "exec", "--runtimeconfig", Beside("EcgPeft.Web.runtimeconfig.json"), "--depsfile", Beside("EcgPeft.Web.deps.json"),
        Beside("ecgpeft.dll"), .. arguments,
    ]);

    /// <summary>The host that belongs to the runtime at work (<c>shared/Microsoft.NETCore.App/10.0.x</c> below it), whatever PATH says.</summary>
    private static string DotNet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(host) ? host : name;
    }

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
