namespace EcgPeft.Core.Backbones;

/// <summary>The models that recipes can name, and where their folders are.</summary>
/// <param name="root">The product's data folder.</param>
public sealed class ModelCatalogue(DataRoot root)
{
    /// <summary>The models that are there without a download.</summary>
    public IReadOnlyList<ModelCard> Models { get; } = DemoBackbone.Cards;

    /// <summary>The folder of a model.</summary>
    /// <param name="model">An id of the catalogue, or the path of a model folder.</param>
    /// <exception cref="UserInputException">There is no such model.</exception>
    public string FolderOf(string model)
    {
        if (Models.Any(card => card.Id == model)) return DemoBackbone.Ensure(root, model);
        if (File.Exists(Path.Combine(model, "config.json")) || Directory.Exists(model) || model.EndsWith(".pt", StringComparison.Ordinal)) return Path.GetFullPath(model);
        throw new UserInputException($"The model '{model}' is neither a folder with config.json nor one of {string.Join(", ", Models.Select(m => m.Id))}.");
    }
}
