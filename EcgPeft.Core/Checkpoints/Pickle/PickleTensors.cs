
namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>Storages and tensors as torch's pickles describe them, checked so that no view can reach outside its storage.</summary>
internal static class PickleTensors
{
    /// <summary>The persistent id of torch: <c>('storage', storage type, key, location, count[, view])</c>.</summary>
    public static PickleStorage Storage(object? id, string file)
    {
        if (id is not PickleSequence { Items: ["storage", PickleGlobal type, string key, _, long count, ..] items } || count < 0) throw Error(file, "a storage is not described as torch.save does");
        if (items is [_, _, _, _, _, not null, ..]) throw Error(file, $"storage '{key}' is a view of another, which torch.save no longer writes");
        var element = PickleGlobals.StorageType(type.TypeName) ?? throw Error(file, $"storage '{key}' has the unsupported type {type.TypeName}");
        return count <= long.MaxValue / 8 ? new PickleStorage(key, element, count) : throw Error(file, $"storage '{key}' claims {count} elements");
    }

    /// <summary><c>_rebuild_tensor*(storage, offset, size, stride, ...)</c>; version 3 names the element type after <c>requires_grad</c> and the hooks.</summary>
    public static PickleTensor Rebuild(IReadOnlyList<object?> arguments, bool typed, string file, PickleBudget budget)
    {
        if (arguments is not [PickleStorage storage, long offset, PickleSequence size, PickleSequence stride, ..]) throw Error(file, "a tensor is not described as torch.save does");
        var type = storage.Type;
        if (typed)
        {
            type = arguments is [_, _, _, _, _, _, PickleGlobal dtype, ..] && PickleGlobals.ElementType(dtype.TypeName) is { } known
                ? known
                : throw Error(file, $"a tensor on storage '{storage.Key}' has no known element type");
        }
        var capacity = storage.Count * TensorSize.Of(storage.Type) / TensorSize.Of(type);
        if (size.Items.Count > TensorSize.MaxRank || size.Items.Count != stride.Items.Count) throw Error(file, $"a tensor on storage '{storage.Key}' has {size.Items.Count} sizes and {stride.Items.Count} strides");
        budget.Spend(2 * PickleBudget.Object + 16L * size.Items.Count);
        var shape = Numbers(size, storage, file);
        var strides = Numbers(stride, storage, file);
        // More elements than the storage holds would be a repeated view, with which a small file could ask for any amount of memory.
        if (!TensorSize.TryCount(shape, out var count) || count > capacity || offset < 0 || offset > capacity || Last(offset, shape, strides, count) > capacity)
        {
            throw Error(file, $"a tensor of shape [{string.Join(", ", shape)}], strides [{string.Join(", ", strides)}] and offset {offset} reaches outside its storage '{storage.Key}' of {capacity} elements");
        }
        return new PickleTensor(storage, type, offset, shape, strides);
    }

    /// <summary>True if the elements stand in the file in the order of the shape, without gaps.</summary>
    public static bool IsContiguous(PickleTensor tensor)
    {
        long expected = 1;
        for (var d = tensor.Shape.Count - 1; d >= 0; d--)
        {
            if (tensor.Shape[d] != 1 && tensor.Strides[d] != expected) return false;
            expected *= tensor.Shape[d];
        }
        return true;
    }

    /// <summary>Elements from the first to the last that the view touches, both included.</summary>
    public static long Extent(PickleTensor tensor)
    {
        long extent = 1;
        for (var d = 0; d < tensor.Shape.Count; d++) extent += (tensor.Shape[d] - 1) * tensor.Strides[d];
        return extent;
    }

    private static Int128 Last(long offset, long[] shape, long[] strides, long count)
    {
        if (count == 0) return offset;
        Int128 end = (Int128)offset + 1;
        for (var d = 0; d < shape.Length; d++) end += (Int128)(shape[d] - 1) * strides[d];
        return end;
    }

    private static long[] Numbers(PickleSequence sequence, PickleStorage storage, string file)
    {
        var numbers = new long[sequence.Items.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = sequence.Items[i] is long and >= 0 ? (long)sequence.Items[i]! : throw Error(file, $"a tensor on storage '{storage.Key}' has a size or stride that is not a whole number from 0");
        }
        return numbers;
    }

    private static CheckpointException Error(string file, string problem) => new(file, $"its pickle is damaged or hostile: {problem}");
}
