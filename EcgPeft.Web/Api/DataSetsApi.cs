using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Web.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace EcgPeft.Web.Api;

/// <summary>What an import came to: the new data set's id, or one sentence with row and column where they are known.</summary>
internal sealed record ImportAnswer(string? Id = null, string? Error = null, int? Row = null, int? Column = null);

/// <summary><c>POST /api/datasets</c>, the whole import in one request: an upload goes from the socket to disk, whatever its size, and is imported from there.</summary>
internal static class DataSetsApi
{
    public static void MapDataSets(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/datasets", ImportAsync).DisableAntiforgery(); // checked below, by header, before the body is read
        routes.MapGet("/api/datasets/{id}/segments.csv", Download);
    }

    private static IResult Download(string id, DataSetLibrary library, DataRoot root, CancellationToken cancel)
    {
        try
        {
            var set = library.Load(id);
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root.Cache, "downloads")).FullName, $"{Guid.NewGuid():n}.csv");
            SegmentCsv.Write(path, set, cancel: cancel);
            // The file goes when the browser has it, or gives up.
            return Results.Stream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.SequentialScan), "text/csv", $"{id}.csv");
        }
        catch (UserInputException e)
        {
            return Results.Json(new ImportAnswer(Error: e.Message), ProductJson.Line, statusCode: StatusCodes.Status404NotFound);
        }
    }

    private static async Task<IResult> ImportAsync(HttpContext context, IAntiforgery antiforgery, DataSetLibrary library, DataRoot root, WebSettings settings)
    {
        if (!context.Request.Headers.ContainsKey("RequestVerificationToken") || !await antiforgery.IsRequestValidAsync(context))
            return Refuse("This request does not come from a page of this dashboard, or the page is too old; reload it and try again.");
        if (context.Request.ContentLength > settings.MaxUploadBytes) return TooLarge(settings);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = settings.MaxUploadBytes;

        var folder = Directory.CreateDirectory(Path.Combine(root.Cache, "uploads", Guid.NewGuid().ToString("n"))).FullName;
        try
        {
            var upload = await DataSetUpload.ReceiveAsync(context.Request, folder, context.RequestAborted);
            var info = await Task.Run(() => library.Import(upload.File, upload.Name, upload.Groups, upload.SamplingRateHz, cancel: context.RequestAborted), context.RequestAborted);
            return Results.Json(new ImportAnswer(info.Id), ProductJson.Line);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(settings);
        }
        catch (SegmentFileException e)
        {
            return Results.Json(new ImportAnswer(Error: e.Message, Row: e.Row, Column: e.Column), ProductJson.Line, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (UserInputException e)
        {
            return Refuse(e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty; // the browser has cancelled and hears nothing any more
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IResult Refuse(string sentence) => Results.Json(new ImportAnswer(Error: sentence), ProductJson.Line, statusCode: StatusCodes.Status400BadRequest);

    private static IResult TooLarge(WebSettings settings) => Results.Json(
        new ImportAnswer(Error: $"The upload is larger than {settings.MaxUploadMegabytes:N0} MB; give the file's path on this machine instead, or raise EcgPeft:MaxUploadMegabytes."),
        ProductJson.Line, statusCode: StatusCodes.Status413PayloadTooLarge);
}
