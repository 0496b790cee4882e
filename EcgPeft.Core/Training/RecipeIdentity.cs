using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace EcgPeft.Core.Training;

/// <summary>Whether two recipes ask for the same numbers.</summary>
public static class RecipeIdentity
{
    private static readonly TrainingRecipe Plain = new();

    // A recipe never changes, and a page asks for those of all runs.
    private static readonly ConditionalWeakTable<Recipe, string> Known = [];

    /// <summary>
    /// Hash of what decides a run's results: names, where the same data lie, and settings that change no result are not in it. Nor are the
    /// device, and the backbone's hash and the precision, which a recipe learns only when it runs; see <see cref="Same"/>.
    /// </summary>
    /// <param name="recipe">The recipe.</param>
    public static string Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return Known.GetValue(recipe, Hash);
    }

    /// <summary>Whether running one would repeat the other.</summary>
    /// <param name="asked">A recipe that may be run; <see cref="Precision.Auto"/> stands for whatever this machine chose before.</param>
    /// <param name="done">The recipe of a run that is there.</param>
    public static bool Same(Recipe asked, Recipe done)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(done);
        return (asked.Training.Precision == Precision.Auto || asked.Training.Precision == done.Training.Precision) && Of(asked) == Of(done);
    }

    private static string Hash(Recipe recipe)
    {
        var decisive = recipe with
        {
            Name = null,
            Execution = null,
            Data = recipe.Data with { Path = recipe.Data.Hash is null ? recipe.Data.Path : null },
            Backbone = recipe.Backbone with { Hash = null },
            Split = recipe.Split with { Seed = recipe.Split.Seed ?? recipe.Seed },
            Training = recipe.Training with { Precision = Plain.Precision, Device = Plain.Device, CheckpointSeconds = Plain.CheckpointSeconds, CheckpointSteps = Plain.CheckpointSteps, StopAfterEpoch = null, CacheFrames = Plain.CacheFrames, ActivationCheckpointing = Plain.ActivationCheckpointing },
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(decisive, ProductJson.Line)));
    }
}
