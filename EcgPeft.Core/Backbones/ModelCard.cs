namespace EcgPeft.Core.Backbones;

/// <summary>What a person needs to know of a model to choose it.</summary>
/// <param name="Id">Its name in recipes, for example <c>demo/wav2vec2</c>.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Family">Architecture: <c>wav2vec2</c>, <c>hubert</c>.</param>
/// <param name="PreTraining">What it was pre-trained on, or that it was not.</param>
/// <param name="Description">One sentence more.</param>
public sealed record ModelCard(string Id, string Title, string Family, string PreTraining, string Description);
