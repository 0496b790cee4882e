namespace EcgPeft.Web.Components.Layout;

/// <summary>What the browser remembers of light and dark; written by <c>theme.js</c>.</summary>
internal static class ThemeCookie
{
    /// <summary>Whether the page is dark; null on a first visit, when only the browser knows what the system prefers.</summary>
    public static bool? Read(IRequestCookieCollection cookies) => cookies["ecgpeft-theme"] switch
    {
        "dark" => true,
        "light" => false,
        _ => cookies["ecgpeft-system"] switch
        {
            "dark" => true,
            "light" => false,
            _ => null,
        },
    };
}
