using System.Text.Json;
using System.Text.Json.Serialization;

namespace EcgPeft.Core.Runs;

/// <summary>How urgent a waiting run is: a more urgent one starts first, whenever it was put into the queue.</summary>
public enum RunPriority
{
    /// <summary>When nothing else waits.</summary>
    Low,

    /// <summary>In the order of arrival.</summary>
    Normal,

    /// <summary>Before all others.</summary>
    High,
}

/// <summary>
/// What people say of a run, beside what it is: <c>notes.json</c> in its folder, so it survives a lost database and travels with
/// the folder. Training never reads it, and a worker never writes it.
/// </summary>
public sealed record RunNotes
{
    /// <summary>Most tags of a run.</summary>
    public const int MostTags = 20;

    /// <summary>Most characters of a tag.</summary>
    public const int LongestTag = 40;

    /// <summary>Most characters of a note.</summary>
    public const int LongestNote = 10_000;

    /// <summary>Words to find it by, in the order given; no two alike.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Free text.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether lists leave it out until somebody asks for archived runs.</summary>
    public bool Archived { get; init; }

    /// <summary>How urgent it is while it waits.</summary>
    public RunPriority Priority { get; init; } = RunPriority.Normal;

    /// <summary>Its place among waiting runs of the same priority, the lowest first; null for the order of arrival, after all that have a place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Place { get; init; }

    /// <summary>Whose run it is, where an authenticating proxy names users (<see cref="Actor"/>); null for nobody's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>A run that nobody has said anything of.</summary>
    public static RunNotes None { get; } = new();

    /// <summary>Reads the notes of a run; a folder without the file has none.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">The file is damaged.</exception>
    public static RunNotes Read(RunFolder folder)
    {
        try
        {
            if (!File.Exists(folder.NotesFile)) return None;
            return JsonSerializer.Deserialize<RunNotes>(File.ReadAllText(folder.NotesFile), ProductJson.Strict) ?? throw new JsonException("it holds null");
        }
        catch (FileNotFoundException)
        {
            return None; // replaced or taken away between the two lines
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{folder.NotesFile} cannot be read ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); correct it, or delete it to begin without notes.", e);
        }
    }

    /// <summary>Tags as they are kept: trimmed, none empty, none twice (whatever the case of their letters).</summary>
    /// <param name="tags">Tags as a person typed them.</param>
    /// <exception cref="UserInputException">There are too many, or one is too long or has a comma or line break.</exception>
    public static IReadOnlyList<string> CleanTags(IEnumerable<string> tags)
    {
        var clean = tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (clean.Count > MostTags) throw new UserInputException($"{clean.Count} tags are too many; a run can have {MostTags}.");
        if (clean.Find(tag => tag.Length > LongestTag) is { } longest) throw new UserInputException($"The tag '{longest[..LongestTag]}…' is too long; a tag has at most {LongestTag} characters.");
        if (clean.Find(tag => tag.Contains(',', StringComparison.Ordinal) || tag.Any(char.IsControl)) is { } odd) throw new UserInputException($"The tag '{odd}' holds a comma or a control character; give separate tags.");
        return clean;
    }

    /// <inheritdoc/>
    public bool Equals(RunNotes? other) =>
        other is not null && Tags.SequenceEqual(other.Tags) && Note == other.Note && Archived == other.Archived && Priority == other.Priority && Place == other.Place && Owner == other.Owner;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tags.Count, Note, Archived, Priority, Place, Owner);

    /// <summary>Replaces the file.</summary>
    internal void WriteTo(RunFolder folder) => AtomicFile.WriteAllText(folder.NotesFile, JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");
}
