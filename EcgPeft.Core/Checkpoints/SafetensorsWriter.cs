using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>Writes <c>.safetensors</c> files: the same tensors give the same bytes, which are also the bytes that the Python library writes.</summary>
public static class SafetensorsWriter
{
    private static readonly Dictionary<string, string> DefaultMetadata = new() { ["format"] = "pt" };

    /// <summary>
    /// Writes the tensors, ordered by element type (widest first, for alignment, as the reference implementation does) and then by
    /// name, into a temporary file beside <paramref name="path"/> that then takes its place, so that no reader sees half a file.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Names and tensors, on any device, contiguous or not.</param>
    /// <param name="metadata">Remarks for the header; null means <c>format = pt</c>, which the Python libraries expect.</param>
    /// <param name="alignment">The tensors' bytes begin at a multiple of this; 8 as in the Python library.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">Two tensors have one name, a name is reserved, or an element type has no safetensors spelling.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null, int alignment = 8)
    {
        var ordered = Ordered(tensors);
        var header = Header(ordered, metadata ?? DefaultMetadata, alignment);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                file.Write(header);
                foreach (var (_, tensor) in ordered) WriteBytes(file, tensor);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be written ({e.Message.TrimEnd('.')})", e);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    /// <summary>The size in bytes that <see cref="Write"/> would give the file; no values are needed, so tensors of the meta device will do.</summary>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="metadata">Remarks for the header, as in <see cref="Write"/>.</param>
    public static long SizeOf(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Ordered(tensors);
        return Header(ordered, metadata ?? DefaultMetadata, alignment: 8).Length + ordered.Sum(t => t.Value.numel() * t.Value.element_size());
    }

    private static List<KeyValuePair<string, Tensor>> Ordered(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var ordered = tensors.OrderBy(t => SafetensorsTypes.RankOf(t.Value.dtype)).ThenBy(t => t.Key, StringComparer.Ordinal).ToList();
        var repeated = ordered.GroupBy(t => t.Key).FirstOrDefault(g => g.Count() > 1 || g.Key == "__metadata__");
        return repeated is null ? ordered : throw new ArgumentException($"The tensor name '{repeated.Key}' is used twice or reserved.", nameof(tensors));
    }

    private static byte[] Header(List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata, int alignment)
    {
        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long start = 0;
            foreach (var (name, tensor) in tensors)
            {
                var end = start + tensor.numel() * tensor.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsTypes.NameOf(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(start);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                start = end;
            }
            json.WriteEndObject();
        }
        while (stream.Length % alignment != 0) stream.WriteByte((byte)' ');
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - 8));
        return bytes;
    }

    private static void WriteBytes(FileStream file, Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().reshape(-1);
        const long chunk = 1 << 26; // elements: a span cannot hold 2 GB
        for (long start = 0; start < flat.numel(); start += chunk)
        {
            using var part = flat.narrow(0, start, Math.Min(chunk, flat.numel() - start));
            file.Write(part.bytes);
        }
    }
}
