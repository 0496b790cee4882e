using System.Text.Json;

namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>A model that a person has added, or a folder that stands in for a known one.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Family">Architecture.</param>
/// <param name="Folder">Folder or checkpoint file with its weights; null where the hub's cache has them.</param>
internal sealed record RegisteredModel(string Id, string Family, string? Folder);

/// <summary>What a person has said about models (<c>models/catalogue.json</c> in the data folder).</summary>
/// <param name="root">The product's data folder.</param>
internal sealed class ModelRegistry(DataRoot root)
{
    private readonly Lock writing = new();

    private string File => Path.Combine(root.Models, "catalogue.json");

    /// <summary>What is in the file; nothing where it is damaged, so that all other models can still be used.</summary>
    public IReadOnlyList<RegisteredModel> All()
    {
        try
        {
            return Read();
        }
        catch (UserInputException)
        {
            return [];
        }
    }

    /// <summary>What is wrong with the file, in a sentence; null where nothing is.</summary>
    public string? Problem
    {
        get
        {
            try
            {
                Read();
                return null;
            }
            catch (UserInputException e)
            {
                return e.Message;
            }
        }
    }

    public RegisteredModel? Find(string id) => All().FirstOrDefault(model => model.Id == id);

    public void Set(RegisteredModel model) => Write(others => others.Append(model), model.Id);

    public void Remove(string id)
    {
        if (Find(id) is not null) Write(others => others, id);
    }

    private RegisteredModel[] Read()
    {
        const string mend = "correct it, or delete it to forget which folders and models were added";
        try
        {
            var models = JsonSerializer.Deserialize<RegisteredModel[]>(System.IO.File.ReadAllBytes(File), ProductJson.Indented) ?? [];
            return models.All(model => model is { Id: not null, Family: not null }) ? models : throw new UserInputException($"{File} is damaged (a model lacks its id or family); {mend}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{File} is damaged (line {e.LineNumber + 1}); {mend}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{File} cannot be read ({e.Message.TrimEnd('.')}); {mend}.", e);
        }
    }

    private void Write(Func<IEnumerable<RegisteredModel>, IEnumerable<RegisteredModel>> change, string id)
    {
        lock (writing)
        {
            Directory.CreateDirectory(root.Models);
            var temporary = $"{File}.{Guid.NewGuid():N}.tmp";
            System.IO.File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(change(Read().Where(model => model.Id != id)), ProductJson.Indented));
            System.IO.File.Move(temporary, File, overwrite: true);
        }
    }
}
