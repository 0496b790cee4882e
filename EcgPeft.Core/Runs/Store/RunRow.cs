using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Store;

/// <summary>One run as the database holds it: columns to look for, and the whole summary to read back.</summary>
internal sealed class RunRow
{
    /// <summary>Name of the run's folder.</summary>
    public required string Id { get; set; }

    /// <summary>The recipe's name.</summary>
    public required string Name { get; set; }

    /// <summary>Where the run stands.</summary>
    public required RunStatus Status { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedUtc { get; set; }

    /// <summary>When it ended, UTC.</summary>
    public DateTime? EndedUtc { get; set; }

    /// <summary>The backbone.</summary>
    public required string Model { get; set; }

    /// <summary>The PEFT method.</summary>
    public required string Method { get; set; }

    /// <summary>The data set.</summary>
    public required string DataSet { get; set; }

    /// <summary>Whose it is (<see cref="RunNotes.Owner"/>).</summary>
    public string? Owner { get; set; }

    /// <summary>PEFT parameters and head.</summary>
    public long? TrainableParameters { get; set; }

    /// <summary>Seconds at work.</summary>
    public double ActiveSeconds { get; set; }

    /// <summary>Test accuracy.</summary>
    public double? TestAccuracy { get; set; }

    /// <summary>Test F1.</summary>
    public double? TestF1 { get; set; }

    /// <summary>Test AUROC.</summary>
    public double? TestAuroc { get; set; }

    /// <summary>State of the files that the row was made from.</summary>
    public required string Fingerprint { get; set; }

    /// <summary>The <see cref="RunSummary"/> as JSON.</summary>
    public required string Summary { get; set; }
}
