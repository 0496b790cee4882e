using EcgPeft.Core;
using EcgPeft.Core.Runs;
using Microsoft.AspNetCore.Diagnostics;

namespace EcgPeft.Web.Api;

/// <summary>Every refusal below <c>/api</c> is <c>application/problem+json</c> (RFC 9457) with one sentence as its detail.</summary>
internal static class ApiErrors
{
    /// <summary>A refusal.</summary>
    public static IResult Problem(int status, string sentence) => TypedResults.Problem(sentence, statusCode: status);

    /// <summary>There is nothing of this id.</summary>
    public static IResult Missing(string sentence) => Problem(StatusCodes.Status404NotFound, sentence);

    /// <summary>Does something that the state of a thing may not allow.</summary>
    /// <param name="work">What to do.</param>
    public static async Task<IResult> Try(Func<IResult> work)
    {
        try
        {
            return await Task.Run(work);
        }
        catch (NotYoursException e)
        {
            return Problem(StatusCodes.Status403Forbidden, e.Message);
        }
        catch (UserInputException e)
        {
            return Problem(StatusCodes.Status409Conflict, e.Message);
        }
    }

    /// <summary>Turns what endpoints throw, and statuses without a word, into problems.</summary>
    public static IApplicationBuilder UseApiErrors(this IApplicationBuilder app) => app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), api => api.Use(async (context, next) =>
    {
        // A page is for people.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
        var (status, sentence) = (0, "");
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null }) (status, sentence) = (context.Response.StatusCode, SentenceFor(context));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody hears the answer
        }
        catch (NotYoursException e) when (!context.Response.HasStarted)
        {
            (status, sentence) = (StatusCodes.Status403Forbidden, e.Message);
        }
        catch (UserInputException e) when (!context.Response.HasStarted)
        {
            (status, sentence) = (StatusCodes.Status400BadRequest, e.Message);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            (status, sentence) = (e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request's body is larger than this address takes." : $"{e.Message.TrimEnd('.')}; /openapi says what this address takes.");
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("EcgPeft.Api").LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            (status, sentence) = (StatusCodes.Status500InternalServerError, "The request failed inside EcgPeft; its log says why.");
        }
        if (status != 0) await Problem(status, sentence).ExecuteAsync(context);
    }));

    private static string SentenceFor(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}; /openapi lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}; /openapi lists what it takes.",
        StatusCodes.Status415UnsupportedMediaType => "The body is of another kind than this address takes (JSON needs Content-Type: application/json); /openapi says which.",
        _ => $"The request was refused with status {context.Response.StatusCode}.",
    };
}
