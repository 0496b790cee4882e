using System.Text.RegularExpressions;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>Values for modules whose path matches a key, as the PEFT library's <c>rank_pattern</c> and <c>alpha_pattern</c>.</summary>
internal static class PathPattern
{
    /// <summary>The value of the first key that is the path, or the end of the path after a dot, as a regular expression.</summary>
    /// <param name="patterns">Keys and values; null means none.</param>
    /// <param name="path">A module's path.</param>
    /// <param name="otherwise">The value where none matches.</param>
    public static T Find<T>(IReadOnlyDictionary<string, T>? patterns, string path, T otherwise)
    {
        foreach (var (key, value) in patterns ?? new Dictionary<string, T>())
        {
            try
            {
                if (Regex.IsMatch(path, $@"^(.*\.)?({key})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) return value;
            }
            catch (ArgumentException e)
            {
                throw new UserInputException($"A key of peft.rankPattern or peft.alphaPattern is '{key}', which is no regular expression.", e);
            }
        }
        return otherwise;
    }
}
