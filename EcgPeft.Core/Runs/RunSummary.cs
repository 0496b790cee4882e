using System.Text.Json.Serialization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>One row of the table of runs: what a run is, where it stands and what it achieved.</summary>
public sealed record RunSummary
{
    /// <summary>Name of the run's folder.</summary>
    public required string Id { get; init; }

    /// <summary>The recipe's name, or the id.</summary>
    public required string Name { get; init; }

    /// <summary>Where the run stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>One sentence: why it has this status, or where it goes on.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>Since when it has this status, UTC.</summary>
    public required DateTime StatusTime { get; init; }

    /// <summary>When it was put into the queue first, UTC.</summary>
    public required DateTime CreatedUtc { get; init; }

    /// <summary>When a worker began first, UTC.</summary>
    public DateTime? StartedUtc { get; init; }

    /// <summary>When it completed, failed, was stopped or interrupted, UTC; null while queued or at work.</summary>
    public DateTime? EndedUtc { get; init; }

    /// <summary>Time of its last event, UTC.</summary>
    public required DateTime LastEventUtc { get; init; }

    /// <summary>The recipe's <c>backbone.model</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The recipe's <c>peft.method</c>.</summary>
    public string Method { get; init; } = "";

    /// <summary>Name of the data set's folder or file.</summary>
    public string DataSet { get; init; } = "";

    /// <summary>Every setting; null where <c>recipe.json</c> cannot be read.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Last finished optimiser step.</summary>
    public long Step { get; init; }

    /// <summary>Steps at the most; null until the worker has said so.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>Epoch of the last step, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs at the most.</summary>
    public int Epochs { get; init; }

    /// <summary>PEFT parameters and head; null until the worker has said so.</summary>
    public long? TrainableParameters { get; init; }

    /// <summary>All parameters, frozen ones included; null until the worker has said so.</summary>
    public long? TotalParameters { get; init; }

    /// <summary>Seconds under a worker up to the last event, pauses taken out.</summary>
    public double ActiveSeconds { get; init; }

    /// <summary>Loss of the last step.</summary>
    public double? LastLoss { get; init; }

    /// <summary>Best epoch so far by the selection metric, from 1.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Validation loss of the best epoch so far.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Validation metrics of the best epoch so far.</summary>
    public BinaryMetrics? BestValidation { get; init; }

    /// <summary>Validation metrics of the completed run (<c>metrics.json</c>).</summary>
    public BinaryMetrics? Validation { get; init; }

    /// <summary>Test metrics of the completed run (<c>metrics.json</c>).</summary>
    public BinaryMetrics? Test { get; init; }

    /// <summary>What the completed run cost (<c>metrics.json</c>).</summary>
    public RunResources? Resources { get; init; }

    /// <summary>What the worker last said that it uses; null where it said nothing. Its time is the last sign of life.</summary>
    public SystemEvent? System { get; init; }

    /// <summary>Tags, note, archive and priority (<c>notes.json</c>).</summary>
    public RunNotes Notes { get; init; } = RunNotes.None;

    /// <summary>Its colour and dash in every picture (<c>look.json</c>).</summary>
    public RunLook? Look { get; init; }

    /// <summary>Its job (<c>slurm.json</c>); null for a run that Slurm does not carry out.</summary>
    public SlurmJob? Slurm { get; init; }

    /// <summary>The study of the data folder that it belongs to; null for none, and where nobody has looked.</summary>
    public string? Study { get; init; }

    /// <summary>What that study is called on pages; no two studies are called the same. Null where <see cref="Study"/> is.</summary>
    [JsonIgnore]
    public string? StudyTitle { get; init; }

    /// <summary>Why the folder cannot be read, in one sentence; null where it can. The other values are the last known ones.</summary>
    public string? Broken { get; init; }

    /// <summary>What a run's folder says of it; null before its first status.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">The recipe or the metrics cannot be read.</exception>
    /// <exception cref="IOException">The events cannot be read.</exception>
    public static RunSummary? Read(RunFolder folder)
    {
        var tail = new RunTail(folder, (_, _) => { });
        tail.Advance();
        return tail.Summary;
    }
}

/// <summary>A run as a page needs it when it opens.</summary>
/// <param name="Summary">Where the run stands.</param>
/// <param name="Steps">All steps in order; of a step done twice the later one.</param>
/// <param name="Epochs">All epochs in order; of an epoch done twice the later one.</param>
/// <param name="Log">The last 200 log lines.</param>
/// <param name="Sequence">Byte offset in <c>events.jsonl</c> up to which everything is in this snapshot.</param>
public sealed record RunSnapshot(RunSummary Summary, IReadOnlyList<StepEvent> Steps, IReadOnlyList<EpochEvent> Epochs, IReadOnlyList<LogEvent> Log, long Sequence)
{
    /// <summary>What was said first of steps that were done twice, in the order of the file; <see cref="Steps"/> has what counts.</summary>
    public IReadOnlyList<StepEvent> Redone { get; init; } = [];

    /// <summary>Where the run was taken up again, in order.</summary>
    public IReadOnlyList<ResumePoint> Resumes { get; init; } = [];

    /// <summary>What the worker used over time, in order.</summary>
    public IReadOnlyList<SystemEvent> System { get; init; } = [];

    /// <summary>What the run is about to do; null until its worker has said so.</summary>
    public PlanEvent? Plan { get; init; }
}

/// <summary>A worker took a run up again.</summary>
/// <param name="Step">The step after which it went on.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="ActiveSeconds">Seconds under a worker until then, pauses taken out.</param>
public sealed record ResumePoint(long Step, DateTime Time, double ActiveSeconds);

/// <summary>What happened to a run since the last increment.</summary>
/// <param name="Summary">Where the run stands now.</param>
/// <param name="Events">The new events, in order.</param>
/// <param name="FromSequence">Byte offset where <paramref name="Events"/> begin: the <paramref name="ToSequence"/> of the increment before.</param>
/// <param name="ToSequence">Byte offset where they end.</param>
public sealed record RunIncrement(RunSummary Summary, IReadOnlyList<RunEvent> Events, long FromSequence, long ToSequence)
{
    /// <summary>What was said before of those steps in <see cref="Events"/> that had been done already.</summary>
    public IReadOnlyList<StepEvent> Redone { get; init; } = [];

    /// <summary>Resumes among <see cref="Events"/>.</summary>
    public IReadOnlyList<ResumePoint> Resumes { get; init; } = [];

    /// <summary>Different steps that the run has done so far.</summary>
    public int TotalSteps { get; init; }
}
