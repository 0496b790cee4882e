using System.Globalization;
using System.Numerics;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>
/// Turns the configurations inside checkpoints (dictionaries, <c>argparse.Namespace</c>, omegaconf containers, NumPy scalars) into
/// plain values: null, bool, long, double, string, byte[], <c>IReadOnlyList&lt;object?&gt;</c>, <c>IReadOnlyDictionary&lt;string, object?&gt;</c>.
/// What has no plain form (a tensor, a class) stays the inert value that it is. Interpolations such as <c>${a.b}</c> stay text.
/// </summary>
internal sealed class PickleConfig(string file)
{
    private const int MaxDepth = 200;

    // Shared values are converted once: a small pickle can describe an exponentially large tree.
    private readonly Dictionary<object, object?> _done = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);

    public static object? ToPlain(object? value, string file) => new PickleConfig(file).Convert(value);

    private object? Convert(object? value)
    {
        if (value is not (PickleDictionary or PickleSequence or PickleObject)) return value is PickleGlobal g ? g.TypeName : value;
        if (_done.TryGetValue(value, out var known)) return known;
        if (_open.Count >= MaxDepth || !_open.Add(value)) throw new CheckpointException(file, $"its configuration contains itself or is nested more than {MaxDepth} deep");
        var plain = value switch
        {
            PickleDictionary d => Dictionary(d),
            PickleSequence s => List(s.Items),
            PickleObject o => Object(o),
            _ => value,
        };
        _open.Remove(value);
        _done.Add(value, plain);
        return plain;
    }

    private List<object?> List(IReadOnlyList<object?> items) => [.. items.Select(Convert)];

    private Dictionary<string, object?> Dictionary(PickleDictionary dictionary)
    {
        var plain = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items) plain[Key(key)] = Convert(value);
        return plain;
    }

    private string Key(object key) => key switch
    {
        string s => s,
        long or BigInteger or double => System.Convert.ToString(key, CultureInfo.InvariantCulture)!,
        bool b => b ? "True" : "False",
        _ => throw new CheckpointException(file, $"its configuration has a key of type {key.GetType().Name}, which has no plain form"),
    };

    private object? Object(PickleObject o)
    {
        var state = o.State as PickleDictionary;
        return o.TypeName switch
        {
            "argparse.Namespace" or "types.SimpleNamespace" => state is null ? new Dictionary<string, object?>() : Dictionary(state),
            "omegaconf.dictconfig.DictConfig" or "omegaconf.listconfig.ListConfig" => Convert(Attribute(state, "_content", o)),
            "omegaconf.base.UnionNode" => Convert(Attribute(state, "_content", o)),
            _ when o.TypeName.StartsWith("omegaconf.nodes.", StringComparison.Ordinal) => Convert(Attribute(state, "_val", o)),
            "numpy.core.multiarray.scalar" => NumPyScalar.Value(o) ?? o,
            _ when o.TypeName.StartsWith("pathlib.", StringComparison.Ordinal) => string.Join('/', o.Arguments.OfType<string>()),
            "builtins.int" or "builtins.float" or "builtins.str" or "builtins.bool" when o.Arguments.Count == 1 => o.Arguments[0],
            _ => o,
        };
    }

    private object? Attribute(PickleDictionary? state, string name, PickleObject o) =>
        state is not null && state.TryGet(name, out var value) ? value : throw new CheckpointException(file, $"its {o.TypeName} has no '{name}'; it is damaged or of an unknown omegaconf version");
}
