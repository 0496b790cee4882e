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
    /// <param name="kind">Stratified by label, by group, or by group where groups are known.</param>
    /// <param name="validation">Share of the validation split, above 0.</param>
    /// <param name="test">Share of the test split, above 0; both together below 1.</param>
    /// <param name="seed">Another seed gives another division.</param>
    /// <exception cref="UserInputException">The shares are impossible, or a split would be empty or hold one class only.</exception>
    public static DataSplit Divide(SegmentSet set, SplitKind kind, double validation, double test, int seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (!(validation > 0 && test > 0 && validation + test < 1))
            throw new UserInputException(FormattableString.Invariant($"split.validation is {validation} and split.test is {test}; both must be above 0 and together below 1."));
        if (kind == SplitKind.Grouped && set.Groups is null)
            throw new UserInputException("A split by group needs to know each segment's group; give a groups file, or set split.kind to stratified.");
        double[] shares = [1 - validation - test, validation, test];
        var random = new Random(seed);
        var byGroup = kind == SplitKind.Grouped || (kind == SplitKind.Auto && set.Groups is not null);
        var parts = byGroup ? GroupedSplit.Assign(set, shares, random) : Stratified(set, shares, random);
        var indices = Enumerable.Range(0, Parts).Select(p => Enumerable.Range(0, set.Count).Where(i => parts[i] == p).ToArray()).ToArray();
        return new DataSplit(indices[0], indices[1], indices[2], byGroup);
    }

    /// <summary>Fisher-Yates.</summary>
    internal static void Shuffle<T>(T[] items, Random random)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
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
