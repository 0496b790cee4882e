using System.Globalization;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>How runs go to a Slurm cluster: <c>EcgPeft:Slurm</c> in the settings.</summary>
public sealed record SlurmSettings
{
    /// <summary>Whether runs may go to Slurm.</summary>
    public bool Enabled { get; init; }

    /// <summary>Whether runs go there that say nothing about it.</summary>
    public bool Usual { get; init; }

    /// <summary>What a job asks for where its recipe says nothing else; null leaves it to the cluster.</summary>
    public ExecutionRecipe Resources { get; init; } = new();

    /// <summary>Further lines of <c>#SBATCH</c>, for example <c>--constraint=a100</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Lines of shell before the worker, for example <c>module load cuda</c>.</summary>
    public IReadOnlyList<string> Setup { get; init; } = [];

    /// <summary>The <c>ecgpeft</c> of the nodes, for example a CUDA build; null for this installation's, which the nodes must see at the same path.</summary>
    public string? Program { get; init; }

    /// <summary>Jobs of one study that run at once; 0 for as many as the cluster gives.</summary>
    public int JobsAtOnce { get; init; }

    /// <summary>Trials of a search that are out at once: a search decides by what has ended.</summary>
    public int TrialsAtOnce => JobsAtOnce > 0 ? JobsAtOnce : 8;

    /// <summary>Seconds before the time limit at which a worker is told to write its checkpoint and give way.</summary>
    public int SignalSeconds { get; init; } = 120;

    /// <summary>How often a run goes on by itself after its time limit, a preemption or a lost node.</summary>
    public int AutomaticResumes { get; init; } = 10;

    /// <summary>Seconds between two looks at Slurm's queue.</summary>
    public double PollSeconds { get; init; } = 5;

    /// <summary>Seconds for which files on a shared folder may be seen late: so long the last word of an ended job is waited for.</summary>
    public double SettleSeconds { get; init; } = 30;

    /// <summary>Seconds that each of Slurm's commands may take; nothing is concluded from one that takes longer, and it is asked again.</summary>
    public double CommandSeconds { get; init; } = 60;

