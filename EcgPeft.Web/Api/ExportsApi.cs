using System.IO.Compression;
using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Web.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EcgPeft.Web.Api;

/// <summary>Results and curves of runs, their exports, and runs from elsewhere.</summary>
internal static class ExportsApi
{
    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/runs/{id}").WithTags("Results").ProducesProblem(StatusCodes.Status404NotFound);
        runs.MapGet("/recipe", (string id, DataRoot root) => RunsApi.Folder(root, id) is { } run ? new Tagged(run.ReadRecipe()) : RunsApi.NoRun(id)).WithSummary("The recipe of a run").Produces<Core.Training.Recipe>();
        runs.MapGet("/metrics", (string id, DataRoot root) => RunsApi.Folder(root, id) is not { } run ? RunsApi.NoRun(id)
            : File.Exists(run.MetricsFile) ? new Tagged(RunMetrics.ReadFrom(run))
            : ApiErrors.Missing($"Run {id} has no metrics; only a completed run that classifies has some.")).WithSummary("Metrics of a completed run").Produces<RunMetrics>();
        runs.MapGet("/curves", (string id, long? fromStep, long? toStep, DataRoot root) => RunsApi.Folder(root, id) is { } run ? new Tagged(Between(RunHistory.Read(run), fromStep, toStep)) : RunsApi.NoRun(id))
            .WithSummary("Curves of a run").Produces<ExportedRun>().WithDescription("All steps as columns and all epochs, or those of the steps fromStep to toStep.");
        runs.MapGet("/tables/{name}", (string id, string name, DataRoot root) => RunsApi.Folder(root, id) is not { } run ? RunsApi.NoRun(id)
            : RunTables.Names.Contains(name) ? Table(name, [RunHistory.Read(run)], $"{id}-{name}")
            : ApiErrors.Missing($"There is no table '{name}'; there are {string.Join(", ", RunTables.Names)}.")).WithSummary("A table as CSV: metrics.csv, steps.csv or epochs.csv").Produces<string>(StatusCodes.Status200OK, "text/csv");
        runs.MapGet("/export", (string id, string? format, DataRoot root, CancellationToken cancel) => ExportAsync(RunsApi.Folder(root, id) is null ? null : ExportSource.ById(root, id), format, root, () => RunsApi.NoRun(id), cancel))
            .WithSummary("A run for other tools or another installation").WithDescription("format is zip (everything, for import), json, csv (three tables in a zip) or tensorboard (a log folder in a zip).").ProducesProblem(StatusCodes.Status409Conflict);
        routes.MapPost("/api/runs/import", ImportAsync).WithTags("Results").WithSummary("Take a run or study from a zip of another installation").Accepts<Stream>("application/zip")
            .Produces<ImportedRuns>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
    }

    public static async Task<IResult> ExportAsync(ExportSource? source, string? format, DataRoot root, Func<IResult> missing, CancellationToken cancel)
    {
        if (source is null) return missing();
        var (kind, name) = format switch
        {
            null or "zip" => ("application/zip", $"{source.Name}.zip"),
            "json" => ("application/json", $"{source.Name}.json"),
            "csv" => ("application/zip", $"{source.Name}-csv.zip"),
            "tensorboard" => ("application/zip", $"{source.Name}-tensorboard.zip"),
            _ => throw new UserInputException($"format is '{format}'; it must be zip, json, csv or tensorboard."),
        };
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root.Cache, "downloads")).FullName, Guid.NewGuid().ToString("n"));
        // The file goes when the client has it, or gives up.
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            await Task.Run(() => Write(source, format, file, cancel), cancel);
            file.Position = 0;
            return TypedResults.Stream(file, kind, name);
        }
        catch (UserInputException e)
        {
            await file.DisposeAsync();
            return ApiErrors.Problem(StatusCodes.Status409Conflict, e.Message);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static void Write(ExportSource source, string? format, Stream file, CancellationToken cancel)
    {
        if (format is null or "zip")
        {
            RunArchive.Write(source, file, cancel);
            return;
        }
        if (format == "json")
        {
            RunDocument.Of(source).Write(file);
            return;
        }
        var histories = source.Histories();
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        if (format == "csv")
        {
            foreach (var name in RunTables.Names)
            {
                using var entry = new StreamWriter(zip.CreateEntry(name).Open(), new UTF8Encoding(false));
                RunTables.Write(name, histories, entry);
            }
            return;
        }
        foreach (var run in histories) TensorBoardExport.Write(run, zip.CreateEntry($"{run.Summary.Id}/{TensorBoardExport.FileName(run)}").Open());
    }

    private static async Task<IResult> ImportAsync(HttpRequest request, DataRoot root, WebSettings settings, RunImport import, RunMonitor monitor)
    {
        var context = request.HttpContext;
        if (request.HasFormContentType) return ApiErrors.Problem(StatusCodes.Status415UnsupportedMediaType, "Send the zip itself as the body, with Content-Type: application/zip; a form is not taken.");
        if (request.ContentLength > settings.MaxUploadBytes) return ApiErrors.Problem(StatusCodes.Status413PayloadTooLarge, $"The zip is larger than {settings.MaxUploadMegabytes:N0} MB; use 'ecgpeft runs import FILE' on the dashboard's machine, or raise EcgPeft:MaxUploadMegabytes.");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = settings.MaxUploadBytes;
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root.Cache, "downloads")).FullName, $"{Guid.NewGuid():n}.zip");
        try
        {
            await using (var file = File.Create(path)) await request.Body.CopyToAsync(file, context.RequestAborted);
            var imported = await Task.Run(() => import.Import(path, context.RequestAborted), context.RequestAborted);
            foreach (var run in imported.Runs) monitor.Refresh(run.Id);
            return TypedResults.Created(imported.Study is { } study ? $"/api/studies/{study}" : $"/api/runs/{imported.Runs[0].Id}", imported);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static FileContentHttpResult Table(string name, IReadOnlyList<RunHistory> runs, string download)
    {
        using var text = new StringWriter();
        RunTables.Write(name, runs, text);
        return TypedResults.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", download);
    }

    private static ExportedRun Between(RunHistory run, long? from, long? to) => new(
        run.Summary, StepCurves.Of([.. run.Steps.Where(step => step.Step >= (from ?? 0) && step.Step <= (to ?? long.MaxValue))]),
        [.. run.Epochs.Where(epoch => epoch.Step >= (from ?? 0) && epoch.Step <= (to ?? long.MaxValue))]);
}
