using EcgPeft.Core;
using EcgPeft.Core.Runs;
using Microsoft.Net.Http.Headers;

namespace EcgPeft.Web.Api;

/// <summary>A file of a run's folder.</summary>
/// <param name="Path">Below the run's folder, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ModifiedUtc">When it was last written, UTC.</param>
internal sealed record RunFile(string Path, long Bytes, DateTime ModifiedUtc);

/// <summary><c>/api/runs/{id}/files</c>: the artefacts of a run, read only.</summary>
internal static class RunFilesApi
{
    public static void MapRunFiles(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("/api/runs/{id}/files").WithTags("Artefacts").ProducesProblem(StatusCodes.Status404NotFound);
        files.MapGet("/", (string id, DataRoot root) => RunsApi.Folder(root, id) is { } run ? new Tagged(All(run)) : RunsApi.NoRun(id)).WithSummary("The files of a run's folder").Produces<IReadOnlyList<RunFile>>();
        files.MapGet("/{**path}", (string id, string path, DataRoot root) =>
        {
            if (RunsApi.Folder(root, id) is not { } run) return RunsApi.NoRun(id);
            if (Find(run, path) is not { } file) return ApiErrors.Missing($"Run {id} has no file '{path}'; GET /api/runs/{id}/files lists them.");
            // Never as a page or a script: a run may have been imported from anywhere.
            return TypedResults.PhysicalFile(file.FullName, Kind(file.Extension), file.Name, file.LastWriteTimeUtc, new EntityTagHeaderValue($"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\""), enableRangeProcessing: true);
        }).WithSummary("A file of a run's folder").Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream");
    }

    /// <summary>A file below the folder, through no link; null for every other path.</summary>
    public static FileInfo? Find(RunFolder run, string path)
    {
        var at = run.Path;
        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part.StartsWith('.') || part.IndexOfAny(['\\', ':', '\0']) >= 0) return null;
            at = Path.Combine(at, part);
            if (new FileInfo(at).LinkTarget is not null) return null;
        }
        return new FileInfo(at) is { Exists: true } file ? file : null;
    }

    private static List<RunFile> All(RunFolder run) =>
        [.. new DirectoryInfo(run.Path).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden })
            .Select(file => new RunFile(Path.GetRelativePath(run.Path, file.FullName).Replace('\\', '/'), file.Length, file.LastWriteTimeUtc)).OrderBy(file => file.Path, StringComparer.Ordinal)];

    private static string Kind(string extension) => extension switch
    {
        ".json" => "application/json",
        ".jsonl" or ".log" => "text/plain; charset=utf-8",
        ".csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    };
}
