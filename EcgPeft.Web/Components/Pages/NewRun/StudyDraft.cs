using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What the page starts.</summary>
public enum LaunchKind
{
    /// <summary>One run.</summary>
    Run,

    /// <summary>Runs to be compared.</summary>
    Study,

    /// <summary>A search for settings.</summary>
    Search,
}

/// <summary>What a person has entered about a study or a search, beside the recipe that its runs begin as.</summary>
public sealed class StudyDraft
{
    /// <summary>Runs whose recipes are checked as one types; a larger study's are checked when it is made.</summary>
    private const int CheckedRuns = 60;

    public LaunchKind Kind { get; set; }

    /// <summary>Models of a study or a search; none for the recipe's own.</summary>
    public List<string> Models { get; init; } = [];

    /// <summary>Methods of a study or a search; none for the recipe's own.</summary>
    public List<string> Methods { get; init; } = [];

    /// <summary>Classical methods beside the runs, by name.</summary>
    public IReadOnlyList<string> Yardsticks { get; set; } = [.. Yardstick.All.Select(yardstick => yardstick.Name)];

    public string Seeds { get; set; } = "";

    public string Folds { get; set; } = "";

    /// <summary>Values of the settings that a study varies, by dotted path.</summary>
    public Dictionary<string, string> Grid { get; init; } = [];

    public SearchKind Search { get; set; } = SearchKind.Asha;

    public string Trials { get; set; } = "20";

    public string SearchSeed { get; set; } = "1";

    public string Eta { get; set; } = "3";

    public string FirstRung { get; set; } = "1";

    /// <summary>Values or ranges of the settings that are searched, by dotted path.</summary>
    public Dictionary<string, string> Space { get; init; } = new() { ["training.learningRate"] = "0.0005..0.01:log" };

    /// <summary>The settings that this study or search can vary, with a label and an example of what to type.</summary>
    /// <param name="recipe">The recipe that the runs begin as.</param>
    public IEnumerable<(string Path, string Label, string Example)> Dimensions(Recipe recipe)
    {
        string[] methods = Methods.Count > 0 ? [.. Methods] : [recipe.Peft.Method];
        bool HasIt(string name, string setting) => PeftMethod.Find(name)?.Settings.Any(s => s.Name == setting) == true;
        // A study varies what all of its methods have; a search tries a setting with those that have it.
        bool Has(string setting) => Kind == LaunchKind.Study ? methods.All(name => HasIt(name, setting)) : methods.Any(name => HasIt(name, setting));
        yield return ("training.learningRate", "Learning rate", Kind == LaunchKind.Search ? "0.0005..0.01:log" : "0.0005, 0.002");
        yield return ("training.batchSize", "Batch size", "16, 32, 64");
        if (Kind != LaunchKind.Search || Search != SearchKind.Asha) yield return ("training.epochs", "Epochs", "5, 10, 20");
        yield return ("training.weightDecay", "Weight decay", Kind == LaunchKind.Search ? "0..0.1" : "0, 0.01, 0.1");
        if (Has("dropout")) yield return ("peft.dropout", "Dropout", Kind == LaunchKind.Search ? "0..0.3" : "0, 0.05, 0.2");
        if (Has("rank")) yield return ("peft.rank", "Rank", "4, 8, 16");
        if (Has("bottleneckSize")) yield return ("peft.bottleneckSize", "Bottleneck size", "8, 16, 32");
    }

    /// <summary>Which values a setting takes that is varied, as a sentence.</summary>
    /// <param name="path">Its dotted path.</param>
    /// <param name="recipe">The recipe that the runs begin as.</param>
    public string RangeOf(string path, Recipe recipe)
    {
        var setting = RecipeFields.All.FirstOrDefault(field => field.Path == path)?.Setting
            ?? Methods.Append(recipe.Peft.Method).SelectMany(name => PeftMethod.Find(name)?.Settings ?? []).FirstOrDefault(setting => $"peft.{setting.Name}" == path);
        return setting is null ? "" : SettingText.Range(setting);
    }

