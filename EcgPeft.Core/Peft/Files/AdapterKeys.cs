namespace EcgPeft.Core.Peft.Files;

/// <summary>How keys of adapter files are spelled, by versions of the PEFT library and by kinds of method.</summary>
internal static class AdapterKeys
{
    /// <summary>What the PEFT library puts before a module's path.</summary>
    public const string BaseModel = "base_model.model.";

    /// <summary>What it puts there for methods that leave the modules as they are (prompt learning).</summary>
    public const string BaseModelOfPrompts = "base_model.";

    /// <summary>The spelling of a key that a file has, or null.</summary>
    /// <param name="key">Our spelling.</param>
    /// <param name="backbone">The backbone's name in the classifier; adapters that were made on the backbone alone leave it out.</param>
    /// <param name="has">Whether the file has a key.</param>
    public static string? Find(string key, string backbone, Func<string, bool> has) =>
        Spellings(key).Concat(Spellings(key.Replace($"{BaseModel}{backbone}.", BaseModel, StringComparison.Ordinal))).FirstOrDefault(has);

    /// <summary>Whether the library keeps a tensor twice, here as a part of its wrapper of a module that is saved as a whole.</summary>
    /// <param name="key">A key of the file.</param>
    public static bool IsCopy(string key) => key.Contains(".original_module.", StringComparison.Ordinal) || key.Contains(".modules_to_save.", StringComparison.Ordinal);

    private static IEnumerable<string> Spellings(string key)
    {
        yield return key;
        // Before version 0.6 the library kept a target's own bias in the module itself, later in its base_layer.
        if (key.EndsWith(".base_layer.bias", StringComparison.Ordinal)) yield return key.Replace(".base_layer.bias", ".bias", StringComparison.Ordinal);
        if (key.EndsWith(".lora_magnitude_vector", StringComparison.Ordinal)) yield return key + ".weight";
        // Files from tools without a PEFT model around the classifier: plain paths.
        if (key.StartsWith(BaseModel, StringComparison.Ordinal)) yield return key[BaseModel.Length..];
        else if (key.StartsWith(BaseModelOfPrompts, StringComparison.Ordinal)) yield return BaseModel + key[BaseModelOfPrompts.Length..];
    }
}
