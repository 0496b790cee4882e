using Microsoft.AspNetCore.Components;

namespace EcgPeft.Web.Components.Shared;

/// <summary>Browser events that Blazor does not know by itself.</summary>
[EventHandler("onopened", typeof(EventArgs), enableStopPropagation: false, enablePreventDefault: false)]
public static class EventHandlers
{
}
