using System.Globalization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;

namespace EcgPeft.Tests.Backbones;

/// <summary>
/// Known models at their real size, without weights: every name and shape is one of the approved list, which is the keys of the
/// authors' checkpoints (of a model of this kind that the reference library saved, at the published sizes).
/// </summary>
public sealed class ApprovedNamesTests
{
    /// <summary>Parts of ECG-FM's checkpoint that only pre-training uses.</summary>
    private static readonly string[] PreTraining = ["mask_emb", "quantizer.", "project_q.", "final_proj."];

    public static TheoryData<string> Models => [.. KnownModels.All.Select(card => card.Id)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Names_and_shapes_are_the_approved_ones(string id)
    {
        var card = KnownModels.All.Single(known => known.Id == id);
        using var classifier = ModelFolder.Describe(ConfigJson.Read(ConfigFile(card)));
        var prefix = card.Family == "ecg-fm" ? "" : classifier.BackboneName + ".";
        var found = classifier.Backbone.named_parameters().Select(p => $"{prefix}{p.name} [{string.Join(", ", p.parameter.shape)}]");
        var approved = Approved(card).Where(line => !PreTraining.Any(part => line.StartsWith(part, StringComparison.Ordinal)));
        Assert.Equal(approved.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.True(classifier.Backbone.parameters().All(p => p.device_type == TorchSharp.DeviceType.META), "Names and shapes need no weights.");
    }

    [Theory]
    [InlineData("facebook/wav2vec2-base", 94_371_712)]
    [InlineData("facebook/hubert-base-ls960", 94_371_712)]
    [InlineData("wanglab/ecg-fm/mimic_iv_ecg_physionet_pretrained.pt", 90_883_072)]
    public void Published_sizes_are_those_of_the_approved_lists(string id, long parameters) =>
        Assert.Equal(parameters, Approved(KnownModels.All.Single(known => known.Id == id)).Sum(line => line[(line.IndexOf('[', StringComparison.Ordinal) + 1)..^1].Split(", ").Aggregate(1L, (n, size) => n * long.Parse(size, CultureInfo.InvariantCulture))));

    private static string ConfigFile(ModelCard card) => Path.Combine(TestData.RepositoryRoot(), "EcgPeft.Core", "Backbones", "Catalogue", "Configs", card.Config!);

    private static string[] Approved(ModelCard card) => File.ReadAllLines(Path.Combine(TestData.RepositoryRoot(), "EcgPeft.Tests", "Backbones", "Approved", Path.ChangeExtension(card.Config!, ".txt")));
}
