namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>Published models that are known by name: what their authors and papers say of them. Their sizes are in <c>Configs/</c>.</summary>
public static class KnownModels
{
    private const string Speech960 = "960 h of read English speech (LibriSpeech)";
    private const string Speech60k = "60,000 h of read English speech (Libri-Light)";

    private static readonly ModelPaper Wav2Vec2Paper = new("Baevski et al. 2020, wav2vec 2.0", new Uri("https://arxiv.org/abs/2006.11477"));
    private static readonly ModelPaper HubertPaper = new("Hsu et al. 2021, HuBERT", new Uri("https://arxiv.org/abs/2106.07447"));
    private static readonly ModelPaper EcgFmPaper = new("McKeen et al. 2024, ECG-FM", new Uri("https://arxiv.org/abs/2408.05178"));

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<ModelCard> All { get; } =
    [
        Speech("facebook/wav2vec2-base", "wav2vec 2.0 Base", "wav2vec2", Speech960, Wav2Vec2Paper, "The usual starting point: a speech model of medium size."),
        Speech("facebook/wav2vec2-base-960h", "wav2vec 2.0 Base 960h", "wav2vec2", $"{Speech960}, then fine-tuned to transcribe them", Wav2Vec2Paper, "The Base model after fine-tuning for speech recognition; its letters' head is left out.", "wav2vec2-base"),
        Speech("facebook/wav2vec2-large", "wav2vec 2.0 Large", "wav2vec2", Speech960, Wav2Vec2Paper, "Twice as deep as Base and a third wider, so slower and larger."),
        Speech("facebook/wav2vec2-large-lv60", "wav2vec 2.0 Large LV-60", "wav2vec2", Speech60k, Wav2Vec2Paper, "Large with layer norms before the blocks, pre-trained on sixty times the speech."),
        Speech("facebook/hubert-base-ls960", "HuBERT Base", "hubert", Speech960, HubertPaper, "Base's network, pre-trained to predict clusters of sounds instead of contrasting them."),
        Speech("facebook/hubert-large-ll60k", "HuBERT Large", "hubert", Speech60k, HubertPaper, "Large LV-60's network, pre-trained to predict clusters of sounds."),
        EcgFm("mimic_iv_ecg_physionet_pretrained.pt", "ECG-FM", "12-lead ECG: MIMIC-IV-ECG 1.0 and PhysioNet/CinC 2021 1.0.3", "A wav2vec 2.0 for 12-lead ECG, pre-trained on ECG alone with random lead masking: made for other leads being absent."),
        EcgFm("mimic_iv_ecg_finetuned.pt", "ECG-FM fine-tuned", "as ECG-FM, then fine-tuned on MIMIC-IV-ECG 1.0", "ECG-FM after fine-tuning to name ECG findings; its head for them is left out."),
    ];

    private static ModelCard Speech(string id, string title, string family, string preTraining, ModelPaper paper, string description, string? config = null) =>
        new(id, title, family, preTraining, description) { Licence = "Apache 2.0", Paper = paper, Config = $"{config ?? id[(id.IndexOf('/', StringComparison.Ordinal) + 1)..]}.json" };

    private static ModelCard EcgFm(string checkpoint, string title, string preTraining, string description) =>
        new($"wanglab/ecg-fm/{checkpoint}", title, "ecg-fm", preTraining, description) { Licence = "MIT", Paper = EcgFmPaper, Config = "ecg-fm.json" };
}
