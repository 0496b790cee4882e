using System.Globalization;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>The command that makes a study again.</summary>
public static class StudyCommandLine
{
    /// <summary>The words of <c>ecgpeft study</c> for a study whose runs begin as one recipe, which is to be in <c>recipe.json</c>.</summary>
    /// <param name="study">The study, with its base.</param>
    public static IReadOnlyList<string> Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var options = new List<string> { "ecgpeft study --recipe recipe.json" };
        void Add(string option, string value) => options.Add($"{option} {(value.All(c => char.IsAsciiLetterOrDigit(c) || "/.,:=_-+@".Contains(c, StringComparison.Ordinal)) ? value : $"'{value}'")}");
        if (study.Search is { } search)
        {
            if (study.Models.Count * study.Methods.Count > 1)
            {
                Add("--models", string.Join(',', study.Models));
                Add("--peft", string.Join(',', study.Methods));
            }
            if (study.Seeds.Count > 1 || study.Seeds[0] != study.Base?.Seed) Add("--seeds", string.Join(',', study.Seeds));
            Add("--search", search.Kind.ToString().ToLowerInvariant());
            foreach (var dimension in search.Space) Add("--space", dimension.ToString());
            if (search.Kind != SearchKind.Grid)
            {
                Add("--trials", Text(search.Trials));
                Add("--search-seed", Text(search.Seed));
            }
            if (search.Kind == SearchKind.Asha)
            {
                Add("--eta", Text(search.Eta));
                Add("--first-rung", Text(search.FirstRung));
            }
        }
        else
        {
            Add("--models", string.Join(',', study.Models));
            Add("--peft", string.Join(',', study.Methods));
            Add("--seeds", string.Join(',', study.Seeds));
            if (study.Folds is { } folds) Add("--folds", Text(folds));
            foreach (var axis in study.Grid ?? []) Add("--grid", $"{axis.Path}={string.Join(',', axis.Values)}");
        }
        if (!Yardstick.All.Select(y => y.Name).SequenceEqual(study.Yardsticks)) Add("--yardsticks", study.Yardsticks.Count == 0 ? "none" : string.Join(',', study.Yardsticks));
        foreach (var setting in study.Settings) Add("--set", setting);
        return options;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
