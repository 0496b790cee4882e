using Microsoft.JSInterop;

namespace EcgPeft.Web.Live;

/// <summary>Calls to the browser while a component goes.</summary>
internal static class JsCleanup
{
    /// <summary>Does nothing where the browser is gone already: then there is nothing to clean up.</summary>
    public static async ValueTask Run(Func<ValueTask> cleanup)
    {
        try
        {
            await cleanup();
        }
        catch (JSDisconnectedException)
        {
            // Closed tab or reload.
        }
    }
}
