using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What a worker's error means, in one sentence with a way out.</summary>
internal static partial class WorkerFailure
{
    /// <summary>The sentence.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="recipe">The run's settings; null where they could not be read.</param>
    /// <param name="step">The last finished step.</param>
    public static string Explain(Exception error, Recipe? recipe, long step)
    {
        if (IsOutOfMemory(error)) return OutOfMemory(error, recipe, step);
        if (FileTrouble.IsDiskFull(error))
            return $"The disk is full after step {step} ({FirstLine(error.InnerException as IOException ?? error)}); make room, then resume the run: it goes on from its last checkpoint.";
        return $"Training failed: {FirstLine(error)} ({error.GetType().Name})";
    }

    /// <summary>Whether memory ran out, by .NET's own exception or by the words of libtorch.</summary>
    public static bool IsOutOfMemory(Exception error) =>
        error is OutOfMemoryException || (error is not IOException && OutOfMemoryWords().IsMatch(error.Message)) || (error.InnerException is { } inner && IsOutOfMemory(inner));

    /// <summary>
    /// What may lie behind a worker that ended without a word: a system whose memory runs out kills the largest process. Null where
    /// nothing points to it.
    /// </summary>
    /// <param name="last">What the worker used last.</param>
    /// <param name="memoryBytes">What the machine has.</param>
    public static string? KilledForMemory(SystemEvent? last, long memoryBytes) =>
        last is not null && last.MemoryBytes > 0.8 * memoryBytes
            ? string.Create(CultureInfo.InvariantCulture, $"It used {last.MemoryBytes / 1e9:0.0} of {memoryBytes / 1e9:0.0} GB, so the system probably ended it for lack of memory: lower training.batchSize, or train fewer runs at once.")
            : null;

    private static string OutOfMemory(Exception error, Recipe? recipe, long step)
    {
        var asked = AskedBytes().Match(error.Message) is { Success: true } match && double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var bytes)
            ? string.Create(CultureInfo.InvariantCulture, $" ({bytes / 1e9:0.##} GB more were asked for)") : "";
        var batch = recipe is null ? "" : $" (now {recipe.Training.BatchSize})";
        var where = step > 0 ? $"after step {step}" : "before the first step";
        return $"Memory ran out {where}{asked}: lower training.batchSize{batch} or preprocessing.inputLength with “Clone with changes”, choose a smaller backbone, or train fewer runs at once.";
    }

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0].TrimEnd();

    [GeneratedRegex("can't allocate memory|not enough memory|out of memory|bad_alloc|cannot allocate memory", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMemoryWords();

    [GeneratedRegex(@"tried to allocate (\d+) bytes")]
    private static partial Regex AskedBytes();
}