    /// <summary>The path of <c>sbatch</c> in <c>PATH</c>, or null.</summary>
    public static string? Sbatch => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, "sbatch")).FirstOrDefault(File.Exists);

    /// <summary>Whether runs can go to Slurm: it is enabled and its commands are here.</summary>
    public bool Available => Enabled && Sbatch is not null;

    /// <summary>Reads the settings.</summary>
    /// <param name="value">The text of a setting by its key (<c>EcgPeft:Slurm:Partition</c>), or null.</param>
    /// <exception cref="UserInputException">A setting is wrong.</exception>
    public static SlurmSettings Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string? Text(string name) => value($"EcgPeft:Slurm:{name}") is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        T? Parsed<T>(string name, string kind) where T : struct, IParsable<T> => Text(name) is not { } text ? null
            : T.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : throw new UserInputException($"EcgPeft:Slurm:{name} is '{text}'; it must be {kind}.");
        int? Whole(string name) => Parsed<int>(name, "a whole number");
        IReadOnlyList<string> Lines(string name) => [.. Enumerable.Range(0, 100).Select(i => Text($"{name}:{i}")).TakeWhile(line => line is not null).OfType<string>()];

        var usual = new SlurmSettings();
        var read = new SlurmSettings
        {
            Enabled = Parsed<bool>("Enabled", "true or false") ?? false,
            Usual = Parsed<bool>("Usual", "true or false") ?? false,
            Resources = new() { Partition = Text("Partition"), Account = Text("Account"), Cpus = Whole("Cpus"), MemoryMegabytes = Whole("MemoryMegabytes"), Gpus = Whole("Gpus"), TimeLimit = Text("TimeLimit") },
            Options = Lines("Options"),
            Setup = Lines("Setup"),
            Program = Text("Program"),
            JobsAtOnce = Whole("JobsAtOnce") ?? usual.JobsAtOnce,
            SignalSeconds = Whole("SignalSeconds") ?? usual.SignalSeconds,
            AutomaticResumes = Whole("AutomaticResumes") ?? usual.AutomaticResumes,
            PollSeconds = Parsed<double>("PollSeconds", "a number") ?? usual.PollSeconds,
            SettleSeconds = Parsed<double>("SettleSeconds", "a number") ?? usual.SettleSeconds,
            CommandSeconds = Parsed<double>("CommandSeconds", "a number") ?? usual.CommandSeconds,
        };
        if (read.Problem() is { } problem) throw new UserInputException(problem);
        return read;
    }

    /// <summary>What a run's job asks for: its recipe's wishes before the installation's.</summary>
    /// <param name="recipe">The recipe.</param>
    public ExecutionRecipe Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var asked = recipe.Execution ?? new();
        return new()
        {
            Executor = ExecutorKind.Slurm,
            Partition = asked.Partition ?? Resources.Partition,
            Account = asked.Account ?? Resources.Account,
            Cpus = asked.Cpus ?? Resources.Cpus,
            MemoryMegabytes = asked.MemoryMegabytes ?? Resources.MemoryMegabytes,
            Gpus = asked.Gpus ?? Resources.Gpus,
            TimeLimit = asked.TimeLimit ?? Resources.TimeLimit,
        };
    }

    private string? Problem()
    {
        if (Resources.Problems(name => $"EcgPeft:Slurm:{name}").FirstOrDefault() is { Sentence: { } sentence }) return sentence;
        if (Options.FirstOrDefault(option => !option.StartsWith('-') || option.Any(char.IsControl)) is { } odd) return $"EcgPeft:Slurm:Options holds '{odd}'; each must be an option of sbatch, such as --constraint=a100.";
        if (Options.FirstOrDefault(IsOurs) is { } ours) return $"EcgPeft:Slurm:Options holds '{ours}', which EcgPeft sets itself; leave it out.";
        if (JobsAtOnce < 0) return $"EcgPeft:Slurm:JobsAtOnce is {JobsAtOnce}; it must be 0 (as many as the cluster gives) or above.";
        if (SignalSeconds is < 1 or > 65_535) return $"EcgPeft:Slurm:SignalSeconds is {SignalSeconds}; it must be between 1 and 65535.";
        if (AutomaticResumes < 0) return $"EcgPeft:Slurm:AutomaticResumes is {AutomaticResumes}; it must be 0 (never) or above.";
        if (PollSeconds is not (>= 0.2 and <= 3600)) return string.Create(CultureInfo.InvariantCulture, $"EcgPeft:Slurm:PollSeconds is {PollSeconds}; it must be between 0.2 and 3600.");
        if (SettleSeconds is not (>= 0 and <= 3600)) return string.Create(CultureInfo.InvariantCulture, $"EcgPeft:Slurm:SettleSeconds is {SettleSeconds}; it must be between 0 and 3600.");
        if (CommandSeconds is not (>= 0.5 and <= 3600)) return string.Create(CultureInfo.InvariantCulture, $"EcgPeft:Slurm:CommandSeconds is {CommandSeconds}; it must be between 0.5 and 3600.");
        return null;
    }

    // By these a job is found again, its output and its end are known, and its shell is told before the time limit.
    private static readonly string[] Ours = ["job-name", "output", "error", "open-mode", "array", "dependency", "signal", "requeue", "no-requeue", "parsable", "wait", "wrap", "test-only", "hold", "clusters"];

    private static bool IsOurs(string option) => option.StartsWith("--", StringComparison.Ordinal)
        ? Ours.Contains(option[2..].Split('=', ' ')[0], StringComparer.Ordinal)
        : option.Length > 1 && "JoeadWHM".Contains(option[1], StringComparison.Ordinal);
}
