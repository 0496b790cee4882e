using System.Security.Cryptography;
using EcgPeft.Core.Peft;

namespace EcgPeft.Tests.Peft;

/// <summary>What a method must leave as it is.</summary>
internal static class FrozenWeights
{
    /// <summary>A hash over every parameter that is not trained.</summary>
    public static string Hash(PeftModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var trained = model.Trainable.Select(t => t.Name).ToHashSet();
        foreach (var (name, parameter) in model.Classifier.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
            if (!trained.Contains(name)) hash.AppendData(parameter.detach().contiguous().bytes);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