    /// <summary>LoRA and adapters on each of these models.</summary>
    public void ChoosePairs(IEnumerable<string> models)
    {
        Models.Clear();
        Models.AddRange(models);
        Methods.Clear();
        Methods.AddRange(["lora", "adapter"]);
        Grid.Clear();
    }

    /// <summary>The request and its study, or what is wrong by field; both null for a single run.</summary>
    /// <param name="recipe">The recipe that the runs begin as.</param>
    public (StudyRequest? Request, Study? Study, IReadOnlyDictionary<string, string> Problems) Read(Recipe recipe)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Kind == LaunchKind.Run) return (null, null, problems);
        var texts = Kind == LaunchKind.Study ? Grid : Space;
        var typed = Dimensions(recipe).Where(d => !string.IsNullOrWhiteSpace(texts.GetValueOrDefault(d.Path))).Select(d => (d.Path, Text: $"{d.Path}={texts[d.Path]}")).ToList();
        T? Try<T>(string? field, Func<T> read)
        {
            try
            {
                return read();
            }
            catch (UserInputException e)
            {
                // What only shows when all is put together stands beside the varied setting that it speaks of, if there is one.
                problems[field ?? typed.Select(d => d.Path).FirstOrDefault(path => e.Message.Contains(path, StringComparison.Ordinal)) ?? "study"] = e.Message;
                return default;
            }
        }
        // A field that is not shown for this kind of search counts for nothing, whatever stands in it.
        int Shown(bool shown, string field, string label, string text, string usual, int min, int max) => Try(field, () => Whole(label, shown ? text : usual, min, max));
        var seeds = Try("study.seeds", () => SettingText.Parts(Seeds).Select(seed => Whole("Seeds", seed)).ToList()) ?? [];
        var request = Kind == LaunchKind.Study
            ? new StudyRequest
            {
                Name = recipe.Name, Base = recipe, Models = Models, Methods = Methods, Yardsticks = Yardsticks, Seeds = seeds,
                Folds = string.IsNullOrWhiteSpace(Folds) ? null : Try("study.folds", () => Whole("The number of folds", Folds, 3, 100)),
                Grid = [.. typed.Select(d => Try(d.Path, () => StudyAxis.Parse(d.Text))).OfType<StudyAxis>()],
            }
            : new StudyRequest
            {
                Name = recipe.Name, Base = recipe, Models = Models, Methods = Methods, Yardsticks = Yardsticks, Seeds = seeds,
                Search = new SearchPlan(
                    Search, [.. typed.Select(d => Try(d.Path, () => SearchDimension.Parse(d.Text))).OfType<SearchDimension>()], Shown(Search != SearchKind.Grid, "search.trials", "The number of trials", Trials, "20", 1, SearchPlan.MostTrials),
                    Shown(Search != SearchKind.Grid, "search.seed", "The seed of the search", SearchSeed, "1", int.MinValue, int.MaxValue),
                    Shown(Search == SearchKind.Asha, "search.eta", "eta (one in so many goes on)", Eta, "3", 2, 10), Shown(Search == SearchKind.Asha, "search.firstRung", "The first rung", FirstRung, "1", 1, int.MaxValue)),
            };
        if (problems.Count > 0) return (null, null, problems);
        var study = Try(null, () =>
        {
            var made = request.ToStudy(name => name);
            var recipes = new StudyRecipes(".");
            // The first runs of each model and method.
            foreach (var run in made.Runs.GroupBy(run => (run.Model, run.Method)).SelectMany(pair => pair.Take(Math.Max(1, CheckedRuns / (made.Models.Count * made.Methods.Count))))) recipes.Of(made, run);
            return made;
        });
        return (study is null ? null : request, study, problems);
    }

    private static int Whole(string field, string text, int min = int.MinValue, int max = int.MaxValue)
    {
        if (!int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) throw new UserInputException($"{field}: '{text}' is not a whole number.");
        if (value < min || value > max) throw new UserInputException($"{field} is {value}; it must be {(max == int.MaxValue ? $"at least {min}" : $"between {min} and {max}")}.");
        return value;
    }
}
