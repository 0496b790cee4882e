using System.Text.RegularExpressions;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using Microsoft.AspNetCore.Diagnostics;

namespace EcgPeft.Web.Api;

/// <summary>Every refusal below <c>/api</c> is <c>application/problem+json</c> (RFC 9457) with one sentence as its detail.</summary>
internal static partial class ApiErrors
{
    private const int LongestWord = 200;

    /// <summary>A refusal. What the request had said is repeated on one line and not at any length.</summary>
    public static IResult Problem(int status, string sentence) => TypedResults.Problem(
        LongWord().Replace(string.Concat(sentence.Select(character => char.IsControl(character) ? ' ' : character)), word => $"{word.Value[..LongestWord]}…"), statusCode: status);

    /// <summary>A refusal before any endpoint: a problem where a program asks the API, a line of text elsewhere.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        if (context.Request.Path.StartsWithSegments("/api")) return Problem(status, sentence).ExecuteAsync(context);
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(sentence);
    }

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
        catch (UserInputException e) when (!FileTrouble.IsDiskFull(e))
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
        catch (UserInputException e) when (!context.Response.HasStarted && !FileTrouble.IsDiskFull(e))
        {
            (status, sentence) = (StatusCodes.Status400BadRequest, e.Message);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            (status, sentence) = (e.StatusCode, SentenceFor(e));
        }
        catch (Exception e) when (!context.Response.HasStarted && FileTrouble.Explain(e) is { } trouble)
        {
            Log(context, e);
            (status, sentence) = (FileTrouble.IsDiskFull(e) ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status503ServiceUnavailable, trouble);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log(context, e);
            (status, sentence) = (StatusCodes.Status500InternalServerError, "The request failed inside EcgPeft; its log says why.");
        }
        if (status != 0) await Problem(status, sentence).ExecuteAsync(context);
    }));

    private static void Log(HttpContext context, Exception e) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("EcgPeft.Api").LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);

    private static string SentenceFor(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "The request's body is larger than this address takes.",
        StatusCodes.Status415UnsupportedMediaType => OtherKind,
        _ when Unbound().Match(e.Message) is { Success: true } match => $"{match.Groups["name"].Value} is '{match.Groups["value"].Value}'; it must be {(match.Groups["type"].Value switch { "bool" => "true or false", "int" or "long" => "a whole number", "Guid" => "an id of 32 hexadecimal digits", _ => "a number" })}.",
        _ => $"{e.Message.TrimEnd('.')}; /openapi says what this address takes.",
    };

    private const string OtherKind = "The body is of another kind than this address takes (JSON needs Content-Type: application/json, in UTF-8); /openapi says which.";

    [GeneratedRegex("^Failed to bind parameter \"(?:Nullable<)?(?<type>\\w+)>? (?<name>\\w+)\" from \"(?<value>.*)\"\\.?$", RegexOptions.Singleline)]
    private static partial Regex Unbound();

    [GeneratedRegex("[^ ]{201,}")]
    private static partial Regex LongWord();

    private static string SentenceFor(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}; /openapi lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}; /openapi lists what it takes.",
        StatusCodes.Status415UnsupportedMediaType => OtherKind,
        _ => $"The request was refused with status {context.Response.StatusCode}.",
    };
}
