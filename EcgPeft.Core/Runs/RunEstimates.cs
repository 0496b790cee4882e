using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>
/// What runs will cost on this machine. A recipe that has not been measured yet is measured by <c>ecgpeft estimate</c> in a
/// process of its own, one at a time; what has been measured is kept in the cache folder.
/// </summary>
/// <param name="root">The data folder.</param>
/// <param name="program">The command line program, without a command.</param>
public sealed class RunEstimates(DataRoot root, WorkerCommand program) : IDisposable
{
    private static readonly TrainingRecipe Plain = new();

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>The estimate of a recipe that has been measured on this machine before, or null.</summary>
    /// <param name="recipe">The recipe.</param>
    public RunEstimate? Known(Recipe recipe)
    {
        var file = FileOf(KeyOf(recipe));
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<RunEstimate>(File.ReadAllText(file), ProductJson.Indented);
        }
        catch (JsonException)
        {
            return null; // of another version; it is measured again
        }
    }

    /// <summary>Measures a recipe; cancelling ends the measuring process.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserInputException">The recipe cannot be measured; the sentence says why.</exception>
    public async Task<RunEstimate> MeasureAsync(Recipe recipe, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (Known(recipe) is { } known) return known;
            var file = FileOf(KeyOf(recipe));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var recipeFile = $"{file}.{Guid.NewGuid():N}.recipe";
            try
            {
                await File.WriteAllTextAsync(recipeFile, JsonSerializer.Serialize(recipe, ProductJson.Indented), cancel);
                var answer = await RunAsync(recipeFile, cancel);
                var estimate = JsonSerializer.Deserialize<RunEstimate>(answer, ProductJson.Indented)!;
                await File.WriteAllTextAsync(recipeFile, answer, cancel);
                File.Move(recipeFile, file, overwrite: true);
                return estimate;
            }
            finally
            {
                File.Delete(recipeFile);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What recipes that cost the same have in common: names, hashes, seeds and settings that change numbers only are not in it.</summary>
    /// <param name="recipe">The recipe.</param>
    public static string KeyOf(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var decisive = recipe with
        {
            Name = null,
            Seed = 0,
            Data = recipe.Data with { Hash = null },
            Backbone = recipe.Backbone with { Hash = null },
            Split = recipe.Split with { Seed = null },
            Evaluation = new(),
            Training = recipe.Training with
            {
                LearningRate = Plain.LearningRate, WeightDecay = Plain.WeightDecay, WarmupFraction = Plain.WarmupFraction, MaxGradientNorm = Plain.MaxGradientNorm,
                SelectionMetric = Plain.SelectionMetric, Patience = Plain.Patience,
            },
        };
        var machine = $"{Environment.MachineName}/{Environment.ProcessorCount}/{typeof(RunEstimate).Assembly.ManifestModule.ModuleVersionId}";
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { machine, decisive }, ProductJson.Line)))[..32];
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private string FileOf(string key) => Path.Combine(root.Cache, "estimates", $"{key}.json");

    private async Task<string> RunAsync(string recipeFile, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program.FileName) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[.. program.Arguments, "estimate", "--json", "--recipe", recipeFile]) start.ArgumentList.Add(argument);
        start.Environment["EcgPeft__DataRoot"] = root.Path;
        using var process = Process.Start(start) ?? throw new UserInputException("The measuring process could not be started.");
        await using var kill = cancel.Register(() => End(process));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? await output : throw new UserInputException((await error).Trim() is { Length: > 0 } sentence ? sentence : $"The measuring process ended with code {process.ExitCode}.");
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
