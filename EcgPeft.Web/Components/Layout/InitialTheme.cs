namespace EcgPeft.Web.Components.Layout;

/// <summary>What the first request said about the theme; null where nobody knew yet.</summary>
/// <param name="Dark">Whether the page is dark.</param>
internal sealed record InitialTheme(bool? Dark);
