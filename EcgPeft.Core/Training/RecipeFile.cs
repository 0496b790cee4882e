using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Training;

/// <summary>Reads recipes, with settings replaced by dotted paths, and says in one sentence what is wrong with them.</summary>
public static class RecipeFile
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">Replacements such as <c>training.epochs=3</c>; the value is JSON, or else a text.</param>
    /// <exception cref="UserInputException">The file or a replacement is wrong.</exception>
    public static Recipe Read(string path, IEnumerable<string> settings)
    {
        if (!File.Exists(path)) throw new UserInputException($"There is no recipe {path}; name one of the files in recipes/ or your own.");
        return Parse(path, File.ReadAllText(path), settings);
    }

    /// <summary>Reads a recipe from a text.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="text">JSON.</param>
    /// <param name="settings">Replacements, as for <see cref="Read"/>.</param>
    /// <exception cref="UserInputException">The text or a replacement is wrong.</exception>
    public static Recipe Parse(string path, string text, IEnumerable<string> settings)
    {
        try
        {
            var root = JsonNode.Parse(text, documentOptions: Lenient) as JsonObject ?? throw new UserInputException($"{path} is not a JSON object.");
            ReplaceAll(root, [.. settings]);
            var recipe = root.Deserialize<Recipe>(ProductJson.Strict) ?? throw new UserInputException($"{path} is empty.");
            Check(recipe);
            return recipe;
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{path}: {Explain(e)}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new UserInputException($"{path}: a text in it is no valid Unicode.", e); // half of a surrogate pair
        }
    }

    /// <summary>Refuses a recipe whose numbers make no sense.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="UserInputException">A setting is out of its range.</exception>
    public static void Check(Recipe recipe)
    {
        if (Problems(recipe).FirstOrDefault() is { Sentence: var sentence }) throw new UserInputException(sentence);
    }

    /// <summary>Everything that is wrong with a recipe, by the setting's dotted path.</summary>
    /// <param name="recipe">The recipe.</param>
    public static IEnumerable<RecipeProblem> Problems(Recipe recipe)
    {
        var t = recipe.Training;
        // Pre-training for no epoch writes the weights that it would begin with: the yardstick of a comparison.
        if (t.Epochs < (recipe.Pretraining is null ? 1 : 0)) yield return new("training.epochs", $"training.epochs is {t.Epochs}; it must be at least 1.");
        if (t.BatchSize < 1) yield return new("training.batchSize", $"training.batchSize is {t.BatchSize}; it must be at least 1.");
        if (!(t.LearningRate > 0 && t.LearningRate <= 1)) yield return new("training.learningRate", $"training.learningRate is {t.LearningRate}; it must be above 0 and at most 1.");
        if (!(t.WeightDecay >= 0 && t.WeightDecay <= 1)) yield return new("training.weightDecay", $"training.weightDecay is {t.WeightDecay}; it must be between 0 and 1.");
        if (!(t.WarmupFraction >= 0 && t.WarmupFraction < 1)) yield return new("training.warmupFraction", $"training.warmupFraction is {t.WarmupFraction}; it must be at least 0 and below 1.");
        if (!(t.MaxGradientNorm >= 0 && double.IsFinite(t.MaxGradientNorm))) yield return new("training.maxGradientNorm", $"training.maxGradientNorm is {t.MaxGradientNorm}; it must be 0 (off) or above.");
        if (t.Patience < 0) yield return new("training.patience", $"training.patience is {t.Patience}; it must be 0 (off) or above.");
        if (!(t.FocalGamma >= 0 && t.FocalGamma <= 10)) yield return new("training.focalGamma", $"training.focalGamma is {t.FocalGamma}; it must be between 0 and 10.");
        if (!(t.CheckpointSeconds >= 1 && t.CheckpointSeconds <= 86_400)) yield return new("training.checkpointSeconds", FormattableString.Invariant($"training.checkpointSeconds is {t.CheckpointSeconds}; it must be between 1 and 86400."));
        if (t.CheckpointSteps < 0) yield return new("training.checkpointSteps", $"training.checkpointSteps is {t.CheckpointSteps}; it must be 0 (by time alone) or above.");
        if (t.StopAfterEpoch is < 1) yield return new("training.stopAfterEpoch", $"training.stopAfterEpoch is {t.StopAfterEpoch}; it must be at least 1, or be left out.");
        foreach (var problem in recipe.Augmentation.Problems()) yield return problem;
        var s = recipe.Split;
        if (!(s.Validation > 0 && s.Test > 0 && s.Validation + s.Test < 1))
            yield return new("split", $"split.validation and split.test are {s.Validation} and {s.Test}; both must be above 0 and their sum below 1.");
        if (!(recipe.Evaluation.Sensitivity > 0 && recipe.Evaluation.Sensitivity <= 1)) yield return new("evaluation.sensitivity", $"evaluation.sensitivity is {recipe.Evaluation.Sensitivity}; it must be above 0 and at most 1.");
        if (s.Folds is < 3 or > 100) yield return new("split.folds", $"split.folds is {s.Folds}; it must be between 3 and 100.");
        if (s.Fold < 1 || (s.Kind is SplitKind.KFold or SplitKind.GroupedKFold && s.Fold > s.Folds))
            yield return new("split.fold", $"split.fold is {s.Fold}; it must be between 1 and {(s.Kind == SplitKind.LeaveOneGroupOut ? "the number of groups" : $"split.folds, which is {s.Folds}")}.");
        foreach (var problem in recipe.Preprocessing.Problems()) yield return problem;
        if (!recipe.Data.Labelled && recipe.Pretraining is null) yield return new("data.labelled", "data.labelled is false, but fine-tuning learns from labels; only pre-training can do without them.");
        foreach (var problem in recipe.Pretraining?.Problems() ?? []) yield return problem;
        if (recipe.Data.SamplingRateHz is { } rate && !(rate > 0 && double.IsFinite(rate))) yield return new("data.samplingRateHz", FormattableString.Invariant($"data.samplingRateHz is {rate}; it must be above 0."));
        foreach (var problem in recipe.Execution?.Problems() ?? []) yield return problem;
        foreach (var sentence in recipe.Peft.Problems()) yield return new(sentence[..sentence.IndexOf(' ', StringComparison.Ordinal)], sentence);
    }

    /// <summary>Another method than the recipe's begins with its own defaults: the settings of one mean nothing to the other.</summary>
    private static void ReplaceAll(JsonObject root, IReadOnlyList<string> settings)
    {
        const string method = "peft.method=";
        var chosen = settings.LastOrDefault(s => s.StartsWith(method, StringComparison.Ordinal))?[method.Length..];
        if (chosen is not null && root["peft"] is JsonObject peft && peft["method"] is JsonValue present && present.ToString() != chosen) root["peft"] = new JsonObject();
        foreach (var setting in settings) Replace(root, setting);
        if (root["peft"] is JsonObject result) CheckMethod(result);
    }

    private static void CheckMethod(JsonObject peft)
    {
        var name = peft["method"]?.ToString() ?? throw new UserInputException($"The recipe has no peft.method; it must be one of {string.Join(", ", PeftMethod.All.Select(m => m.Name))}.");
        var method = PeftMethod.Find(name) ?? throw new UserInputException($"peft.method is '{name}'{(NearestName.Of(name, PeftMethod.All.Select(m => m.Name)) is { } near ? $"; did you mean {near}? It" : "; it")} must be one of {string.Join(", ", PeftMethod.All.Select(m => m.Name))}.");
        foreach (var (setting, _) in peft)
            if (setting != "method" && !method.Settings.Any(s => string.Equals(s.Name, setting, StringComparison.OrdinalIgnoreCase)))
                throw new UserInputException($"The setting peft.{setting} does not belong to the method {name}{(NearestName.Of(setting, method.Settings.Select(s => s.Name)) is { } meant ? $"; did you mean peft.{meant}? It has" : ", which has")} {(method.Settings.Count == 0 ? "none" : string.Join(", ", method.Settings.Select(s => s.Name)))}.");
    }

    private static void Replace(JsonObject root, string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new UserInputException($"--set {setting} is not of the form path=value, for example training.epochs=3.");
        var path = setting[..equals].Split('.');
        var node = root;
        foreach (var level in path[..^1])
        {
            if (node[level] is not JsonObject next) node[level] = next = [];
            node = next;
        }
        node[path[^1]] = Value(setting[(equals + 1)..]);
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static string Explain(JsonException e)
    {
        var setting = e.Path is { Length: > 2 } path ? path[2..] : null;
        if (e.Message.StartsWith("Duplicate property", StringComparison.Ordinal)) return $"it names {e.Message.Split('\'').ElementAtOrDefault(1) ?? "a setting"} twice.";
        if (setting is null) return $"not valid JSON (line {e.LineNumber + 1}).";
        return e.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"there is no setting '{setting}'{(RecipeSettingNames.Nearest(setting) is { } meant ? $"; did you mean {meant}? All are in" : "; they are in")} docs/recipes.md."
            : $"the setting '{setting}' has a value of the wrong kind{(RecipeSettingNames.Kind(setting) is { } kind ? $"; it must be {kind}" : "")}.";
    }
}

/// <summary>Something wrong with a recipe.</summary>
/// <param name="Path">Dotted path of the setting.</param>
/// <param name="Sentence">What is wrong and what to do.</param>
public sealed record RecipeProblem(string Path, string Sentence);
