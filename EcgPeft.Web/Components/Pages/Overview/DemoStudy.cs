using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.Overview;

/// <summary>The first answer of a new installation: LoRA against bottleneck adapters on the demo data, short enough to wait for.</summary>
internal static class DemoStudy
{
    /// <summary>The tag of its runs.</summary>
    public const string Tag = "demo study";

    private const int Epochs = 3;

    /// <summary>Its recipes: one demo model, two methods, the same split and seed.</summary>
    public static IReadOnlyList<Recipe> Recipes(string data)
    {
        var plain = new Recipe { Data = new() { Path = data }, Backbone = new() { Model = DemoBackbone.Cards[0].Id } };
        plain = plain with { Training = plain.Training with { Epochs = Epochs } };
        return [plain with { Name = "Demo: LoRA", Peft = new LoraConfig() }, plain with { Name = "Demo: adapters", Peft = new AdapterConfig() }];
    }

    /// <summary>Puts its runs into the queue.</summary>
    /// <exception cref="EcgPeft.Core.UserInputException">The demo data or model are not there.</exception>
    public static void Start(RunQueue queue, DataSetLibrary library)
    {
        foreach (var recipe in Recipes(library.FolderOf(DataSetLibrary.DemoId))) queue.Enqueue(recipe, new RunNotes { Tags = [Tag] });
    }

    /// <summary>The runs of the last time it was started, in order.</summary>
    public static IReadOnlyList<RunSummary> Of(IEnumerable<RunSummary> runs) =>
        [.. runs.Where(run => run.Notes.Tags.Contains(Tag)).OrderByDescending(run => run.CreatedUtc).Take(2).OrderBy(run => run.CreatedUtc)];
}
