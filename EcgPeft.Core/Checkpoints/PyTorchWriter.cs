using System.IO.Compression;
using EcgPeft.Core.Checkpoints.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>Writes what <c>torch.load</c> reads: the zip format since PyTorch 1.6, of plain values and tensors (also with <c>weights_only</c>).</summary>
public static class PyTorchWriter
{
    /// <summary>Writes a dictionary into a temporary file beside <paramref name="path"/> that then takes its place.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">Values: null, bool, int, long, double, string, tensors, lists (<c>IEnumerable&lt;object?&gt;</c>) and dictionaries of these.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A value has another type.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, object?> content)
    {
        var storages = new List<Tensor>();
        var pickle = PickleWriter.Write(content, tensor =>
        {
            storages.Add(tensor);
            return storages.Count - 1;
        });
        // The archive's folder has the file's name, as torch.save gives it.
        var folder = Path.GetFileNameWithoutExtension(path);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var zip = new ZipArchive(new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite), ZipArchiveMode.Create))
            {
                Entry(zip, $"{folder}/data.pkl", stream => stream.Write(pickle));
                Entry(zip, $"{folder}/byteorder", stream => stream.Write("little"u8));
                for (var i = 0; i < storages.Count; i++)
                {
                    var tensor = storages[i];
                    Entry(zip, $"{folder}/data/{i}", stream => WriteBytes(stream, tensor));
                }
                Entry(zip, $"{folder}/version", stream => stream.Write("3\n"u8));
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

    private static void Entry(ZipArchive zip, string name, Action<Stream> write)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        write(stream);
    }

    private static void WriteBytes(Stream stream, Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().reshape(-1);
        const long chunk = 1 << 26; // elements: a span cannot hold 2 GB
        for (long start = 0; start < flat.numel(); start += chunk) stream.Write(flat.narrow(0, start, Math.Min(chunk, flat.numel() - start)).bytes);
    }
}
