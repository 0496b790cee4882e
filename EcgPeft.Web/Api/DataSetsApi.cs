using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Web.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace EcgPeft.Web.Api;

/// <summary>Another name for a data set.</summary>
internal sealed record DataSetChange(string Name);

/// <summary><c>/api/datasets</c>: an upload goes from the socket to disk, whatever its size, and is imported from there.</summary>
internal static class DataSetsApi
{
    public static void MapDataSets(this IEndpointRouteBuilder routes)
    {
        var sets = routes.MapGroup("/api/datasets").WithTags("Data sets");
        sets.MapGet("/", (int? offset, int? limit, DataSetLibrary library) => new Tagged(Page<DataSetInfo>.Of(library.List(), offset, limit))).WithSummary("Data sets, the newest first").Produces<Page<DataSetInfo>>().ProducesProblem(StatusCodes.Status400BadRequest);
        sets.MapPost("/", ImportAsync).DisableAntiforgery().WithSummary("Import a CSV file").Produces<DataSetInfo>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .Accepts<IFormFile>("multipart/form-data").WithDescription("A form with the parts file, and optionally groups (each row's person), name and samplingRateHz. A refusal names row and column where they are known.");
        sets.MapGet("/{id}", (string id, DataSetLibrary library) => On(library, id, info => new Tagged(info))).WithSummary("A data set").Produces<DataSetInfo>().ProducesProblem(StatusCodes.Status404NotFound);
        sets.MapPatch("/{id}", (string id, Body<DataSetChange> change, DataSetLibrary library) => On(library, id, _ => TypedResults.Ok(library.Rename(id, change.Value.Name)))).WithSummary("Rename a data set").Produces<DataSetInfo>().ProducesProblem(StatusCodes.Status404NotFound);
        sets.MapDelete("/{id}", (string id, DataSetLibrary library, RunMonitor monitor) => On(library, id, _ => DataSetUse.UnfinishedRun(monitor, library, id) is { } run
            ? ApiErrors.Problem(StatusCodes.Status409Conflict, $"{id} is in use by run {run.Id}; complete or delete that run first.")
            : Deleted(library, id))).WithSummary("Delete a data set that no unfinished run uses").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        sets.MapGet("/{id}/segments.csv", (string id, DataSetLibrary library, DataRoot root, CancellationToken cancel) => On(library, id, _ => Download(id, library, root, cancel)))
            .WithSummary("The segments of a data set as CSV").Produces<string>(StatusCodes.Status200OK, "text/csv").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static IResult On(DataSetLibrary library, string id, Func<DataSetInfo, IResult> work) =>
        library.List().FirstOrDefault(set => set.Id == id) is { } info ? work(info) : ApiErrors.Missing($"There is no data set {id}; GET /api/datasets lists them.");

    private static Microsoft.AspNetCore.Http.HttpResults.NoContent Deleted(DataSetLibrary library, string id)
    {
        library.Delete(id);
        return TypedResults.NoContent();
    }

    private static IResult Download(string id, DataSetLibrary library, DataRoot root, CancellationToken cancel)
    {
        var set = library.Load(id);
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root.Cache, "downloads")).FullName, $"{Guid.NewGuid():n}.csv");
        SegmentCsv.Write(path, set, cancel: cancel);
        // The file goes when the client has it, or gives up.
        return Results.Stream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.SequentialScan), "text/csv", $"{id}.csv");
    }

    private static async Task<IResult> ImportAsync(HttpContext context, DataSetLibrary library, DataRoot root, WebSettings settings)
    {
        if (context.Request.ContentLength > settings.MaxUploadBytes) return TooLarge(settings);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = settings.MaxUploadBytes;

        var folder = Directory.CreateDirectory(Path.Combine(root.Cache, "uploads", Guid.NewGuid().ToString("n"))).FullName;
        try
        {
            var upload = await DataSetUpload.ReceiveAsync(context.Request, folder, context.RequestAborted);
            var info = await Task.Run(() => library.Import(upload.File, upload.Name, upload.Groups, upload.SamplingRateHz, cancel: context.RequestAborted), context.RequestAborted);
            return TypedResults.Created($"/api/datasets/{info.Id}", info);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(settings);
        }
        catch (SegmentFileException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest, extensions: new Dictionary<string, object?> { ["row"] = e.Row, ["column"] = e.Column });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IResult TooLarge(WebSettings settings) => ApiErrors.Problem(StatusCodes.Status413PayloadTooLarge,
        $"The upload is larger than {settings.MaxUploadMegabytes:N0} MB; import it on the dashboard's machine ('ecgpeft data import FILE', or its path on the page Data), or raise EcgPeft:MaxUploadMegabytes.");
}
