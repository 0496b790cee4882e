using System.Globalization;

namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>All that is known of a model, as the page Models and <c>ecgpeft models inspect</c> show it.</summary>
/// <param name="Card">What a person should know; for a folder that nobody has added, its path.</param>
/// <param name="Facts">What its configuration says; null where no configuration is to be had.</param>
/// <param name="State">Whether it can be used, and where it is.</param>
/// <param name="Page">Its page on the hub; null for models that are not from there.</param>
public sealed record ModelReport(ModelCard Card, ModelFacts? Facts, ModelState State, Uri? Page)
{
    /// <summary>Puts it together.</summary>
    /// <param name="catalogue">The catalogue.</param>
    /// <param name="model">An id, a folder or a <c>.pt</c> file.</param>
    /// <param name="content">As for <see cref="ModelCatalogue.StateOf"/>.</param>
    public static ModelReport Of(ModelCatalogue catalogue, string model, bool content)
    {
        var state = catalogue.StateOf(model, content);
        var card = catalogue.Find(model);
        var page = card is not null && !ModelCatalogue.IsBuiltIn(card.Id) && HubModel.Parse(card.Id) is { } hub ? new Uri($"https://huggingface.co/{hub.Repository}") : null;
        card ??= new ModelCard(model, Path.GetFileName(Path.TrimEndingDirectorySeparator(state.Path ?? model)), state.Kind == ModelStateKind.Ready ? ModelFolder.FamilyOf(state.Path!) : "unknown", "not known here", "");
        return new ModelReport(card, catalogue.FactsOf(model), state, page);
    }

    /// <summary>Under what terms it may be used, in words.</summary>
    public string Licence => Card.Licence ?? (ModelCatalogue.IsBuiltIn(Card.Id) ? "part of this product" : "not known here");

    /// <summary>A state in words.</summary>
    /// <param name="kind">The state.</param>
    public static string Word(ModelStateKind kind) => kind switch
    {
        ModelStateKind.NotHere => "not here",
        ModelStateKind.Downloading => "downloading",
        ModelStateKind.Ready => "ready",
        ModelStateKind.Damaged => "damaged",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a state."),
    };

    /// <summary>The input contract in words.</summary>
    /// <param name="input">The contract.</param>
    public static string InputOf(InputContract input) => string.Create(CultureInfo.InvariantCulture,
        $"{input.Leads} {(input.Leads == 1 ? "lead" : "leads")}, {input.SamplingRateHz:0.##} Hz, {input.Length} samples ({input.Seconds:0.##} s) give {input.Frames} frames; a frame sees {input.ReceptiveField} samples, the next one starts {input.Hop} later");

    /// <summary>Name and value of each line of a report in plain text.</summary>
    public IEnumerable<(string Name, string Value)> Lines()
    {
        yield return ("Model", Card.Id == Card.Title ? Card.Id : $"{Card.Id} ({Card.Title})");
        if (Card.Description.Length > 0) yield return ("About", Card.Description);
        yield return ("Family", Card.Family);
        if (Facts is { } facts)
        {
            yield return ("Architecture", facts.Architecture);
            yield return ("Parameters", facts.Parameters.ToString("N0", CultureInfo.InvariantCulture));
            yield return ("Layers", facts.Layers.ToString(CultureInfo.InvariantCulture));
            yield return ("Input", InputOf(facts.Input));
        }
        yield return ("Pre-training", Card.PreTraining);
        yield return ("Licence", Licence);
        if (Card.Paper is { } paper) yield return ("Paper", $"{paper.Title}, {paper.Address}");
        if (Page is not null) yield return ("Hub", Page.AbsoluteUri);
        yield return ("State", Word(State.Kind));
        if (State.Path is { } path) yield return ("Files", State.Bytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{path} ({bytes:N0} bytes)") : path);
        if (State.Kind == ModelStateKind.Ready) yield return ("Ignored tensors", State.Ignored.Count == 0 ? "none" : State.Ignored.Count.ToString(CultureInfo.InvariantCulture));
    }
}
