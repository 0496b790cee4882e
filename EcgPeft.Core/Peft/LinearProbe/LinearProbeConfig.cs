using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Peft.LinearProbe;

/// <summary>A linear probe (Alain and Bengio 2016): the backbone stays frozen, only the head is trained. The lower yardstick of a comparison.</summary>
public sealed record LinearProbeConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "linear-probe";

    private const string FileType = "LINEAR_PROBE";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "Linear probe";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Trains the classification head on the frozen backbone: what the pre-trained features give by themselves.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => [LayerPlace.Head];

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier) => _ => false;

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model) => new() { ["peft_type"] = FileType };

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file) => file.Type == FileType ? new LinearProbeConfig() : null;
}
