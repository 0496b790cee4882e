namespace EcgPeft.Core.Peft.Files;

/// <summary>
/// Whether an adapter belongs to a base model, by name. One model has many names (an id of the hub, the folder it was copied to,
/// the hub's cache), so names agree when one is the end of the other, path by path.
/// </summary>
internal static class BaseModelName
{
    /// <summary>Refuses an adapter of another base model.</summary>
    /// <param name="adapter">Settings of the adapter.</param>
    /// <param name="baseModel">Name or folder of the model.</param>
    /// <exception cref="UserInputException">The names disagree.</exception>
    public static void Check(AdapterConfigJson adapter, string baseModel)
    {
        if (!adapter.Has("base_model_name_or_path")) return;
        var theirs = adapter.Text("base_model_name_or_path");
        if (theirs.Length == 0 || Agree(theirs, baseModel)) return;
        throw new UserInputException($"The adapter in {Path.GetDirectoryName(adapter.FilePath)} belongs to the base model '{theirs}', not to '{baseModel}'; give that model, or correct base_model_name_or_path in its {PeftModel.ConfigFile} if they are the same.");
    }

    private static bool Agree(string a, string b)
    {
        var (x, y) = (Parts(a), Parts(b));
        var common = Math.Min(x.Length, y.Length);
        // One name is the end of the other; "." says nothing.
        if (x.TakeLast(common).SequenceEqual(y.TakeLast(common), StringComparer.Ordinal)) return true;
        // Absolute paths on two machines have nothing in common but the folder's own name.
        if (Path.IsPathRooted(a) && x[^1] == y[^1]) return true;
        // An id of two parts as the name of one folder: of this product's models, or of the hub's cache.
        return y.Contains(string.Join('-', x)) || y.Contains("models--" + string.Join("--", x));
    }

    private static string[] Parts(string name) => [.. name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(part => part is not ("." or ".."))];
}
