using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints.Pickle;

// What a pickle becomes: null, bool, long, BigInteger, double, string, byte[], or one of these. All of it is data; nothing can run.

/// <summary>Which Python container a <see cref="PickleSequence"/> was.</summary>
public enum PickleSequenceKind
{
    /// <summary>A <c>list</c>.</summary>
    List,

    /// <summary>A <c>tuple</c> or <c>torch.Size</c>.</summary>
    Tuple,

    /// <summary>A <c>set</c> or <c>frozenset</c>, in the file's order.</summary>
    Set,
}

/// <summary>A Python list, tuple or set.</summary>
/// <param name="kind">Which of them.</param>
public sealed class PickleSequence(PickleSequenceKind kind)
{
    internal List<object?> Mutable { get; init; } = [];

    /// <summary>Which container it was.</summary>
    public PickleSequenceKind Kind { get; } = kind;

    /// <summary>The elements in order.</summary>
    public IReadOnlyList<object?> Items => Mutable;
}

/// <summary>A Python dictionary (plain, ordered or default) in its order of insertion.</summary>
public sealed class PickleDictionary
{
    private readonly OrderedDictionary<object, object?> _items = new(KeyComparer.Instance);

    /// <summary>The items in order; a key is a string, number, bool, bytes or one of the Pickle types (compared by identity).</summary>
    public IReadOnlyCollection<KeyValuePair<object, object?>> Items => _items;

    /// <summary>Attributes set on the dictionary object itself, such as <c>_metadata</c> of a state dict.</summary>
    public object? Attributes { get; internal set; }

    /// <summary>Looks a string key up.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    public bool TryGet(string key, out object? value) => _items.TryGetValue(key, out value);

    internal void Set(object key, object? value) => _items[key] = value;

    /// <summary>.NET's own hash of long is predictable, so a hostile file could make every key collide; these are seeded per process.</summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        bool IEqualityComparer<object>.Equals(object? x, object? y) => x is string or long or double or bool or BigInteger ? x.Equals(y) : ReferenceEquals(x, y);

        int IEqualityComparer<object>.GetHashCode(object key) => key switch
        {
            string s => s.GetHashCode(StringComparison.Ordinal),
            long n => HashCode.Combine(n & 0xFFFFFFFF, n >> 32),
            double d => HashCode.Combine(d),
            bool b => HashCode.Combine(b),
            BigInteger big => big.GetHashCode(),
            _ => RuntimeHelpers.GetHashCode(key),
        };
    }
}

/// <summary>A mention of a Python class or function of the allow-list, as data: it is never looked up or called.</summary>
/// <param name="TypeName">Its full name, for example <c>torch.float32</c>.</param>
public sealed record PickleGlobal(string TypeName);

/// <summary>An instance of a class of the allow-list that has no nearer equivalent here.</summary>
public sealed class PickleObject
{
    internal PickleObject(string typeName, IReadOnlyList<object?> arguments) => (TypeName, Arguments) = (typeName, arguments);

    /// <summary>The class's full name, for example <c>argparse.Namespace</c>.</summary>
    public string TypeName { get; }

    /// <summary>What its constructor was to be given.</summary>
    public IReadOnlyList<object?> Arguments { get; }

    /// <summary>What its attributes were to be set to: usually a <see cref="PickleDictionary"/>; null if nothing.</summary>
    public object? State { get; internal set; }
}

/// <summary>A run of elements in the file that tensors are views of.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Its element type; bytes for an untyped storage.</param>
/// <param name="Count">Its elements.</param>
public sealed record PickleStorage(string Key, ScalarType Type, long Count);

/// <summary>A tensor: a strided view of a storage, not read yet.</summary>
/// <param name="Storage">Where its elements are.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Offset">Elements before its first.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Strides">Elements from one index to the next, in every dimension.</param>
public sealed record PickleTensor(PickleStorage Storage, ScalarType Type, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);
