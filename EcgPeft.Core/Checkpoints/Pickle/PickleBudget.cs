namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>How much memory a pickle may cost: in proportion to its own length, and never more than a fixed bound.</summary>
internal sealed class PickleBudget(long pickleLength, string file)
{
    /// <summary>Roughly what one small object costs, in bytes.</summary>
    public const int Object = 96;

    private const long Base = 16 << 20, PerByte = 128, Most = 1L << 30;

    private long _left = Math.Min(Most, Base + PerByte * pickleLength);

    /// <summary>Takes an estimate, in bytes, out of the budget.</summary>
    public void Spend(long bytes)
    {
        _left -= bytes;
        if (_left < 0) throw new CheckpointException(file, "its pickle would need far more memory than its size warrants; this is not a checkpoint to trust");
    }
}
