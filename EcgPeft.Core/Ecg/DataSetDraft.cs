namespace EcgPeft.Core.Ecg;

/// <summary>
/// A data set on its way onto the disk, under a temporary name. Its samples may be written while they are still being read; the folder
/// appears under its own name complete or not at all, also when several processes work at once.
/// </summary>
internal sealed class DataSetDraft : IDisposable
{
    // Names that start with a dot are never data sets.
    private const string Prefix = ".new-";

    private readonly string folder;
    private readonly SegmentsWriter writer;

    /// <summary>Makes the temporary folder.</summary>
    /// <param name="dataSets">The folder of all data sets.</param>
    public DataSetDraft(string dataSets)
    {
        folder = Directory.CreateDirectory(Path.Combine(dataSets, Prefix + Guid.NewGuid().ToString("n"))).FullName;
        writer = new SegmentsWriter(Path.Combine(folder, DataSetFolder.SegmentsFile));
    }

    /// <summary>Writes the next samples.</summary>
    /// <exception cref="UserInputException">The disk does not take them.</exception>
    public void Append(ReadOnlyMemory<float> samples)
    {
        try
        {
            writer.Append(samples.Span);
        }
        catch (IOException e)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Writes what is left of the set, and its facts.</summary>
    /// <exception cref="UserInputException">The disk does not take them.</exception>
    public void Complete(SegmentSet set)
    {
        try
        {
            // Segments that a repair has left out in the end were written as well: once more without them.
            if (writer.Samples != set.Values.Length)
            {
                writer.StartAgain();
                writer.Append(set.Values.Span);
            }
            writer.Finish(set);
        }
        catch (IOException e)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Gives the completed folder its name; false where another data set has it.</summary>
    /// <param name="info">What is known about it.</param>
    /// <param name="to">The folder to become.</param>
    public bool TryPublish(DataSetInfo info, string to)
    {
        if (Directory.Exists(to)) return false;
        DataSetFolder.WriteInfo(folder, info);
        try
        {
            Directory.Move(folder, to);
            return true;
        }
        catch (IOException) when (Directory.Exists(to))
        {
            return false; // another process has just taken it
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static UserInputException Unwritable(IOException cause) => new($"The data set cannot be written ({cause.Message.TrimEnd('.')}); make room and import it again.", cause);
}
