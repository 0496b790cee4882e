using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>Recipes to begin with: one for each model and method of the comparison, and two that keep model and method.</summary>
internal static class Presets
{
    /// <summary>The recipes that come with the product, by name.</summary>
    public static IReadOnlyList<Recipe> All { get; } = Read(Path.Combine(AppContext.BaseDirectory, "recipes"));

    /// <summary>A look whether everything works: two epochs.</summary>
    public static Recipe Quick(Recipe recipe) => recipe with { Training = new TrainingRecipe { Epochs = 2, Patience = 0, Precision = recipe.Training.Precision } };

    /// <summary>For results to be reported: longer, gentler, patient, balanced classes, and threshold and calibration from validation.</summary>
    public static Recipe Thorough(Recipe recipe) => recipe with
    {
        Peft = recipe.Peft is LoraConfig lora ? lora with { Rank = Math.Max(16, lora.Rank), Alpha = Math.Max(32, lora.Alpha) } : recipe.Peft,
        Training = new TrainingRecipe { Epochs = 40, Patience = 8, LearningRate = 1e-3, ClassWeights = ClassWeighting.Balanced, Precision = recipe.Training.Precision },
        Evaluation = new EvaluationRecipe { Threshold = Core.Evaluation.ThresholdRule.F1, Calibration = Core.Evaluation.CalibrationKind.Temperature },
    };

    private static List<Recipe> Read(string folder) =>
        [.. Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(file => RecipeFile.Read(file, [])) : []];
}
