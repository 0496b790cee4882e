using EcgPeft.Core;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// The path of another site below which a reverse proxy shows the dashboard (<c>EcgPeft:PathBase</c>, such as <c>/ecgpeft</c>): pages, cookies and redirects
/// begin there. Whether the proxy passes it on or cuts it off makes no difference.
/// </summary>
/// <param name="Path">The path, with a slash before it and none behind; empty where the dashboard has a name or a port of its own.</param>
internal sealed record PathPrefix(string Path)
{
    /// <summary>Whether the dashboard begins at <c>/</c>.</summary>
    public bool IsNone => Path.Length == 0;

    /// <summary>The configured path.</summary>
    /// <exception cref="UserInputException">It is none.</exception>
    public static PathPrefix Read(IConfiguration configuration)
    {
        var given = configuration["EcgPeft:PathBase"]?.Trim() ?? "";
        var parts = given.Trim('/');
        if (parts.Length == 0) return new("");
        // What needs no escape, so that it stands so in addresses, cookies and the proxy's own settings.
        if (!parts.Split('/').All(part => part.Length > 0 && part.Trim('.').Length > 0 && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or '~')))
            throw new UserInputException($"EcgPeft:PathBase is '{given}', which is no path; give letters, digits and hyphens with slashes between them, for example /ecgpeft.");
        return new("/" + parts);
    }

    /// <summary>Takes the path off each request and puts it before each redirect. It stands before everything that looks at paths.</summary>
    public void Use(WebApplication app)
    {
        if (IsNone) return;
        app.Use((context, next) =>
        {
            var (request, response) = (context.Request, context.Response);
            if (request.Path.StartsWithSegments(Path, out var rest)) request.Path = rest.HasValue ? rest : "/";
            request.PathBase = Path;
            response.OnStarting(() =>
            {
                var location = response.Headers.Location.ToString();
                if (location.StartsWith('/') && !new PathString(location.Split('?', '#')[0]).StartsWithSegments(Path)) response.Headers.Location = Path + location;
                return Task.CompletedTask;
            });
            return next(context);
        });
        app.UseRouting(); // here and not before, by the path that is left
    }
}
