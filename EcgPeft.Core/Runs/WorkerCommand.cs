using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EcgPeft.Core.Runs;

/// <summary>How a worker process is started; the run folder's path is appended as the last argument.</summary>
/// <param name="FileName">The program, for example <c>dotnet</c>.</param>
/// <param name="Arguments">Its arguments, for example <c>ecgpeft.dll train --detached --resume</c>.</param>
public sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>The program itself, without the command and options of a worker.</summary>
    internal IReadOnlyList<string> Program() => [FileName, .. Arguments.TakeWhile(argument => argument != "train")];

    /// <summary>
    /// Starts the worker of a run; it gets the data folder as <c>EcgPeft__DataRoot</c>, and as <c>EcgPeft__Workers</c> how
    /// many share the processors. Its streams lead into pipes of their own
    /// until it detaches itself and writes to <c>worker.log</c>: with inherited ones, whoever waits for the end of this process's
    /// output would wait for the worker too. It lives on when this process ends.
    /// </summary>
    /// <param name="folder">The run.</param>
    /// <param name="root">The data folder.</param>
    /// <param name="workers">How many workers may be at work at once.</param>
    /// <param name="said">Receives the lines that it writes before it has detached itself; or null.</param>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    internal Process Start(RunFolder folder, DataRoot root, int workers, Action<string>? said = null)
    {
        var start = new ProcessStartInfo(FileName) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Arguments) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(folder.Path);
        start.Environment["EcgPeft__DataRoot"] = root.Path;
        start.Environment["EcgPeft__Workers"] = workers.ToString(CultureInfo.InvariantCulture);
        var process = new Process { StartInfo = start };
        void Read(object _, DataReceivedEventArgs line)
        {
            if (!string.IsNullOrWhiteSpace(line.Data)) said?.Invoke(line.Data);
        }
        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
