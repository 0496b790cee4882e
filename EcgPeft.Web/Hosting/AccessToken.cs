using System.Security.Cryptography;
using System.Text;
using EcgPeft.Core;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// The secret that opens the dashboard where others can reach it (key <c>EcgPeft:AccessToken</c>). A browser gives it once and
/// keeps a cookie that is derived from it, so a new token ends every old session.
/// </summary>
internal sealed class AccessToken
{
    public const int LeastLength = 16;

    private readonly byte[] _token, _cookie;

    private AccessToken(string token)
    {
        _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        Cookie = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "EcgPeft session"u8));
        _cookie = Encoding.ASCII.GetBytes(Cookie);
    }

    /// <summary>Value of the cookie of a browser that has given the token.</summary>
    public string Cookie { get; }

    /// <summary>The configured token, or null where there is none.</summary>
    /// <exception cref="UserInputException">It is so short that it could be guessed.</exception>
    public static AccessToken? Read(IConfiguration configuration)
    {
        var token = configuration["EcgPeft:AccessToken"]?.Trim();
        if (string.IsNullOrEmpty(token)) return null;
        return token.Length >= LeastLength ? new(token)
            : throw new UserInputException($"EcgPeft:AccessToken has {token.Length} characters; give at least {LeastLength} random ones, for example the output of: openssl rand -hex 24");
    }

    /// <summary>Whether this is the token; takes as long for a wrong one as for the right one.</summary>
    public bool IsToken(string given) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _token);

    /// <summary>Whether this is the cookie of a browser that has given the token.</summary>
    public bool IsCookie(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _cookie);
}
