namespace EcgPeft.Core.Runs.Studies;

/// <summary>A setting that a study varies.</summary>
/// <param name="Path">Dotted path, for example <c>training.learningRate</c>.</param>
/// <param name="Values">Its values as <c>--set</c> takes them.</param>
public sealed record StudyAxis(string Path, IReadOnlyList<string> Values)
{
    // A study varies these by other means.
    private static readonly string[] Reserved = ["seed", "peft.method", "backbone.model", "name", "split.fold", "split.folds", "training.stopAfterEpoch", "evaluation.validationOnly"];

    /// <summary>Reads <c>path=a,b,c</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <exception cref="UserInputException">It is not of this form, or names what a study varies by other means.</exception>
    public static StudyAxis Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new UserInputException($"'{text}' is not of the form path=a,b,c, for example training.learningRate=0.0005,0.002.");
        var values = text[(equals + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var path = text[..equals].Trim();
        CheckPath(path);
        return new StudyAxis(path, values.Length == 0 ? throw new UserInputException($"{path} has no value; give some with commas between them.") : [.. values.Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Every combination of one value each, the last axis fastest, as <c>path=value</c>; one empty combination for no axis.</summary>
    /// <param name="axes">The axes.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Product(IReadOnlyList<StudyAxis> axes)
    {
        ArgumentNullException.ThrowIfNull(axes);
        IReadOnlyList<IReadOnlyList<string>> points = [[]];
        foreach (var axis in axes) points = [.. points.SelectMany(point => axis.Values.Select(value => (IReadOnlyList<string>)[.. point, $"{axis.Path}={value}"]))];
        return points;
    }

    internal static void CheckPath(string path)
    {
        if (Reserved.Contains(path, StringComparer.OrdinalIgnoreCase)) throw new UserInputException($"{path} cannot be an axis: models, methods, seeds and folds have their own options, and a search sets the rest itself.");
    }
}
