using Microsoft.AspNetCore.Components;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What every part of the form needs.</summary>
/// <param name="Draft">What has been entered.</param>
/// <param name="Problems">What is wrong, by dotted path.</param>
/// <param name="Was">Values of the run that this is a copy of where they are other ones, by dotted path.</param>
/// <param name="Changed">Called when something has been entered.</param>
public sealed record RunForm(RunDraft Draft, IReadOnlyDictionary<string, string> Problems, IReadOnlyDictionary<string, string> Was, EventCallback Changed)
{
    /// <summary>What is wrong with a setting, or null.</summary>
    public string? ErrorOf(string path) => Problems.GetValueOrDefault(path) ?? (path is "split.validation" or "split.test" ? Problems.GetValueOrDefault("split") : null);
}
