namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>How far one file's download is.</summary>
/// <param name="File">The file's path in the repository.</param>
/// <param name="BytesDone">Bytes on disk, those of an earlier attempt included.</param>
/// <param name="BytesTotal">The file's size in bytes; null if the hub does not say.</param>
public sealed record HubProgress(string File, long BytesDone, long? BytesTotal);
