using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>The recipe of each run of a study, from the files <c>{model}-{method}.json</c> in a folder of recipes.</summary>
/// <param name="folder">The folder of recipes.</param>
public sealed class StudyRecipes(string folder)
{
    /// <summary>The recipe of one run.</summary>
    /// <param name="study">The study.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="UserInputException">There is no recipe for this model and method, or a setting is wrong.</exception>
    public Recipe Of(Study study, StudyRun run)
    {
        IReadOnlyList<string> own = [.. study.Settings, .. run.Settings ?? [], .. run.Ablated is { } ablated ? [ablated] : Array.Empty<string>(), .. FoldSettings(study, run)];
        var recipe = study.Base is { } begin ? Changed(begin, run, own)
            : study.Recipes is { } kept && study.Winners!.Index().FirstOrDefault(pair => pair.Item.Model == run.Model && pair.Item.Method == run.Method) is { Item: not null, Index: var at } ? Parsed(kept[at], own)
            : RecipeFile.Read(FileFor(run, out var settings), [.. settings, .. own]);
        return recipe with { Name = NameOf(study, run), Data = study.Data, Seed = run.Seed };
    }

    /// <summary>What tables call a run: model, method, seed and fold, or its number as a trial, and what it varies.</summary>
    /// <param name="study">The study.</param>
    /// <param name="run">The run.</param>
    public static string NameOf(Study study, StudyRun run)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(run);
        if (study.Search is null) return FolderName(run.Model, run.Method, run.Seed, run.Fold, run.Ablated) + (run.Settings is null ? "" : $" ({run.Variant})");
        var pair = study.Models.Count * study.Methods.Count > 1 ? PairName(run.Model, run.Method) + " " : "";
        if (study.IsWinner(run)) return $"{pair}search winner{(study.IsRepeat(run) ? FormattableString.Invariant($", seed {run.Seed}") : "")}";
        var at = study.Runs.Where(trial => trial.Model == run.Model && trial.Method == run.Method).ToList().IndexOf(run);
        return FormattableString.Invariant($"{pair}trial {at + 1} ({run.Variant})");
    }

    /// <summary>Model and method in a folder's name.</summary>
    /// <param name="model">Model, as the study names it.</param>
    /// <param name="method">PEFT method.</param>
    public static string PairName(string model, string method) => $"{Plain(Path.TrimEndingDirectorySeparator(model).Split('/', '\\')[^1])}-{method}";

    /// <summary>The folder name of a run.</summary>
    /// <param name="model">Model, as the study names it.</param>
    /// <param name="method">PEFT method.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="fold">The fold that tests, or null.</param>
    /// <param name="ablated">The setting in which the run differs from the grid, <c>path=value</c>, or null.</param>
    public static string FolderName(string model, string method, int seed, int? fold = null, string? ablated = null)
    {
        return $"{PairName(model, method)}-seed{seed}{(fold is null ? "" : $"-fold{fold}")}{(ablated is null ? "" : $"-{Plain(ablated.Split('.')[^1])}")}";
    }

    private static string Plain(string text) => string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-'));

    /// <summary>
    /// <c>{model}-{method}.json</c>; a method without a file takes another file of the model and changes the method; a model that is no recipe's
    /// name is an id or folder, put into some recipe of the method.
    /// </summary>
    private string FileFor(StudyRun run, out string[] settings)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToArray() : [];
        if (files.Length == 0) throw new UserInputException($"There are no recipes in {folder}; run the command from the project's folder, or name their folder with --recipes.");
        string? Named(Predicate<string> fits) => files.FirstOrDefault(file => fits(Path.GetFileNameWithoutExtension(file)));
        var isName = Named(name => name.StartsWith(run.Model + "-", StringComparison.Ordinal)) is not null;
        if (!isName && !run.Model.Contains('/', StringComparison.Ordinal) && !Directory.Exists(run.Model) && !File.Exists(run.Model))
            throw new UserInputException($"There is no recipe for the model '{run.Model}' in {folder}, and it is no model's folder; the recipes are {string.Join(", ", files.Select(Path.GetFileNameWithoutExtension))}.");
        if (isName && Named(name => name == $"{run.Model}-{run.Method}") is { } exact)
        {
            settings = [];
            return exact;
        }
        settings = isName ? [$"peft.method={run.Method}"] : [$"peft.method={run.Method}", $"backbone.model={Text(run.Model)}"];
        return Named(name => isName ? name.StartsWith(run.Model + "-", StringComparison.Ordinal) : name.EndsWith("-" + run.Method, StringComparison.Ordinal)) ?? files[0];
    }

    /// <summary>The study's own recipe with the run's model and method: another method than the recipe's begins with its defaults.</summary>
    private static Recipe Changed(Recipe begin, StudyRun run, IReadOnlyList<string> settings)
    {
        var same = begin.Backbone.Model == run.Model;
        begin = begin with { Backbone = same ? begin.Backbone : new BackboneRecipe { Model = run.Model } };
        return Parsed(begin, [$"peft.method={run.Method}", .. settings]);
    }

    private static Recipe Parsed(Recipe begin, IReadOnlyList<string> settings) => RecipeFile.Parse("The study's recipe", System.Text.Json.JsonSerializer.Serialize(begin, ProductJson.Indented), settings);

    private static bool KnowsGroups(DataRecipe data) => data.Groups is not null || (data.Path is { } path && Ecg.DataSetFolder.Is(path) && Ecg.DataSetFolder.ReadInfo(path).GroupCount is not null);

    private static string[] FoldSettings(Study study, StudyRun run) => study.Folds is not { } folds ? []
        : [$"split.kind={(KnowsGroups(study.Data) ? "groupedKFold" : "kFold")}", FormattableString.Invariant($"split.folds={folds}"), FormattableString.Invariant($"split.fold={run.Fold}")];

    // As JSON text, so that a folder named 12 stays a name.
    private static string Text(string model) => System.Text.Json.JsonSerializer.Serialize(Directory.Exists(model) || File.Exists(model) ? Path.GetFullPath(model) : model);
}
