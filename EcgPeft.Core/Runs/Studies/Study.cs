using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// A study (<c>study.json</c>): runs that were made to be compared. Data, split and budget are the same; model, method, seed and grid vary.
/// The seed of a run also draws its split, unless <c>split.seed</c> is set; runs of one seed always have the same split.
/// </summary>
/// <param name="CreatedUtc">When it was begun, UTC.</param>
/// <param name="Data">The data set, with its content hash.</param>
/// <param name="Models">Names as they were given: <c>wav2vec2</c>, or a model's id or folder.</param>
/// <param name="Methods">PEFT methods.</param>
/// <param name="Seeds">Seeds.</param>
/// <param name="Settings">Replaced settings, <c>path=value</c>, the same for every run.</param>
/// <param name="Runs">One run for each model, method, seed, fold and point of the grid; of a search, its trials.</param>
/// <param name="Yardsticks">Classical methods on the same splits.</param>
/// <param name="Folds">Number of folds that each seed divides the data into, every one tested once; null for one split a seed.</param>
/// <param name="Ablation">Settings that the whole grid is trained with once more, each by itself (<c>path=value</c>); null or empty for none.</param>
public sealed record Study(
    DateTime CreatedUtc, DataRecipe Data, IReadOnlyList<string> Models, IReadOnlyList<string> Methods, IReadOnlyList<int> Seeds,
    IReadOnlyList<string> Settings, IReadOnlyList<StudyRun> Runs, IReadOnlyList<string> Yardsticks, int? Folds = null, IReadOnlyList<string>? Ablation = null)
{
    /// <summary>Name of the file in a study's folder.</summary>
    public const string FileName = "study.json";

    /// <summary>A name for people, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Whose study it is, where an authenticating proxy names users (<see cref="Actor"/>); its runs are the same user's. Null for nobody's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>The recipe that every run begins as; null where each model and method has a file in a folder of recipes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Recipe? Base { get; init; }

    /// <summary>Settings that vary; every combination is trained and tested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StudyAxis>? Grid { get; init; }

    /// <summary>How the best settings are searched; null for a study that compares all of its runs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchPlan? Search { get; init; }

    /// <summary>Of a search by files in a folder of recipes: what each model and method begins as, in the order of <see cref="Winners"/>; so a trial that begins later does not depend on those files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Recipe>? Recipes { get; init; }

    /// <summary>
    /// Of a search: the runs of the winners, which alone are tested; null for other studies. With the first seed, the search's, one of each model and
    /// method; then with every further seed one of each, which trains the winner's settings again on the same split.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StudyRun>? Winners { get; init; }

    /// <summary>The runs whose test results are compared: all, or of a search its winners alone.</summary>
    [JsonIgnore]
    public IReadOnlyList<StudyRun> Compared => Winners ?? Runs;

    /// <summary>All runs, and of a search the winners' last.</summary>
    [JsonIgnore]
    public IReadOnlyList<StudyRun> AllRuns => Winners is null ? Runs : [.. Runs, .. Winners];

    /// <summary>Whether a folder is a study's.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads a study.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="UserInputException">There is no study, or its file is damaged.</exception>
    public static Study Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new UserInputException($"{folder} is no study: {FileName} is missing; name the folder that a study was made in.");
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            // A search of an earlier version had one winner.
            if (json is JsonObject study && study["final"] is { } final)
            {
                study.Remove("final");
                study["winners"] = new JsonArray(final);
            }
            return json.Deserialize<Study>(ProductJson.Indented) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{path} is not readable ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); restore it or start a new study.", e);
        }
    }

    /// <summary>Seeds and folds whose splits are tested.</summary>
    [JsonIgnore]
    public IReadOnlyList<(int Seed, int? Fold)> Repeats => [.. Compared.Select(run => (run.Seed, run.Fold)).Distinct()];

    /// <summary>Whether a run is a search's winner's, and no trial.</summary>
    /// <param name="run">A run of this study.</param>
    public bool IsWinner(StudyRun run) => Winners?.Contains(run) == true;

    /// <summary>Whether a run trains a winner's settings again with another seed than the search's.</summary>
    /// <param name="run">A run of this study.</param>
    public bool IsRepeat(StudyRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Seed != Seeds[0] && IsWinner(run);
    }

    /// <summary>Writes the study.</summary>
    /// <param name="folder">Its folder; made if needed.</param>
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");
    }

    /// <summary>Whether the other asks for the same runs, so that one can go on with the other's.</summary>
    /// <param name="other">Another study.</param>
    public bool AsksTheSame(Study other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Data.Hash == other.Data.Hash && Data.Groups == other.Data.Groups && Models.SequenceEqual(other.Models) && Methods.SequenceEqual(other.Methods)
            && Seeds.SequenceEqual(other.Seeds) && Settings.SequenceEqual(other.Settings) && Folds == other.Folds && Yardsticks.SequenceEqual(other.Yardsticks) && (Ablation ?? []).SequenceEqual(other.Ablation ?? [])
            && Json(Base) == Json(other.Base) && Json(Grid ?? []) == Json(other.Grid ?? []) && Json(Search) == Json(other.Search) && Json(Recipes) == Json(other.Recipes);
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, ProductJson.Line);
}

/// <summary>One run of a study.</summary>
/// <param name="Folder">Its folder, relative to the study's.</param>
/// <param name="Model">Model, as the study names it.</param>
/// <param name="Method">PEFT method.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Fold">The fold that tests, from 1; null where the study has no folds.</param>
/// <param name="Ablated">The setting in which it differs from the grid, <c>path=value</c>; null for a run of the grid itself.</param>
public sealed record StudyRun(string Folder, string Model, string Method, int Seed, int? Fold = null, string? Ablated = null)
{
    /// <summary>Its point of the grid or of the search space, <c>path=value</c>; null where the study has neither.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Settings { get; init; }

    /// <summary>Its settings for people: <c>learningRate=0.002, rank=8</c>; empty for a run with the study's own.</summary>
    [JsonIgnore]
    public string Variant => string.Join(", ", (Settings ?? []).Concat(Ablated is null ? [] : [Ablated]).Select(setting => setting[(setting.LastIndexOf('.', setting.IndexOf('=', StringComparison.Ordinal)) + 1)..]));

    /// <summary>Its run folder.</summary>
    /// <param name="study">The study's folder.</param>
    public RunFolder In(string study) => new(Path.GetFullPath(Path.Combine(study, Folder)));
}
