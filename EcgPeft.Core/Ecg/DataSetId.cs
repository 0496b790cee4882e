using System.Text.RegularExpressions;

namespace EcgPeft.Core.Ecg;

/// <summary>Ids of data sets: names of folders that every file system takes.</summary>
internal static partial class DataSetId
{
    private const int Longest = 40;

    /// <summary>Whether this may be an id.</summary>
    public static bool Is(string? id) => id is not null && Pattern().IsMatch(id);

    /// <summary>Ids for a name, the best first.</summary>
    public static IEnumerable<string> For(string name)
    {
        var slug = NotInId().Replace(name.ToLowerInvariant(), "-").Trim('-');
        slug = slug.Length == 0 ? "data" : slug[..Math.Min(slug.Length, Longest)].Trim('-');
        yield return slug;
        for (var n = 2; ; n++) yield return $"{slug}-{SegmentCsv.Plain(n)}";
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z")]
    private static partial Regex Pattern();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInId();
}
