using System.Security.Cryptography;
using System.Text.Json;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>Where a run stands, beside its tensors.</summary>
public sealed record TrainingPosition
{
    /// <summary>Last finished global step.</summary>
    public required long Step { get; init; }

    /// <summary>Sum of the losses of the present epoch's finished steps.</summary>
    public required double EpochLossSum { get; init; }

    /// <summary>Best value of the selection metric so far, higher is better; null before the first validation.</summary>
    public double? BestScore { get; init; }

    /// <summary>Epoch of the best value; 0 before the first validation.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Seconds of training so far, pauses taken out.</summary>
    public required double Seconds { get; init; }

    /// <summary>What training has cost so far; null in checkpoints of earlier versions, which know <see cref="Seconds"/> alone.</summary>
    public TrainingCost? Cost { get; init; }

    /// <summary>Names of the trained tensors in the order of the flat buffers.</summary>
    public required IReadOnlyList<string> Tensors { get; init; }

    /// <summary>SHA-256 of the tensors' file in checkpoints of earlier versions, which have no <c>SHA256SUMS</c>; null since.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>
/// The resumable state of a run: weights, optimiser moments, best weights and position. Random numbers need no state: they
/// are a function of seed and step. Replaced atomically; a damaged one is detected by the hashes of its files (<c>SHA256SUMS</c>, as
/// <c>sha256sum --check</c> reads it) and the one before is used.
/// </summary>
public static class TrainingCheckpoint
{
    private const string TensorsFile = "state.safetensors";
    private const string PositionFile = "state.json";
    private const string SumsFile = "SHA256SUMS";

    /// <summary>What stands before the names of a method's own memory.</summary>
    public const string MethodPrefix = "method.";

    /// <summary>Writes a checkpoint in place of the present one.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="position">Where the run stands.</param>
    /// <param name="optimizer">Weights and moments.</param>
    /// <param name="best">Best weights so far, flat; null before the first validation.</param>
    /// <param name="method">What the PEFT method remembers between steps; null for nothing.</param>
    public static void Save(string folder, TrainingPosition position, AdamW optimizer, Tensor? best, IReadOnlyDictionary<string, Tensor>? method = null)
    {
        var (next, previous) = (folder + ".next", folder + ".previous");
        if (Directory.Exists(next)) Directory.Delete(next, recursive: true);
        Directory.CreateDirectory(next);
        var tensors = new Dictionary<string, Tensor> { ["weights"] = optimizer.Weights, ["exp_avg"] = optimizer.FirstMoment, ["exp_avg_sq"] = optimizer.SecondMoment };
        if (best is not null) tensors["best"] = best;
        foreach (var (name, tensor) in method ?? new Dictionary<string, Tensor>()) tensors[MethodPrefix + name] = tensor;
        SafetensorsWriter.Write(Path.Combine(next, TensorsFile), tensors);
        File.WriteAllText(Path.Combine(next, PositionFile), JsonSerializer.Serialize(position, ProductJson.Indented));
        File.WriteAllText(Path.Combine(next, SumsFile), string.Concat(new[] { PositionFile, TensorsFile }.Select(name => $"{HashOf(Path.Combine(next, name))}  {name}\n")));

        if (Directory.Exists(folder))
        {
            if (Directory.Exists(previous)) Directory.Delete(previous, recursive: true);
            Directory.Move(folder, previous);
        }
        Directory.Move(next, folder);
    }

    /// <summary>Reads the newest undamaged checkpoint.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="tensors">Names of the trained tensors; they must be the ones that were saved.</param>
    /// <param name="warn">Called with a sentence when a damaged checkpoint is passed over.</param>
    /// <returns>Position and flat tensors (the caller disposes them), or null where there is none.</returns>
    public static (TrainingPosition Position, IReadOnlyDictionary<string, Tensor> Tensors)? Load(string folder, IReadOnlyList<string> tensors, Action<string> warn)
    {
        foreach (var candidate in new[] { folder, folder + ".previous" })
        {
            if (!Directory.Exists(candidate)) continue;
            if (Damage(candidate) is { } damage)
            {
                warn($"The checkpoint {Path.GetFileName(candidate)} is damaged ({damage}) and was passed over.");
                continue;
            }
            var position = ReadPosition(candidate)!;
            if (!position.Tensors.SequenceEqual(tensors))
                throw new UserInputException($"The checkpoint in {candidate} belongs to another model or method; start a new run instead of resuming.");
            using var file = SafetensorsFile.Open(Path.Combine(candidate, TensorsFile));
            return (position, file.Entries.Keys.ToDictionary(name => name, file.Read));
        }
        return null;
    }

    private static string? Damage(string folder)
    {
        try
        {
            var sums = Path.Combine(folder, SumsFile);
            var hashes = File.Exists(sums) ? File.ReadAllLines(sums).Select(line => line.Split("  ", 2)).ToDictionary(cells => cells[^1], cells => cells[0], StringComparer.Ordinal)
                : ReadPosition(folder)?.Sha256 is { } earlier ? new Dictionary<string, string> { [PositionFile] = HashOf(Path.Combine(folder, PositionFile)), [TensorsFile] = earlier }
                : null;
            if (hashes is null) return $"{SumsFile} is missing";
            foreach (var name in new[] { PositionFile, TensorsFile })
                if (HashOf(Path.Combine(folder, name)) != hashes.GetValueOrDefault(name)) return $"{name} does not have the hash in {SumsFile}";
            return ReadPosition(folder) is null ? $"{PositionFile} is empty" : null;
        }
        catch (Exception e) when (e is IOException or JsonException or ArgumentException)
        {
            return e is ArgumentException ? $"{SumsFile} is not readable" : e.Message;
        }
    }

    private static TrainingPosition? ReadPosition(string folder) =>
        JsonSerializer.Deserialize<TrainingPosition>(File.ReadAllText(Path.Combine(folder, PositionFile)), ProductJson.Indented);

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
