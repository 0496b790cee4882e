using EcgPeft.Web.Api;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// What every request passes first: only names of this machine (a foreign name that resolves to 127.0.0.1 is an attack; with an
/// access token, whose cookie belongs to one name, other names are allowed), no page of another origin (CORS does not hold web sockets and forms back), and headers that keep foreign scripts out.
/// </summary>
internal static class RequestGuard
{
    public static IApplicationBuilder UseRequestGuard(this IApplicationBuilder app, bool hasToken) => app.Use((context, next) =>
    {
        var request = context.Request;
        WriteHeaders(context.Response.Headers, request.Host.Value ?? "");
        if ((hasToken || ListenAddresses.IsLoopback(request.Host.Host)) && IsOwnOrigin(request) && IsOwnSite(request)) return next(context);
        return ApiErrors.RefuseAsync(context, StatusCodes.Status403Forbidden, "Forbidden: this request does not come from this dashboard's own pages.");
    });

    /// <summary>A browser names the page's origin on everything that a foreign page could start; tools that are no browser name none.</summary>
    private static bool IsOwnOrigin(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        return origins.Count == 0 || (origins.Count == 1 && string.Equals(origins[0], $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What changes something comes from a page of this site, or from no page: browsers say so in a header that no page can set.</summary>
    private static bool IsOwnSite(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    private static void WriteHeaders(IHeaderDictionary headers, string host)
    {
        // MudBlazor sets styles inline; scripts are files of our own only. Web sockets are named because not every browser counts them as 'self'.
        headers.ContentSecurityPolicy =
            $"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws://{host} wss://{host}; " +
            "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not no-referrer: browsers would then send the log-in form with the origin "null", which is turned away.
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
