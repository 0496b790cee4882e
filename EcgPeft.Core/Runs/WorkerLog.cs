namespace EcgPeft.Core.Runs;

/// <summary>What a detached worker left in <c>worker.log</c>.</summary>
internal static class WorkerLog
{
    /// <summary>Bytes so far.</summary>
    public static long Length(RunFolder folder) => new FileInfo(folder.WorkerLogFile) is { Exists: true } file ? file.Length : 0;

    /// <summary>The sentence for a worker that ended without having taken its run.</summary>
    /// <param name="how">How it ended.</param>
    /// <param name="folder">The run.</param>
    /// <param name="from">Length of the log before it.</param>
    public static string EndedBeforeItBegan(string how, RunFolder folder, long from)
    {
        var end = End(folder, from);
        return $"The worker ended with {how} before it began: {(end.Length == 0 ? "it left nothing in worker.log" : end)}";
    }

    /// <summary>The last lines after a place, on one line.</summary>
    private static string End(RunFolder folder, long from)
    {
        if (!File.Exists(folder.WorkerLogFile)) return "";
        using var file = new FileStream(folder.WorkerLogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Max(from <= file.Length ? from : 0, file.Length - 2000);
        var lines = new StreamReader(file).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(" ", lines.TakeLast(5));
    }
}
