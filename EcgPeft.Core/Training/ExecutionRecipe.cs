using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EcgPeft.Core.Training;

/// <summary>What carries a run out.</summary>
public enum ExecutorKind
{
    /// <summary>A worker process on the machine of the dashboard or the command.</summary>
    Local,

    /// <summary>A job of a Slurm cluster.</summary>
    Slurm,
}

/// <summary>Where a run is carried out, and what it asks of a cluster; null stands for the installation's settings (<c>EcgPeft:Slurm</c>). Changes no result.</summary>
public sealed partial record ExecutionRecipe
{
    /// <summary>Worker process or Slurm job.</summary>
    public ExecutorKind? Executor { get; init; }

    /// <summary>Partition of the cluster.</summary>
    public string? Partition { get; init; }

    /// <summary>Account that the job is charged to.</summary>
    public string? Account { get; init; }

    /// <summary>Processors, which are the threads of training.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory, MB.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>GPUs.</summary>
    public int? Gpus { get; init; }

    /// <summary>Time limit as Slurm writes it: minutes, <c>hours:minutes:seconds</c> or <c>days-hours:minutes:seconds</c>.</summary>
    public string? TimeLimit { get; init; }

    /// <summary>What is wrong with the settings, by dotted path.</summary>
    public IEnumerable<RecipeProblem> Problems() => Problems(name => $"execution.{JsonNamingPolicy.CamelCase.ConvertName(name)}");

    /// <summary>What is wrong with the settings, wherever they stand.</summary>
    /// <param name="key">From a property's name to what people call it.</param>
    internal IEnumerable<RecipeProblem> Problems(Func<string, string> key)
    {
        // They become words of a script: nothing in them may end a line or a word.
        foreach (var (name, text) in new[] { (key(nameof(Partition)), Partition), (key(nameof(Account)), Account) })
            if (text is not null && !Word().IsMatch(text)) yield return new(name, $"{name} is '{text}'; it must be a name of letters, digits, dots, commas, dashes and underscores.");
        foreach (var (name, number, least) in new[] { (key(nameof(Cpus)), Cpus, 1), (key(nameof(MemoryMegabytes)), MemoryMegabytes, 1), (key(nameof(Gpus)), Gpus, 0) })
            if (number < least) yield return new(name, string.Create(CultureInfo.InvariantCulture, $"{name} is {number}; it must be at least {least}."));
        if (TimeLimit is { } limit && !Duration().IsMatch(limit))
            yield return new(key(nameof(TimeLimit)), $"{key(nameof(TimeLimit))} is '{limit}'; write minutes (90), hours:minutes:seconds (1:30:00) or days-hours:minutes:seconds (2-00:00:00).");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.,\-]+\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A(\d+|\d+:\d{1,2}(:\d{1,2})?|\d+-\d{1,2}(:\d{1,2}){0,2})\z")]
    private static partial Regex Duration();
}
