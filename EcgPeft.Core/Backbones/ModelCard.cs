using System.Text.Json.Serialization;

namespace EcgPeft.Core.Backbones;

/// <summary>What a person needs to know of a model to choose it, beyond what its configuration says.</summary>
/// <param name="Id">Its name in recipes: <c>demo/wav2vec2</c>, or its place on the hub such as <c>facebook/wav2vec2-base</c>, or its folder.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Family">Architecture: <c>wav2vec2</c>, <c>hubert</c>, <c>ecg-fm</c>.</param>
/// <param name="PreTraining">What it was pre-trained on, or that it was not.</param>
/// <param name="Description">One sentence more.</param>
public sealed record ModelCard(string Id, string Title, string Family, string PreTraining, string Description)
{
    /// <summary>Under what terms it may be used; null where that is not known here.</summary>
    public string? Licence { get; init; }

    /// <summary>The paper that describes it, or null.</summary>
    public ModelPaper? Paper { get; init; }

    /// <summary>Name of the configuration in <c>Catalogue/Configs</c>, from which its sizes are known before its files are here; or null.</summary>
    [JsonIgnore]
    public string? Config { get; init; }
}

/// <summary>A paper.</summary>
/// <param name="Title">Authors, year and name.</param>
/// <param name="Address">Where it can be read.</param>
public sealed record ModelPaper(string Title, Uri Address);
