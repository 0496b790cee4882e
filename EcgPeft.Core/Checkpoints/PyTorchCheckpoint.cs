using EcgPeft.Core.Checkpoints.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>An open PyTorch checkpoint: the tensors of one of its dictionaries, and everything else in it as inert data.</summary>
public sealed class PyTorchCheckpoint : TensorFile
{
    private static readonly string[] UsualSections = ["model", "state_dict"];

    private readonly FileBytes _bytes;
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PickleTensor Tensor, long Start)> _tensors = new(StringComparer.Ordinal);

    internal PyTorchCheckpoint(FileBytes bytes, object? root, Func<string, (long Offset, long Length)?> find, string? section)
    {
        (_bytes, Root) = (bytes, root);
        if (root is not PickleDictionary top) throw new CheckpointException(Path, "it holds no dictionary of tensors at its top level; save the model's state_dict()");
        foreach (var (key, value) in Choose(top, section).Items)
        {
            if (key is not string name || value is not PickleTensor tensor) continue;
            var place = find(tensor.Storage.Key) ?? throw new CheckpointException(Path, $"the storage '{tensor.Storage.Key}' of tensor '{name}' is missing; the file is damaged");
            var size = TensorSize.Of(tensor.Type);
            if (place.Length / TensorSize.Of(tensor.Storage.Type) < tensor.Storage.Count) throw new CheckpointException(Path, $"the storage of tensor '{name}' has {place.Length} bytes, fewer than announced; the file is damaged");
            TensorSize.TryCount(tensor.Shape, out var count);
            _entries[name] = new TensorEntry(name, tensor.Type, tensor.Shape, count * size);
            _tensors[name] = (tensor, place.Offset + tensor.Offset * size);
        }
    }

    /// <inheritdoc/>
    public override string Path => _bytes.Name;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    /// <summary>Empty: the format has no remarks.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>The saved object: a <see cref="PickleDictionary"/>, with the other types of its namespace inside.</summary>
    public object? Root { get; }

    /// <summary>Whether the top-level dictionary has a key whose value is not None.</summary>
    /// <param name="key">The key, for example <c>cfg</c> or <c>args</c>.</param>
    public bool Has(string key) => Root is PickleDictionary top && top.TryGet(key, out var value) && value is not null;

    /// <summary>
    /// A configuration of the top-level dictionary (a dictionary, an <c>argparse.Namespace</c> or an omegaconf container) as plain
    /// values: null, bool, long, double, string, <c>IReadOnlyList&lt;object?&gt;</c>, <c>IReadOnlyDictionary&lt;string, object?&gt;</c>.
    /// </summary>
    /// <param name="key">The key, for example <c>cfg</c>.</param>
    /// <exception cref="CheckpointException">There is no such configuration.</exception>
    public IReadOnlyDictionary<string, object?> Config(string key)
    {
        if (Root is PickleDictionary top && top.TryGet(key, out var value) && PickleConfig.ToPlain(value, Path) is IReadOnlyDictionary<string, object?> config) return config;
        throw new CheckpointException(Path, $"it has no configuration '{key}'");
    }

    private PickleDictionary Choose(PickleDictionary top, string? section)
    {
        if (section is not null)
        {
            return top.TryGet(section, out var named) && named is PickleDictionary dictionary ? dictionary : throw new CheckpointException(Path, $"it has no section '{section}'; it has {Keys(top)}");
        }
        if (top.Items.Count == 0 || top.Items.Any(i => i.Value is PickleTensor)) return top;
        foreach (var usual in UsualSections)
        {
            if (top.TryGet(usual, out var value) && value is PickleDictionary dictionary && dictionary.Items.Any(i => i.Value is PickleTensor)) return dictionary;
        }
        throw new CheckpointException(Path, $"no tensors were found at its top level, in 'model' or in 'state_dict'; it has {Keys(top)}");
    }

    private static string Keys(PickleDictionary top) => string.Join(", ", top.Items.Take(10).Select(i => i.Key is string s ? $"'{PickleInput.Shown(s)}'" : i.Key.GetType().Name));

    /// <inheritdoc/>
    protected override Tensor ReadStored(TensorEntry entry)
    {
        var (tensor, start) = _tensors[entry.Name];
        if (entry.ByteLength == 0 || PickleTensors.IsContiguous(tensor))
        {
            var whole = torch.empty([.. tensor.Shape], dtype: tensor.Type, device: torch.CPU);
            _bytes.Fill(whole, start);
            return whole;
        }
        using var touched = torch.empty([PickleTensors.Extent(tensor)], dtype: tensor.Type, device: torch.CPU);
        _bytes.Fill(touched, start);
        using var view = touched.as_strided([.. tensor.Shape], [.. tensor.Strides]);
        return view.contiguous();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _bytes.Dispose();
    }
}
