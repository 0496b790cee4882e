using System.Security.Cryptography;
using System.Text.Json;
using EcgPeft.Core;
using Microsoft.Net.Http.Headers;

namespace EcgPeft.Web.Api;

/// <summary>A part of a list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Offset">Where the part begins, from 0.</param>
/// <param name="Limit">Most items of a part.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, int Total, int Offset, int Limit)
{
    private const int Usual = 100, Most = 1000;

    /// <summary>Takes a part of a list.</summary>
    /// <exception cref="UserInputException">Offset or limit makes no sense.</exception>
    public static Page<T> Of(IReadOnlyList<T> all, int? offset, int? limit)
    {
        var (from, count) = (offset ?? 0, limit ?? Usual);
        if (from < 0) throw new UserInputException($"offset is {from}; it must be 0 or above.");
        if (count is < 1 or > Most) throw new UserInputException($"limit is {count}; it must be between 1 and {Most}.");
        return new([.. all.Skip(from).Take(count)], all.Count, from, count);
    }
}

/// <summary>JSON with an ETag: whoever sends it back as <c>If-None-Match</c> gets 304 while nothing has changed.</summary>
internal sealed class Tagged(object value) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ProductJson.Line);
        var (request, response) = (httpContext.Request, httpContext.Response);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"");
        response.GetTypedHeaders().ETag = tag;
        response.Headers.CacheControl = "no-cache"; // keep it, but ask each time
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
