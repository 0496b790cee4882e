using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>Where targets are in the drawing of a layer.</summary>
internal static class TargetPlaces
{
    /// <summary>The places that names or an expression point to. An expression is tried on the names that the roles have.</summary>
    /// <param name="targets">The targets.</param>
    public static IReadOnlyList<LayerPlace> Of(ModuleTargets targets)
    {
        if (targets.Pattern == ModuleTargets.AllLinear) return [LayerPlace.BeforeLayers, .. Enum.GetValues<ModuleRole>().Select(ModuleRoles.Place)];
        var roles = targets.Pattern is { } pattern
            ? Enum.GetValues<ModuleRole>().Where(role => ModuleRoles.NamesOf(role).Any(name => pattern.Contains(name, StringComparison.Ordinal)))
            : targets.Names!.Select(ModuleRoles.Of).OfType<ModuleRole>();
        return [.. roles.Distinct().Order().Select(ModuleRoles.Place)];
    }
}
