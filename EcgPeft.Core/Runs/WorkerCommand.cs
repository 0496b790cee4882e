using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EcgPeft.Core.Runs;

/// <summary>How a worker process is started; the run folder's path is appended as the last argument.</summary>
/// <param name="FileName">The program, for example <c>dotnet</c>.</param>
/// <param name="Arguments">Its arguments, for example <c>ecgpeft.dll train --detached --resume</c>.</param>
public sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Starts the worker of a run. None of its streams is redirected into this process, so it lives on when this process ends;
    /// it gets the data folder as <c>EcgPeft__DataRoot</c>, and as <c>EcgPeft__Workers</c> how many share the processors.
    /// </summary>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    internal Process Start(RunFolder folder, DataRoot root, int workers)
    {
        var start = new ProcessStartInfo(FileName) { UseShellExecute = false };
        foreach (var argument in Arguments) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(folder.Path);
        start.Environment["EcgPeft__DataRoot"] = root.Path;
        start.Environment["EcgPeft__Workers"] = workers.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start) ?? throw new Win32Exception("no process was created");
    }
}
