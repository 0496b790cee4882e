using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>A linear layer that a method changes.</summary>
/// <param name="Path">Its path in the classifier.</param>
/// <param name="Projection">The layer.</param>
public sealed record Target(string Path, Projection Projection);

/// <summary>Finds the linear layers of a backbone that a method's settings name.</summary>
public static class TargetSelection
{
    /// <summary>Finds them; a name that finds nothing is an error.</summary>
    /// <param name="classifier">Backbone and head; the head is never a target.</param>
    /// <param name="targets">What to find.</param>
    /// <param name="setting">The setting's name, for errors.</param>
    /// <param name="layers">Only these transformer layers, counted from 0; null means all.</param>
    /// <exception cref="UserInputException">A name, the expression or a layer number finds nothing.</exception>
    public static IReadOnlyList<Target> Find(SequenceClassifier classifier, ModuleTargets targets, string setting = "targetModules", IReadOnlyList<int>? layers = null)
    {
        var all = classifier.BackboneProjections().Select(p => new Target(p.Path, p.Projection)).ToList();
        var found = targets.Pattern is { } pattern ? ByPattern(all, pattern, setting) : ByNames(classifier, all, targets.Names!, setting);
        if (layers is null) return found;

        var paths = LayerPaths.Of(classifier);
        foreach (var layer in layers)
            if (layer < 0 || layer >= paths.Count)
                throw new UserInputException($"peft.layersToTransform names layer {layer}, but the backbone has the layers 0 to {paths.Count - 1}.");
        return [.. found.Where(t => layers.Any(layer => t.Path.StartsWith(paths[layer] + ".", StringComparison.Ordinal)))];
    }

    /// <summary>Whether a path is one of the targets.</summary>
    /// <param name="targets">Names, suffixes or an expression for the whole path.</param>
    /// <param name="path">A module's path.</param>
    internal static bool Matches(ModuleTargets targets, string path) =>
        targets.Pattern is { } pattern ? PathExpression.Matches(pattern, "", path, "excludeModules") : targets.Names!.Any(name => EndsWith(path, name));

    /// <summary>Whether a path is a name or ends with it at a dot.</summary>
    /// <param name="path">A module's path.</param>
    /// <param name="name">A name or suffix.</param>
    internal static bool EndsWith(string path, string name) => path == name || path.EndsWith("." + name, StringComparison.Ordinal);

    /// <summary>
    /// How the PEFT library would have to name these targets to find the same modules: the settings' own names where they are
    /// names of this backbone, else the modules' own last names.
    /// </summary>
    /// <param name="targets">The settings.</param>
    /// <param name="found">What they found.</param>
    internal static IReadOnlyList<string> NamesForFile(ModuleTargets targets, IReadOnlyList<Target> found)
    {
        if (targets.Names is { } names && names.All(name => found.Any(t => EndsWith(t.Path, name)))) return names;
        return [.. found.Select(t => t.Path[(t.Path.LastIndexOf('.') + 1)..]).Distinct()];
    }

    private static List<Target> ByPattern(List<Target> all, string pattern, string setting)
    {
        if (pattern == ModuleTargets.AllLinear) return all;
        var found = all.Where(t => PathExpression.Matches(pattern, "", t.Path, setting)).ToList();
        // An adapter that was made on the backbone alone has its paths.
        if (found.Count == 0) found = all.Where(t => PathExpression.Matches(pattern, "", t.Path[(t.Path.IndexOf('.', StringComparison.Ordinal) + 1)..], setting)).ToList();
        return found.Count > 0 ? found : throw new UserInputException(
            $"peft.{setting} is '{pattern}', which matches no linear layer of the backbone as a regular expression for the whole path, such as {all[^1].Path}; for names give a list.");
    }

    private static List<Target> ByNames(SequenceClassifier classifier, List<Target> all, IReadOnlyList<string> names, string setting)
    {
        if (names.Count == 0) throw new UserInputException($"peft.{setting} is empty; name at least one module or leave it out.");
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var paths = all.Where(t => EndsWith(t.Path, name)).Select(t => t.Path).ToList();
            if (paths.Count == 0 && ModuleRoles.Of(name) is { } role)
                paths = [.. classifier.Backbone.Layers.Select(layer => all.First(t => ReferenceEquals(t.Projection, ModuleRoles.In(layer, role))).Path)];
            if (paths.Count == 0)
                throw new UserInputException($"peft.{setting} names '{name}', but the backbone has no such linear layer; it has {string.Join(", ", all.Select(t => t.Path.Split('.')[^1]).Distinct())}.");
            chosen.UnionWith(paths);
        }
        return [.. all.Where(t => chosen.Contains(t.Path))];
    }
}
