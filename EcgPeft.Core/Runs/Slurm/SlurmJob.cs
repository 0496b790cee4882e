using System.Text.Json;
using System.Text.Json.Serialization;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>
/// A run's job (<c>slurm.json</c> in the run folder), written by whoever submits and follows it, never by the worker.
/// </summary>
public sealed record SlurmJob
{
    /// <summary>Name that Slurm knows the submission by; it finds a job again whose submitter ended before it had its id.</summary>
    public string? Name { get; init; }

    /// <summary>Place in the job array; null for a job of its own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    /// <summary>The job's id (<c>17</c>, of an array <c>17_3</c>); null until Slurm has accepted it.</summary>
    public string? Id { get; init; }

    /// <summary>What Slurm calls its state (<c>PENDING</c>, <c>RUNNING</c>, <c>TIMEOUT</c>, …) as last seen.</summary>
    public string? State { get; init; }

    /// <summary>Why it waits, as Slurm says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The node that it runs or ran on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }

    /// <summary>The script that was submitted, relative to the run folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Script { get; init; }

    /// <summary>Folder of the study whose waiting runs go to Slurm together, relative to the run folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    /// <summary>When it was submitted, UTC.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? SubmittedUtc { get; init; }

    /// <summary>How often the run has gone to Slurm again by itself since a person put it into the queue.</summary>
    public int Resumes { get; init; }

    /// <summary>A sentence for people: why it is not at Slurm yet, or how the job ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Whether the job has ended and all that follows from it is done.</summary>
    public bool Done { get; init; }

    /// <summary>Whether there is a job to follow.</summary>
    [JsonIgnore]
    public bool IsOut => Id is not null && !Done;

    /// <summary>Reads a run's job; null where none was made.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">The file is damaged.</exception>
    public static SlurmJob? Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return JsonSerializer.Deserialize<SlurmJob>(File.ReadAllText(folder.SlurmFile), ProductJson.Indented) ?? throw new JsonException("it holds null");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{folder.SlurmFile} cannot be read ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); delete it and resume the run.", e);
        }
    }

    /// <summary>A waiting run whose job was taken back when it was deleted needs a new one when it is given back.</summary>
    /// <param name="folder">The run.</param>
    internal static void WaitAgain(RunFolder folder)
    {
        if (File.Exists(folder.SlurmFile) && RunLife.Current(folder) == Training.RunStatus.Queued && Read(folder) is { Done: true } job) new SlurmJob { Group = job.Group }.WriteTo(folder);
    }

    /// <summary>Replaces the file.</summary>
    internal void WriteTo(RunFolder folder) => AtomicFile.WriteAllText(folder.SlurmFile, JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");
}
