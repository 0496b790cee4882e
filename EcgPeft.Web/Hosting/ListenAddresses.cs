using System.Net;
using EcgPeft.Core;

namespace EcgPeft.Web.Hosting;

/// <summary>Where the dashboard listens: on this machine only, unless an access token keeps others out.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:5080";

    /// <summary>The configured addresses (<c>ASPNETCORE_URLS</c>, <c>--urls</c>, <c>Kestrel:Endpoints</c>), or the default.</summary>
    /// <param name="configuration">The product's configuration.</param>
    /// <param name="hasToken">Whether an access token is configured.</param>
    /// <exception cref="UserInputException">An address is not a loopback address, and there is no access token.</exception>
    public static IReadOnlyList<string> Of(IConfiguration configuration, bool hasToken = false)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        List<string> all = [.. urls, .. endpoints];
        if (all.Count == 0) return [Default];
        foreach (var url in all)
            if (!IsLoopback(Host(url)) && !hasToken)
                throw new UserInputException($"EcgPeft would listen on {url}, where others can reach it, without an access token; set EcgPeft:AccessToken (EcgPeft__AccessToken in the environment) to a secret, or use an address of this machine such as {Default}.");
        return all;
    }

    /// <summary>Whether a host name can only mean this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // Kestrel's own reading: http://+:80 and http://*:80 are no URIs, and mean every address.
    private static string Host(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Host;
        }
        catch (FormatException e)
        {
            throw new UserInputException($"'{url}' is not an address to listen on; give one such as {Default}.", e);
        }
    }
}
