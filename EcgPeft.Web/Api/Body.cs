using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace EcgPeft.Web.Api;

/// <summary>A JSON body, read strictly: what does not fit is refused in a sentence that names the field.</summary>
/// <param name="Value">What it says.</param>
internal sealed record Body<T>(T Value) : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    public static async ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter) => new(JsonBody.Of<T>(await JsonBody.ReadAsync(context.Request)));

    /// <summary>So that the OpenAPI document has it.</summary>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new AcceptsMetadata([JsonBody.Kind], typeof(T)));
}

/// <summary>Reads JSON bodies.</summary>
internal static class JsonBody
{
    public const string Kind = "application/json";

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions Strict = new(ProductJson.Strict) { RespectRequiredConstructorParameters = true };

    /// <summary>The object that a request sends.</summary>
    /// <exception cref="UserInputException">It sends something else.</exception>
    /// <exception cref="BadHttpRequestException">It is of another kind, or too large.</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType() || MediaTypeHeaderValue.Parse(request.ContentType).Charset is { HasValue: true } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("The body is not JSON in UTF-8", StatusCodes.Status415UnsupportedMediaType);
        try
        {
            var node = await JsonNode.ParseAsync(request.Body, documentOptions: Lenient, cancellationToken: request.HttpContext.RequestAborted);
            if (HoldsNull(node) is { } list) throw new UserInputException($"The body has null in the list '{list}', where every entry needs a value.");
            return node as JsonObject ?? throw new UserInputException("The body is no JSON object; /openapi says what this address takes.");
        }
        catch (JsonException e)
        {
            throw Refusal(e);
        }
        catch (InvalidOperationException e)
        {
            throw new UserInputException("The body is not valid JSON: a text in it is no valid Unicode.", e);
        }
    }

    /// <summary>What the object means.</summary>
    /// <exception cref="UserInputException">It does not fit.</exception>
    public static T Of<T>(JsonObject body)
    {
        try
        {
            return body.Deserialize<T>(Strict)!;
        }
        catch (JsonException e)
        {
            throw Refusal(e);
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException)
        {
            throw new UserInputException("The body does not fit; /openapi says what this address takes.", e);
        }
    }

    private static UserInputException Refusal(JsonException e)
    {
        var field = e.Path is { Length: > 2 } path ? path[2..] : null;
        return new($"The body {(
            e.Message.StartsWith("Duplicate property", StringComparison.Ordinal) ? $"names {e.Message.Split('\'').ElementAtOrDefault(1) ?? "a field"} twice"
            : e.Message.Contains("missing required", StringComparison.Ordinal) ? $"lacks {string.Join(" and ", e.Message.Split(':')[^1].Split('\'').Where((_, i) => i % 2 == 1).Select(name => $"the field '{name}'"))}"
            : field is null ? $"is not valid JSON (line {e.LineNumber + 1})"
            : e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"has a field '{field}', which this address does not take"
            : $"has a value of the wrong kind in the field '{field}'")}; /openapi says what this address takes.", e);
    }

    /// <summary>The path of a list that has null in it, or null.</summary>
    private static string? HoldsNull(JsonNode? node) => node switch
    {
        JsonArray list => list.Any(entry => entry is null) ? list.GetPath().TrimStart('$', '.') : list.Select(HoldsNull).FirstOrDefault(found => found is not null),
        JsonObject fields => fields.Select(field => HoldsNull(field.Value)).FirstOrDefault(found => found is not null),
        _ => null,
    };
}
