using EcgPeft.Core;
using EcgPeft.Core.Runs;
using Microsoft.AspNetCore.Antiforgery;

namespace EcgPeft.Web.Api;

/// <summary>Where an upload stands, or one sentence about what is wrong.</summary>
internal sealed record UploadAnswer(long Offset, string? Error = null);

/// <summary><c>/api/uploads/{upload}/{name}</c>: GET says how much has arrived, PUT with <c>?offset=</c> appends a piece.</summary>
internal static class UploadsApi
{
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/uploads/{upload:guid}/{name}", (Guid upload, string name, Uploads uploads) => Answer(() => Task.FromResult(uploads.Arrived(upload, name)))).ExcludeFromDescription(); // the pages' own
        routes.MapPut("/api/uploads/{upload:guid}/{name}", PutAsync).DisableAntiforgery().ExcludeFromDescription(); // checked below, by header, before the body is read
    }

    private static async Task<IResult> PutAsync(Guid upload, string name, long offset, HttpContext context, IAntiforgery antiforgery, Uploads uploads)
    {
        if (!context.Request.Headers.ContainsKey("RequestVerificationToken") || !await antiforgery.IsRequestValidAsync(context))
            return Results.Json(new UploadAnswer(0, "This request does not come from a page of this dashboard, or the page is too old; reload it and try again."), ProductJson.Line, statusCode: StatusCodes.Status400BadRequest);
        return await Answer(() => uploads.AppendAsync(upload, name, offset, context.Request.Body, context.RequestAborted));
    }

    private static async Task<IResult> Answer(Func<Task<long>> work)
    {
        try
        {
            return Results.Json(new UploadAnswer(await work()), ProductJson.Line);
        }
        catch (UserInputException e)
        {
            return Results.Json(new UploadAnswer(0, e.Message), ProductJson.Line, statusCode: e is UploadTooLargeException ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest);
        }
        catch (IOException e)
        {
            return Results.Json(new UploadAnswer(0, FileTrouble.Explain(e)), ProductJson.Line, statusCode: FileTrouble.IsDiskFull(e) ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status503ServiceUnavailable);
        }
    }
}
