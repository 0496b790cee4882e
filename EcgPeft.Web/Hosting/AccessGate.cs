using System.Collections.Concurrent;
using System.Net;
using EcgPeft.Web.Api;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// Where a token is configured, every request must bring it: a browser by a cookie that it gets for the token (typed on the log-in
/// page, or in the address as <c>?token=…</c>), a tool by <c>Authorization: Bearer …</c>. Wrong tokens are limited by address.
/// </summary>
internal static class AccessGate
{
    public const string CookieName = "ecgpeft-access";
    public const string LoginPath = "/login";

    private const int TriesAMinute = 10;

    public static IApplicationBuilder UseAccessGate(this IApplicationBuilder app, AccessToken? token)
    {
        if (token is null) return app;
        var failures = new ConcurrentDictionary<IPAddress, (DateTime Since, int Count)>();
        return app.Use(async (context, next) =>
        {
            var (request, response) = (context.Request, context.Response);
            if (token.IsCookie(request.Cookies[CookieName]) || request.Path == Health.Path) { await next(context); return; }

            var bearer = request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;
            var given = bearer ?? (request.Method == "GET" ? request.Query["token"].ToString() : IsLogin(request) ? (await request.ReadFormAsync(context.RequestAborted))["token"].ToString() : "");
            if (string.IsNullOrEmpty(given)) { await Ask(context, ""); return; }

            var from = context.Connection.RemoteIpAddress ?? IPAddress.None;
            if (!MayTry(failures, from))
            {
                response.Headers.RetryAfter = "60";
                await ApiErrors.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many wrong tokens; wait a minute.");
                return;
            }
            if (!token.IsToken(given))
            {
                failures.AddOrUpdate(from, _ => (DateTime.UtcNow, 1), (_, old) => (old.Since, old.Count + 1));
                await Ask(context, "This token is wrong.");
                return;
            }
            failures.TryRemove(from, out _);
            if (bearer is not null) { await next(context); return; }
            response.Cookies.Append(CookieName, token.Cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = request.IsHttps, Path = request.PathBase.HasValue ? request.PathBase.Value : "/", MaxAge = TimeSpan.FromDays(30) });
            // Away with the token from the address, where histories and logs would keep it.
            response.Redirect(IsLogin(request) ? Local(request.Query["to"]) : request.Path + QueryString.Create(request.Query.Where(pair => pair.Key != "token")));
        });
    }

    private static bool IsLogin(HttpRequest request) => request.Method == "POST" && request.Path == LoginPath && request.HasFormContentType;

    private static bool MayTry(ConcurrentDictionary<IPAddress, (DateTime Since, int Count)> failures, IPAddress from)
    {
        foreach (var (address, old) in failures)
            if (DateTime.UtcNow - old.Since > TimeSpan.FromMinutes(1)) failures.TryRemove(KeyValuePair.Create(address, old));
        return !failures.TryGetValue(from, out var tries) || tries.Count < TriesAMinute;
    }

    /// <summary>A page for a person, a status for everything else.</summary>
    private static async Task Ask(HttpContext context, string problem)
    {
        var (request, response) = (context.Request, context.Response);
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.Headers.CacheControl = "no-store";
        if (!request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.WWWAuthenticate = "Bearer";
            await ApiErrors.RefuseAsync(context, StatusCodes.Status401Unauthorized, "This dashboard asks for its access token: Authorization: Bearer TOKEN.");
            return;
        }
        var to = request.Path == LoginPath ? Local(request.Query["to"]) : request.Path + request.QueryString;
        response.ContentType = "text/html; charset=utf-8";
        await response.WriteAsync($$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>EcgPeft</title>
            <style>
              :root { color-scheme: light dark; }
              body { font: 15px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }
              form { display: grid; gap: 12px; width: min(360px, 86vw); }
              input, button { font: inherit; padding: 9px 12px; border-radius: 8px; border: 1px solid #8889; }
              button { background: #0a6a72; color: #fff; border: 0; font-weight: 600; }
              p { margin: 0; } .bad { color: #b3261e; }
            </style></head>
            <body><main><form method="post" action="{{request.PathBase}}{{LoginPath}}?to={{Uri.EscapeDataString(to)}}">
              <h1>EcgPeft</h1>
              <p>This dashboard asks for its access token. Whoever started it has it.</p>
              <p class="bad" role="alert">{{problem}}</p>
              <label for="token">Access token</label>
              <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
              <button type="submit">Open</button>
            </form></main></body></html>
            """);
    }

    /// <summary>A path of this dashboard; never another site's address.</summary>
    private static string Local(string? to) => to is { Length: > 1 } && to[0] == '/' && to[1] is not ('/' or '\\') ? to : "/";
}
