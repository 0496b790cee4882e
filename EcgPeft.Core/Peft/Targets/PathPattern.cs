namespace EcgPeft.Core.Peft.Targets;

/// <summary>Values for modules whose path matches a key, as the PEFT library's <c>rank_pattern</c> and <c>alpha_pattern</c>.</summary>
internal static class PathPattern
{
    /// <summary>The value of the first key that is the path, or the end of the path after a dot, as a regular expression.</summary>
    /// <param name="patterns">Keys and values; null means none.</param>
    /// <param name="path">A module's path.</param>
    /// <param name="otherwise">The value where none matches.</param>
    /// <param name="setting">The setting's name, for errors.</param>
    public static T Find<T>(IReadOnlyDictionary<string, T>? patterns, string path, T otherwise, string setting)
    {
        foreach (var (key, value) in patterns ?? new Dictionary<string, T>())
        {
            if (PathExpression.Matches(key, @"(?:.*\.)?", path, setting)) return value;
        }
        return otherwise;
    }
}
