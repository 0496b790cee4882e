using System.Text.Json;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary><c>splits.json</c>: which rows (from 0) trained, validated and tested, and what the leakage check said.</summary>
/// <param name="Kind">The recipe's kind of split.</param>
/// <param name="Folds">Number of folds, where there are any.</param>
/// <param name="Fold">The fold or group that tests, where there are any.</param>
/// <param name="Seed">The seed that drew it.</param>
/// <param name="ByGroup">Whether each group is in one split only.</param>
/// <param name="Training">Rows that train.</param>
/// <param name="Validation">Rows that validate.</param>
/// <param name="Test">Rows that test.</param>
/// <param name="Leakage">Near-duplicates across splits.</param>
public sealed record SplitsFile(SplitKind Kind, int? Folds, int? Fold, int Seed, bool ByGroup, int[] Training, int[] Validation, int[] Test, LeakageReport Leakage)
{
    /// <summary>The division itself.</summary>
    public DataSplit ToSplit() => new(Training, Validation, Test, ByGroup);

    /// <summary>Reads the file of a run; null where the run has none yet.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">It is damaged.</exception>
    public static SplitsFile? ReadFrom(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.SplitsFile)) return null;
        try
        {
            return JsonSerializer.Deserialize<SplitsFile>(File.ReadAllBytes(folder.SplitsFile), ProductJson.Line) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{folder.SplitsFile} is not readable ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); delete it, and the same split is made again.", e);
        }
    }

    /// <summary>
    /// The split of a run: the stored one where the run has begun before, so that it goes on with the same rows whatever the program's
    /// version; else a new one, checked for leakage and stored.
    /// </summary>
    /// <param name="folder">The run.</param>
    /// <param name="recipe">Settings and seed.</param>
    /// <param name="segments">The data.</param>
    /// <param name="report">Receives lines for the log.</param>
    /// <param name="stop">Stops the leakage check.</param>
    /// <exception cref="UserInputException">The data cannot be divided so, or the stored split is damaged.</exception>
    public static DataSplit Of(RunFolder folder, Recipe recipe, SegmentSet segments, Action<RunEvent> report, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentNullException.ThrowIfNull(report);
        var settings = recipe.Split;
        var stored = ReadFrom(folder);
        if (stored is null)
        {
            var made = Splits.Divide(segments, settings.Kind, settings.Validation, settings.Test, settings.Seed ?? recipe.Seed, settings.Folds, settings.Fold);
            var (folds, fold) = (settings.Kind is SplitKind.KFold or SplitKind.GroupedKFold, settings.Kind is SplitKind.KFold or SplitKind.GroupedKFold or SplitKind.LeaveOneGroupOut);
            stored = new SplitsFile(
                settings.Kind, folds ? settings.Folds : null, fold ? settings.Fold : null, settings.Seed ?? recipe.Seed, made.ByGroup, made.Training, made.Validation, made.Test,
                NearDuplicates.Across(segments, made, stop));
            AtomicFile.WriteAllText(folder.SplitsFile, JsonSerializer.Serialize(stored, ProductJson.Line) + "\n");
        }
        else if (stored.Training.Concat(stored.Validation).Concat(stored.Test).Any(row => row < 0 || row >= segments.Count))
        {
            throw new UserInputException($"{folder.SplitsFile} belongs to other data; delete it, and the recipe's own split is made.");
        }
        Tell(stored, segments, report);
        return stored.ToSplit();
    }

    private static void Tell(SplitsFile split, SegmentSet segments, Action<RunEvent> report)
    {
        var which = (split.Fold, split.Folds) switch
        {
            ({ } fold, { } folds) => $", fold {fold} of {folds} tests",
            ({ } fold, null) => $", group \"{segments.Groups![split.Test[0]]}\" ({fold}) tests",
            _ => "",
        };
        report(new LogEvent("info", $"Split {(split.ByGroup ? "by group" : "stratified by label")}{which}: {split.Training.Length} training, {split.Validation.Length} validation, {split.Test.Length} test segments."));
        if (!split.ByGroup)
            report(new LogEvent("warning", segments.Groups is null
                ? "Groups are unknown: segments of one person may be in training and test, and results look better than they are for a new person."
                : "The split does not keep groups apart: segments of one person may be in training and test, and results look better than they are for a new person."));
        var leakage = split.Leakage;
        var least = leakage.Complete ? "" : "at least ";
        if (!leakage.Complete) report(new LogEvent("info", $"Leakage check: many segments look alike, so each was compared with the {UnitSegments.MostCompared} most alike ones only."));
        report(leakage.Validation + leakage.Test == 0
            ? new LogEvent("info", FormattableString.Invariant($"Leakage check: no segment is a near-duplicate (correlation {leakage.Threshold} or more) of one in another split."))
            : new LogEvent("warning", FormattableString.Invariant($"Leakage check: {least}{leakage.Test} test and {leakage.Validation} validation segments are near-duplicates (correlation {leakage.Threshold} or more) of a segment in another split, for example row {leakage.Examples[0].Row} of row {leakage.Examples[0].Other} (counted from 0).")));
    }
}
