using Microsoft.JSInterop;

namespace EcgPeft.Web.Components.Shared;

/// <summary>
/// The page's address, as the browser has it: what charts and tables write there without the server stays, which <c>NavigationManager</c> knows
/// nothing of and would take away.
/// </summary>
internal sealed class PageAddress(IJSRuntime js)
{
    /// <summary>Puts values into the query, or takes those away that are null; the page's parameters follow.</summary>
    public ValueTask PutAsync(params (string Name, object? Value)[] values) =>
        js.InvokeVoidAsync("ecgpeftShell.put", values.ToDictionary(value => value.Name, value => value.Value is null ? null : Convert.ToString(value.Value, System.Globalization.CultureInfo.InvariantCulture)));
}
