using System.Text.RegularExpressions;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>Regular expressions for the paths of modules, as the PEFT library's settings hold them.</summary>
internal static class PathExpression
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Whether a path matches.</summary>
    /// <param name="expression">The expression; Python's way to name a group is understood.</param>
    /// <param name="before">What stands before it in the whole expression.</param>
    /// <param name="path">The path.</param>
    /// <param name="setting">The setting's name, for errors.</param>
    /// <exception cref="UserInputException">It is no expression, or one that takes for ever.</exception>
    public static bool Matches(string expression, string before, string path, string setting)
    {
        try
        {
            return Regex.IsMatch(path, $"^{before}(?:{expression.Replace("(?P<", "(?<", StringComparison.Ordinal)})$", RegexOptions.CultureInvariant, Longest);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new UserInputException($"peft.{setting} is '{expression}', which as a regular expression takes longer than {Longest.TotalSeconds:0} s for one path; write it without nested repetitions.", e);
        }
        catch (ArgumentException e)
        {
            throw new UserInputException($"peft.{setting} is '{expression}', which is no regular expression ({e.Message.TrimEnd('.')}); a single text is one, a list holds names.", e);
        }
    }
}
