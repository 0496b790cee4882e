using System.Globalization;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>The command that makes a study again.</summary>
public static class StudyCommandLine
{
    /// <summary>The words of <c>ecgpeft study</c>; of a study whose runs begin as one recipe, that is to be in <c>recipe.json</c>.</summary>
    /// <param name="study">The study.</param>
    public static IReadOnlyList<string> Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var files = study.Base is null;
        var options = new List<string> { files ? $"ecgpeft study --data {Word(Path.GetFileName(Path.TrimEndingDirectorySeparator(study.Data.Path ?? "segments.csv")))}" : "ecgpeft study --recipe recipe.json" };
        void Add(string option, string value) => options.Add($"{option} {Word(value)}");
        if (files && study.Data.Groups is { } groups) Add("--groups", Path.GetFileName(groups));
        if (study.Search is { } search)
        {
            if (files || study.Models.Count * study.Methods.Count > 1)
            {
                Add("--models", string.Join(',', study.Models));
                Add("--peft", string.Join(',', study.Methods));
            }
            if (study.Seeds.Count > 1 || study.Seeds[0] != (study.Base?.Seed ?? 1)) Add("--seeds", string.Join(',', study.Seeds));
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
        foreach (var setting in study.Ablation ?? []) Add("--ablate", setting);
        return options;
    }

    /// <summary>As a shell reads it as one word.</summary>
    private static string Word(string value) => value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || "/.,:=_-+@".Contains(c, StringComparison.Ordinal)) ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
