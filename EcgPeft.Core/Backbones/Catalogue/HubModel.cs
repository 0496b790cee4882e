using EcgPeft.Core.Checkpoints.Hub;

namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>Where a model lies on a hub, as its id says: <c>organisation/name</c>, then <c>/file.pt</c> for one checkpoint of several, then <c>@revision</c>.</summary>
/// <param name="Repository">For example <c>facebook/wav2vec2-base</c>.</param>
/// <param name="Checkpoint">The one weights file that is meant, for example <c>mimic_iv_ecg_finetuned.pt</c>; null for the repository's usual one.</param>
/// <param name="Revision">A branch, tag or commit.</param>
public sealed record HubModel(string Repository, string? Checkpoint, string Revision)
{
    /// <summary>Reads an id; null where it has not the form of one.</summary>
    /// <param name="id">For example <c>facebook/wav2vec2-base</c> or <c>wanglab/ecg-fm/mimic_iv_ecg_finetuned.pt@main</c>.</param>
    public static HubModel? Parse(string id)
    {
        var at = id.LastIndexOf('@');
        var (name, revision) = at < 0 ? (id, HubClient.MainRevision) : (id[..at], id[(at + 1)..]);
        var parts = name.Split('/', 3);
        if (parts.Length < 2 || revision.Length == 0 || (parts.Length == 3 && !parts[2].EndsWith(".pt", StringComparison.Ordinal))) return null;
        try
        {
            HubNames.CheckRepository($"{parts[0]}/{parts[1]}");
            HubNames.CheckRevision(revision);
            if (parts.Length == 3) HubNames.CheckFile(parts[2]);
        }
        catch (HubException)
        {
            return null;
        }
        return new HubModel($"{parts[0]}/{parts[1]}", parts.Length == 3 ? parts[2] : null, revision);
    }
}
