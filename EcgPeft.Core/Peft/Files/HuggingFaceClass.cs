namespace EcgPeft.Core.Peft.Files;

/// <summary>The class of the transformers library that has the same modules as our classifier.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Module">The Python module that it is in.</param>
internal sealed record HuggingFaceClass(string Name, string Module)
{
    /// <summary>The class of a model type, or null where the library has none (ECG-FM).</summary>
    /// <param name="modelType">As <c>config.json</c> names it.</param>
    public static HuggingFaceClass? Of(string modelType) => modelType switch
    {
        "wav2vec2" => new("Wav2Vec2ForSequenceClassification", "transformers.models.wav2vec2.modeling_wav2vec2"),
        "hubert" => new("HubertForSequenceClassification", "transformers.models.hubert.modeling_hubert"),
        _ => null,
    };
}
