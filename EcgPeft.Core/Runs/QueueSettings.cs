using System.Text.Json;

namespace EcgPeft.Core.Runs;

/// <summary>What a person has set for the queue while it runs (<c>queue.json</c> in the data folder); it goes before the configuration.</summary>
/// <param name="Concurrency">How many workers may be at work at once; null for what the configuration says.</param>
internal sealed record QueueSettings(int? Concurrency = null)
{
    public static QueueSettings Read(DataRoot root)
    {
        try
        {
            var text = File.Exists(FileIn(root)) ? File.ReadAllText(FileIn(root)) : "{}";
            return JsonSerializer.Deserialize<QueueSettings>(text, ProductJson.Indented) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{FileIn(root)} cannot be read ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); correct it, or delete it.", e);
        }
    }

    /// <summary>When it was last set.</summary>
    public static DateTime ChangedUtc(DataRoot root) => File.GetLastWriteTimeUtc(FileIn(root));

    public void WriteTo(DataRoot root) => AtomicFile.WriteAllText(FileIn(root), JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");

    private static string FileIn(DataRoot root) => Path.Combine(root.Path, "queue.json");
}
