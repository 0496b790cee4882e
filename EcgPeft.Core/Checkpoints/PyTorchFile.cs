using System.Text;
using EcgPeft.Core.Checkpoints.Pickle;

namespace EcgPeft.Core.Checkpoints;

/// <summary>
/// Opens what <c>torch.save</c> writes (<c>.pt</c>, <c>.bin</c>, <c>.ckpt</c>): the zip format since PyTorch 1.6, and the older
/// one. Nothing of the file is ever executed; see <see cref="PickleGlobals"/> for what it may mention.
/// </summary>
public static class PyTorchFile
{
    private const int MaxPickle = 64 << 20;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="section">
    /// The key of the dictionary whose tensors are wanted, for example <c>model</c>. Null: the top-level dictionary if it holds
    /// tensors itself, else its <c>model</c> or <c>state_dict</c>.
    /// </param>
    /// <exception cref="CheckpointException">The file is absent, damaged, hostile, or has no such section.</exception>
    public static PyTorchCheckpoint Open(string path, string? section = null) => Open(FileBytes.Map(path), section);

    /// <summary>Opens a buffer that holds a whole file.</summary>
    /// <param name="file">The file's bytes; must not change while this is open.</param>
    /// <param name="label">What error messages call it.</param>
    /// <param name="section">As for <see cref="Open(string, string?)"/>.</param>
    /// <exception cref="CheckpointException">The bytes are damaged, hostile, or have no such section.</exception>
    public static PyTorchCheckpoint Open(ReadOnlyMemory<byte> file, string label, string? section = null) => Open(new FileBytes(file, label), section);

    private static PyTorchCheckpoint Open(FileBytes bytes, string? section)
    {
        try
        {
            if (LegacyPyTorch.IsLegacy(bytes)) return LegacyPyTorch.Open(bytes, section);
            if (bytes.Length < 4 || !bytes.Bytes(0, 4).AsSpan().SequenceEqual("PK\x03\x04"u8)) throw new CheckpointException(bytes.Name, "this is not a file that torch.save wrote; download it again");
            return OpenZip(bytes, section);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static PyTorchCheckpoint OpenZip(FileBytes bytes, string? section)
    {
        var zip = StoredZip.Open(bytes);
        var pickles = zip.Names.Where(n => n == "data.pkl" || n.EndsWith("/data.pkl", StringComparison.Ordinal)).Take(2).ToList();
        if (pickles.Count != 1) throw new CheckpointException(bytes.Name, "this zip archive was not written by torch.save: it does not hold exactly one data.pkl");
        var folder = pickles[0][..^"data.pkl".Length];
        if (zip.Find($"{folder}constants.pkl") is not null) throw new CheckpointException(bytes.Name, "this is a TorchScript program, not a checkpoint; save its state_dict() with torch.save");
        if (zip.Find($"{folder}byteorder") is { } order && (order.Length != 6 || Encoding.ASCII.GetString(bytes.Bytes(order.Offset, 6)) != "little"))
        {
            throw new CheckpointException(bytes.Name, "it was written on a big-endian machine; load it there and save it as safetensors");
        }
        var (offset, length) = zip.Find(pickles[0])!.Value;
        if (length > MaxPickle) throw new CheckpointException(bytes.Name, $"its pickle has {length} bytes, more than any real checkpoint's");
        var reader = new PickleReader(bytes.Bytes(offset, (int)length), bytes.Name, id => PickleTensors.Storage(id, bytes.Name));
        return new PyTorchCheckpoint(bytes, reader.Read(), key => zip.Find($"{folder}data/{key}"), section);
    }
}
