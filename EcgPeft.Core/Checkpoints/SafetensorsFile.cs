using System.Buffers.Binary;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>
/// A <c>.safetensors</c> file: 8 bytes header length, a JSON header, the tensors' bytes without holes. Validated as the format's
/// reference implementation does (huggingface/safetensors, <c>tensor.rs</c>), and tensors are read from a memory map.
/// </summary>
public sealed class SafetensorsFile : TensorFile
{
    private const long MaxHeaderLength = 100_000_000; // the reference implementation's own bound

    private readonly FileBytes _bytes;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(FileBytes bytes)
    {
        _bytes = bytes;
        if (bytes.Length < 8) throw new CheckpointException(bytes.Name, "the file is too short to be a safetensors file; download it again");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Bytes(0, 8));
        if (length > MaxHeaderLength) throw new CheckpointException(bytes.Name, $"the header claims {length} bytes, more than the {MaxHeaderLength} that safetensors allows; this is not a safetensors file");
        if ((long)length > bytes.Length - 8) throw new CheckpointException(bytes.Name, $"the header claims {length} bytes but the file has only {bytes.Length - 8} after the length; it was cut short");
        _dataStart = 8 + (long)length;
        _header = SafetensorsHeader.Parse(bytes.Bytes(8, (int)length), bytes.Length - _dataStart, bytes.Name);
    }

    /// <inheritdoc/>
    public override string Path => _bytes.Name;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _header.Entries;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens and validates a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is absent, unreadable or not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Open(FileBytes.Map(path));

    /// <summary>Opens and validates a buffer that holds a whole file.</summary>
    /// <param name="file">The file's bytes; must not change while this is open.</param>
    /// <param name="label">What error messages call it.</param>
    /// <exception cref="CheckpointException">The bytes are not a valid safetensors file.</exception>
    public static SafetensorsFile Open(ReadOnlyMemory<byte> file, string label) => Open(new FileBytes(file, label));

    private static SafetensorsFile Open(FileBytes bytes)
    {
        try
        {
            return new SafetensorsFile(bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override Tensor ReadStored(TensorEntry entry)
    {
        var tensor = torch.empty([.. entry.Shape], dtype: entry.Type, device: torch.CPU);
        _bytes.Fill(tensor, _dataStart + _header.Starts[entry.Name]);
        return tensor;
    }

    /// <inheritdoc/>
    protected internal override Tensor? Mapped(TensorEntry entry)
    {
        var start = _dataStart + _header.Starts[entry.Name];
        long size = TensorSize.Of(entry.Type), count = entry.ByteLength / size;
        if (_bytes.MappablePath is not { } path || count == 0 || start % size != 0) return null;
        // A private mapping: merging weights or training them copies the pages it touches. The elements before the tensor are never looked at.
        using var all = torch.from_file(path, shared: false, size: start / size + count, dtype: entry.Type, device: torch.CPU);
        return all.narrow(0, start / size, count).view([.. entry.Shape]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _bytes.Dispose();
    }
}
