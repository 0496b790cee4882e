namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>Whether a model can be used on this machine.</summary>
public enum ModelStateKind
{
    /// <summary>Its weights are not on this machine.</summary>
    NotHere,

    /// <summary>Its weights are coming; see <see cref="ModelDownloads"/>.</summary>
    Downloading,

    /// <summary>Its files are whole and fit its configuration.</summary>
    Ready,

    /// <summary>Its files are there but cannot be used.</summary>
    Damaged,
}

/// <summary>State of a model and where its files are.</summary>
/// <param name="Kind">The state.</param>
/// <param name="Path">Folder or checkpoint file; null where there is none.</param>
/// <param name="Bytes">Size of its files together; null where there are none.</param>
/// <param name="Ignored">Tensors of its files that only pre-training or another task uses.</param>
/// <param name="Problem">Why it is <see cref="ModelStateKind.Damaged"/>: one sentence.</param>
public sealed record ModelState(ModelStateKind Kind, string? Path, long? Bytes, IReadOnlyList<string> Ignored, string? Problem)
{
    /// <summary>There are no weights.</summary>
    public static ModelState NotHere { get; } = new(ModelStateKind.NotHere, null, null, [], null);
}
