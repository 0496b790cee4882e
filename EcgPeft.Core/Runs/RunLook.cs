using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace EcgPeft.Core.Runs;

/// <summary>
/// How a run looks in every picture: a colour and a dash, chosen when its folder is created (<c>look.json</c>), so that it is the same on
/// every page and travels with the folder. Runs made one after the other look different.
/// </summary>
/// <param name="Color">0 to <see cref="Colors"/> - 1: colours that colour-blind people tell apart.</param>
/// <param name="Dash">0 to <see cref="Dashes"/> - 1: solid, dashed, dotted, long dashes, short dashes.</param>
public sealed record RunLook(int Color, int Dash)
{
    /// <summary>How many colours there are.</summary>
    public const int Colors = 6;

    /// <summary>How many dashes there are.</summary>
    public const int Dashes = 5;

    /// <summary>How many looks there are.</summary>
    public const int Count = Colors * Dashes;

    /// <summary>The dashes as SVG's <c>stroke-dasharray</c>, by number.</summary>
    public static IReadOnlyList<string> DashArrays { get; } = ["none", "6", "2", "10", "4"];

    private const string Counter = ".next-look";

    // Read once a process, and again where a person has given the run another look.
    private static readonly ConcurrentDictionary<string, (RunLook Look, DateTime WrittenUtc)> Known = [];

    /// <summary>The look of a number; after <see cref="Count"/> they begin again.</summary>
    /// <param name="number">From 0.</param>
    public static RunLook Numbered(int number) => new(number % Colors, number / Colors % Dashes);

    /// <summary>The look of a run. A folder that was made before looks were kept has one that follows from its name.</summary>
    /// <param name="folder">The run.</param>
    public static RunLook Of(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = folder.LookFile;
        var written = File.GetLastWriteTimeUtc(path);
        if (Known.TryGetValue(folder.Path, out var known) && known.WrittenUtc == written) return known.Look;
        var look = Read(path) ?? Numbered(Hash(folder.Id) % Count);
        Known[folder.Path] = (look, written);
        return look;
    }

    /// <summary>Looks that differ, for runs in one picture: who comes first keeps its own; another of the same look gets another dash, and another colour only where all dashes are taken.</summary>
    /// <param name="looks">One for each run, in order.</param>
    public static IReadOnlyList<RunLook> Apart(IReadOnlyList<RunLook> looks)
    {
        ArgumentNullException.ThrowIfNull(looks);
        var (taken, apart) = (new HashSet<RunLook>(), new RunLook?[looks.Count]);
        for (var i = 0; i < looks.Count; i++)
            if (taken.Add(looks[i])) apart[i] = looks[i];
        for (var i = 0; i < looks.Count; i++)
        {
            if (apart[i] is not null) continue;
            var own = looks[i];
            apart[i] = Enumerable.Range(1, Count - 1).Select(n => new RunLook((own.Color + n / Dashes) % Colors, (own.Dash + n) % Dashes)).FirstOrDefault(look => !taken.Contains(look)) ?? own;
            taken.Add(apart[i]!);
        }
        return apart!;
    }

    /// <summary>Refuses a look that there is not.</summary>
    /// <exception cref="UserInputException">There is no such colour or dash.</exception>
    public void Demand()
    {
        if (Color is < 0 or >= Colors) throw new UserInputException($"There is no colour {Color}; colours are 0 to {Colors - 1}.");
        if (Dash is < 0 or >= Dashes) throw new UserInputException($"There is no dash {Dash}; dashes are 0 to {Dashes - 1}.");
    }

    /// <summary>Gives a run the look that a person has chosen.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="look">Its new look.</param>
    internal static void Set(RunFolder folder, RunLook look)
    {
        look.Demand();
        Write(folder, look.Dash * Colors + look.Color);
    }

    /// <summary>Gives a new folder the next look of the product's own folder of runs, which counts them; in any other folder, where nothing but the run belongs, the one after its youngest neighbour's.</summary>
    internal static void Assign(RunFolder folder, string parent, bool counts) => Write(folder, (counts ? Next(Path.Combine(parent, Counter)) : YoungestOf(parent) + 1) % Count);

    private static void Write(RunFolder folder, int number) => AtomicFile.WriteAllText(folder.LookFile, JsonSerializer.Serialize(new { look = number }) + "\n");

    /// <summary>The number of the look that was given last among a folder's runs; -1 where there is none.</summary>
    private static int YoungestOf(string parent) =>
        Directory.EnumerateDirectories(parent).Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Select(path => new FileInfo(new RunFolder(path).LookFile)).Where(look => look.Exists)
            .OrderByDescending(look => look.LastWriteTimeUtc).Select(look => NumberIn(look.FullName)).FirstOrDefault(-1);

    private static int Next(string counter)
    {
        // Another process that creates a run at the same instant is done in no time.
        for (var attempt = 0; attempt < 50; attempt++)
        {
            using var file = FileLock.TryTake(counter);
            if (file is null)
            {
                Thread.Sleep(2);
                continue;
            }
            using var reader = new StreamReader(file, leaveOpen: true);
            _ = int.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var next);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes((next + 1).ToString(CultureInfo.InvariantCulture)));
            return next;
        }
        return 0;
    }

    private static RunLook? Read(string path) => NumberIn(path) is >= 0 and var number ? Numbered(number) : null;

    private static int NumberIn(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty("look", out var look) && look.TryGetInt32(out var number) ? number : -1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return -1; // a look is no reason to refuse a run
        }
    }

    private static int Hash(string id) => id.Aggregate(17, (hash, character) => ((hash * 31) + character) & 0x7fffffff);
}
