using System.Net;
using System.Security.Claims;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Web.Api;
using Microsoft.AspNetCore.Connections.Features;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// Users whom a reverse proxy has authenticated (<c>EcgPeft:Proxy:UserHeader</c>, <c>EcgPeft:Proxy:Trusted</c>): the name that it sends in a header is
/// believed from its addresses only.
/// </summary>
internal sealed class ProxyUsers
{
    private const int LongestName = 200;

    private readonly string _header;
    private readonly IReadOnlyList<IPNetwork> _trusted;

    private ProxyUsers(string header, IReadOnlyList<IPNetwork> trusted) => (_header, _trusted) = (header, trusted);

    /// <summary>The configured proxies, or null where users are not known.</summary>
    /// <exception cref="UserInputException">One of the two settings is missing, or an address cannot be read.</exception>
    public static ProxyUsers? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("EcgPeft:Proxy");
        var header = section["UserHeader"]?.Trim() ?? "";
        // A list in the file, or one text with commas in the environment.
        var trusted = section.GetSection("Trusted").GetChildren().Select(child => child.Value ?? "").Append(section["Trusted"] ?? "")
            .SelectMany(text => text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (header.Length == 0 && trusted.Count == 0) return null;
        if (header.Length == 0) throw new UserInputException("EcgPeft:Proxy:Trusted names a proxy, but EcgPeft:Proxy:UserHeader does not say in which header it sends the user; set both, for example X-Forwarded-User.");
        if (trusted.Count == 0) throw new UserInputException("EcgPeft:Proxy:UserHeader is set, but EcgPeft:Proxy:Trusted names no proxy that may send it; set it to the proxy's address, for example 127.0.0.1.");
        if (header.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))) throw new UserInputException($"EcgPeft:Proxy:UserHeader is '{header}', which is no name of a header; give one such as X-Forwarded-User.");
        return new(header, [.. trusted.Select(Network)]);
    }

    /// <summary>Finds out for whom each request comes. It stands before everything that believes other headers.</summary>
    public void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        string? name = null;
        var values = context.Request.Headers[_header];
        context.Request.Headers.Remove(_header);
        if (IsTrusted(context) && context.Request.Path != Health.Path)
        {
            name = values is [{ } value] && IsName(value.Trim()) ? value.Trim() : null;
            if (name is null)
            {
                await RefuseAsync(context, values.Count == 0 ? $"The proxy sends no {_header}; it has to authenticate every request and say for whom it is." : $"The proxy's {_header} does not name one user.");
                return;
            }
        }
        else if (!MayLook(context.Request))
        {
            await RefuseAsync(context, "This dashboard is used through the proxy that logs its users in; past it, the API can only be read.");
            return;
        }
        if (name is not null) context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "proxy"));
        using (Actor.Begin(new Actor(name))) await next(context);
    });

    /// <summary>What a program that comes past the proxy may do: read, and follow runs. Pages are for users.</summary>
    private static bool MayLook(HttpRequest request) => request.Path == Health.Path || request.Path.StartsWithSegments("/hubs")
        || ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && (request.Path.StartsWithSegments("/api") || request.Path.StartsWithSegments("/openapi")));

    private static Task RefuseAsync(HttpContext context, string sentence)
    {
        if (context.Request.Path.StartsWithSegments("/api")) return ApiErrors.Problem(StatusCodes.Status403Forbidden, sentence).ExecuteAsync(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync($"Forbidden: {sentence}");
    }

    /// <summary>The peer of the connection itself, whatever X-Forwarded-For says.</summary>
    private bool IsTrusted(HttpContext context)
    {
        var peer = (context.Features.Get<IConnectionEndPointFeature>()?.RemoteEndPoint as IPEndPoint)?.Address ?? context.Connection.RemoteIpAddress;
        if (peer is null) return false;
        if (peer.IsIPv4MappedToIPv6) peer = peer.MapToIPv4();
        return _trusted.Any(network => network.Contains(peer));
    }

    // A comma stands where headers of two senders were joined.
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && !name.Any(character => char.IsControl(character) || character == ',');

    private static IPNetwork Network(string text)
    {
        if (IPAddress.TryParse(text, out var address)) return new(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
        return IPNetwork.TryParse(text, out var network) ? network
            : throw new UserInputException($"EcgPeft:Proxy:Trusted holds '{text}', which is neither an address nor a network; give for example 127.0.0.1 or 10.0.0.0/24.");
    }
}
