using System.Security.Cryptography;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.JSInterop;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>A draft as it waits in the browser, so that a reload, a look at another page or a closed browser does not lose it.</summary>
/// <param name="Recipe">The recipe as far as it could be read.</param>
/// <param name="Name">What has been typed as its name.</param>
/// <param name="Data">Id of the data set.</param>
/// <param name="Texts">What has been typed into the method's fields, right or wrong.</param>
/// <param name="Fields">What has been typed into the other fields, by dotted path, right or wrong.</param>
/// <param name="CopyOf">The run that it is a copy of, or null.</param>
/// <param name="Study">What has been entered about a study or a search.</param>
internal sealed record SavedDraft(Recipe Recipe, string? Name, string? Data, IReadOnlyDictionary<string, string> Texts, IReadOnlyDictionary<string, string> Fields, string? CopyOf, StudyDraft? Study = null)
{
    private const string Key = "new-run";

    /// <summary>Keeps a draft.</summary>
    public static async Task SaveAsync(ProtectedLocalStorage storage, RunDraft draft, StudyDraft study, Recipe recipe, string? copyOf)
    {
        var saved = new SavedDraft(recipe, draft.Name, draft.Data?.Id, new Dictionary<string, string>(draft.Peft.Texts), new Dictionary<string, string>(draft.Texts), copyOf, study);
        await Quietly(() => storage.SetAsync(Key, JsonSerializer.Serialize(saved, ProductJson.Line)).AsTask());
    }

    /// <summary>The kept draft, or null; a copy of another run than the one that is asked for is none.</summary>
    public static async Task<SavedDraft?> ReadAsync(ProtectedLocalStorage storage, string? copyOf)
    {
        SavedDraft? read = null;
        await Quietly(async () =>
        {
            if (await storage.GetAsync<string>(Key) is { Success: true, Value: { } json }) read = JsonSerializer.Deserialize<SavedDraft>(json, ProductJson.Line);
        });
        return read?.CopyOf == copyOf ? read : null;
    }

    /// <summary>Forgets it.</summary>
    public static Task ForgetAsync(ProtectedLocalStorage storage) => Quietly(() => storage.DeleteAsync(Key).AsTask());

    /// <summary>The draft that it was.</summary>
    /// <param name="library">The data sets that there are.</param>
    public RunDraft ToDraft(DataSetLibrary library)
    {
        // The data set is its id here; one that is gone must not be looked for as a file.
        var draft = new RunDraft(Data is null ? Recipe : Recipe with { Data = new DataRecipe { SamplingRateHz = Recipe.Data.SamplingRateHz } }) { Name = Name, Data = library.List().FirstOrDefault(set => set.Id == Data) };
        foreach (var (name, text) in Texts) draft.Peft.Set(name, text);
        foreach (var (path, text) in Fields) draft.Set(path, text);
        return draft;
    }

    /// <summary>A draft is a courtesy: a closed tab, foreign keys or another version's content are no errors.</summary>
    private static async Task Quietly(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is JSDisconnectedException or JSException or OperationCanceledException or CryptographicException or JsonException)
        {
        }
    }
}
