using System.Text.Json;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>What is done with each kind of defect; nothing is repaired that was not chosen.</summary>
public sealed class Repairs
{
    private readonly Repair[] chosen;

    private Repairs(Repair[] chosen) => this.chosen = chosen;

    /// <summary>Defects are refused, oddities kept.</summary>
    public static Repairs None { get; } = new([.. Enum.GetValues<DefectKind>().Select(kind => Allowed(kind)[0])]);

    /// <summary>What is done with a kind.</summary>
    /// <param name="kind">The kind.</param>
    public Repair this[DefectKind kind] => chosen[(int)kind];

    /// <summary>What may be chosen for a kind, the default first.</summary>
    /// <param name="kind">The kind.</param>
    public static IReadOnlyList<Repair> Allowed(DefectKind kind) => kind switch
    {
        DefectKind.Missing or DefectKind.Text or DefectKind.NonFinite => [Repair.Refuse, Repair.Drop, Repair.Interpolate],
        DefectKind.Ragged or DefectKind.Label => [Repair.Refuse, Repair.Drop],
        _ => [Repair.Keep, Repair.Drop],
    };

    /// <summary>Reads choices such as <c>missing=interpolate</c>.</summary>
    /// <param name="choices">One a kind; the last counts.</param>
    /// <exception cref="UserInputException">A kind or its repair is unknown.</exception>
    public static Repairs Parse(IEnumerable<string> choices)
    {
        var repairs = None;
        foreach (var choice in choices)
        {
            var parts = choice.Split('=');
            if (parts.Length != 2 || Named<DefectKind>(parts[0]) is not { } kind)
                throw new UserInputException($"The repair \"{choice}\" is not of the form kind=repair; the kinds are {string.Join(", ", Enum.GetValues<DefectKind>().Select(Name))}.");
            if (Named<Repair>(parts[1]) is not { } repair || !Allowed(kind).Contains(repair))
                throw new UserInputException($"The repair of {Name(kind)} is \"{parts[1]}\"; it must be one of {string.Join(", ", Allowed(kind).Select(Name))}.");
            repairs = repairs.With(kind, repair);
        }
        return repairs;
    }

    /// <summary>Another choice for one kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="repair">One of <see cref="Allowed"/>.</param>
    public Repairs With(DefectKind kind, Repair repair)
    {
        if (!Allowed(kind).Contains(repair)) throw new ArgumentOutOfRangeException(nameof(repair), repair, "Not a repair of this defect.");
        var copy = (Repair[])chosen.Clone();
        copy[(int)kind] = repair;
        return new Repairs(copy);
    }

    /// <summary>The choices that are not the default, as <see cref="Parse"/> reads them.</summary>
    public IReadOnlyList<string> Choices() =>
        [.. Enum.GetValues<DefectKind>().Where(kind => this[kind] != Allowed(kind)[0]).Select(kind => $"{Name(kind)}={Name(this[kind])}")];

    // One name, and no number or list of names, which .NET would take as well.
    private static T? Named<T>(string text) where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => Name(value).Equals(text, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault();

    private static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
