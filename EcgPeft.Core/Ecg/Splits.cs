namespace EcgPeft.Core.Ecg;

/// <summary>Which segments (indices from 0, ascending) train, validate and test.</summary>
/// <param name="Training">Indices of the training split.</param>
/// <param name="Validation">Indices of the validation split.</param>
/// <param name="Test">Indices of the test split.</param>
/// <param name="ByGroup">Whether each group is in one split only.</param>
public sealed record DataSplit(int[] Training, int[] Validation, int[] Test, bool ByGroup);

/// <summary>
/// Divides segments into training, validation and test. Random choices come from <see cref="Random"/> with the given seed, whose
/// sequence .NET keeps for seeded instances, and an own Fisher-Yates shuffle: the same data and seed give the same split.
/// </summary>
public static class Splits
{
    /// <summary>Number of splits: training, validation, test.</summary>
    internal const int Parts = 3;

    /// <summary>Divides the segments.</summary>
    /// <param name="set">The segments, with groups where they are known.</param>
    /// <param name="kind">How.</param>
    /// <param name="validation">Share of the validation split, above 0; folds do not use it.</param>
    /// <param name="test">Share of the test split, above 0; both together below 1. Folds and leave-one-group-out do not use it.</param>
    /// <param name="seed">Another seed gives another division. The folds of one seed do not overlap.</param>
    /// <param name="folds">Number of folds, at least 3.</param>
    /// <param name="fold">The fold, or the group in the order of names, that tests; from 1.</param>
    /// <exception cref="UserInputException">The settings are impossible for these data, or a split would be empty or hold one class only.</exception>
    public static DataSplit Divide(SegmentSet set, SplitKind kind, double validation, double test, int seed, int folds = 5, int fold = 1)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (!(validation > 0 && test > 0 && validation + test < 1))
            throw new UserInputException(FormattableString.Invariant($"split.validation is {validation} and split.test is {test}; both must be above 0 and together below 1."));
        if (kind == SplitKind.Auto) kind = set.Groups is null ? SplitKind.Stratified : SplitKind.StratifiedGrouped;
        var byGroup = NeedsGroups(kind);
        if (byGroup && set.Groups is null)
            throw new UserInputException("A split by group needs to know each segment's group; give a groups file, or set split.kind to stratified or kFold.");
        var random = new Random(seed);
        double[] shares = [1 - validation - test, validation, test];
        var parts = kind switch
        {
            SplitKind.Stratified => Stratified(set, shares, random),
            SplitKind.Grouped or SplitKind.StratifiedGrouped => GroupedSplit.Assign(set, All(set), shares, kind == SplitKind.StratifiedGrouped, random),
            SplitKind.KFold => FoldSplit.Choose(FoldSplit.Stratified(set, Checked(folds, fold), random), folds, fold),
            SplitKind.GroupedKFold => FoldSplit.Choose(GroupedSplit.Assign(set, All(set), [.. Enumerable.Repeat(1.0 / Checked(folds, fold), folds)], stratify: true, random), folds, fold),
            SplitKind.LeaveOneGroupOut => FoldSplit.LeaveOneGroupOut(set, fold, validation, random),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of split."),
        };
        var indices = Enumerable.Range(0, Parts).Select(p => Enumerable.Range(0, set.Count).Where(i => parts[i] == p).ToArray()).ToArray();
        return new DataSplit(indices[0], indices[1], indices[2], byGroup);
    }

    /// <summary>Whether this kind keeps groups whole, so that they must be known.</summary>
    /// <param name="kind">The kind; <see cref="SplitKind.Auto"/> does with both.</param>
    public static bool NeedsGroups(SplitKind kind) => kind is SplitKind.Grouped or SplitKind.StratifiedGrouped or SplitKind.GroupedKFold or SplitKind.LeaveOneGroupOut;

    /// <summary>Fisher-Yates.</summary>
    internal static void Shuffle<T>(T[] items, Random random)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static int[] All(SegmentSet set) => [.. Enumerable.Range(0, set.Count)];

    private static int Checked(int folds, int fold)
    {
        if (folds is < 3 or > 100) throw new UserInputException($"split.folds is {folds}; it must be between 3 and 100.");
        if (fold < 1 || fold > folds) throw new UserInputException($"split.fold is {fold}; it must be between 1 and split.folds, which is {folds}.");
        return folds;
    }

    // Each class is divided by itself, so its share in every split is exact to one segment.
    private static byte[] Stratified(SegmentSet set, double[] shares, Random random)
    {
        var parts = new byte[set.Count];
        for (byte label = 0; label <= 1; label++)
        {
            var wanted = label;
            var members = Enumerable.Range(0, set.Count).Where(i => set.Labels.Span[i] == wanted).ToArray();
            if (members.Length < Parts)
                throw new UserInputException($"There are {members.Length} segments with label {label}; a division into training, validation and test needs at least {Parts} of each class.");
            Shuffle(members, random);
            var validation = Math.Max(1, (int)Math.Round(shares[1] * members.Length));
            var test = Math.Max(1, (int)Math.Round(shares[2] * members.Length));
            while (validation + test >= members.Length)
            {
                if (validation >= test) validation--;
                else test--;
            }
            for (var i = 0; i < members.Length; i++) parts[members[i]] = (byte)(i < validation ? 1 : i < validation + test ? 2 : 0);
        }
        return parts;
    }
}
