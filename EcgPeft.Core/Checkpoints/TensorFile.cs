using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>A file (or a set of shards) of named tensors, whatever its format. Opening reads and checks the directory only; tensors are read one at a time.</summary>
public abstract class TensorFile : IDisposable
{
    /// <summary>The file's path, or the label of a buffer: what error messages call it.</summary>
    public abstract string Path { get; }

    /// <summary>Every tensor by its key.</summary>
    public abstract IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>The file's own remarks, for example <c>format = pt</c>; empty if the format has none.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads one tensor on the CPU, contiguous, in memory of its own, with its stored element type. The caller owns it.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="CheckpointException">The file has no such tensor, or its bytes cannot be read.</exception>
    public Tensor Read(string name)
    {
        if (!Entries.TryGetValue(name, out var entry)) throw new CheckpointException(Path, $"there is no tensor named '{name}' in this file");
        return ReadStored(entry);
    }

    /// <summary>Reads one tensor as <see cref="Read(string)"/> does, converted to an element type.</summary>
    /// <param name="name">The key.</param>
    /// <param name="type">The element type of the result.</param>
    /// <exception cref="CheckpointException">The file has no such tensor, or its bytes cannot be read.</exception>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The field's own word.")]
    public Tensor Read(string name, ScalarType type)
    {
        var stored = Read(name);
        if (stored.dtype == type) return stored;
        using (stored) return stored.to(type);
    }

    /// <summary>
    /// Takes one tensor for a model: over the file's own memory-mapped pages where they hold the element type as it is asked for, so that all
    /// processes that use the file share one copy and nothing is read before it is needed; else read as <see cref="Read(string, ScalarType)"/>
    /// does. Writing to the tensor never changes the file. It stays usable after the file object is closed.
    /// </summary>
    /// <param name="name">The key.</param>
    /// <param name="type">The element type of the result.</param>
    /// <exception cref="CheckpointException">The file has no such tensor, or its bytes cannot be read.</exception>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The field's own word.")]
    public Tensor Take(string name, ScalarType type) =>
        Entries.TryGetValue(name, out var entry) && entry.Type == type && Mapped(entry) is { } mapped ? mapped : Read(name, type);

    /// <summary>A tensor over the file's pages, or null where they cannot be used.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    protected internal virtual Tensor? Mapped(TensorEntry entry) => null;

    /// <summary>Reads the bytes of a tensor that is in <see cref="Entries"/>.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    protected abstract Tensor ReadStored(TensorEntry entry);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
