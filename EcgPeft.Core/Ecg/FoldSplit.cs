namespace EcgPeft.Core.Ecg;

/// <summary>Cross-validation: folds, and one group left out. Parts are 0 training, 1 validation, 2 test.</summary>
internal static class FoldSplit
{
    /// <summary>The fold (from 0) of each segment: each class is dealt out by itself, so folds differ by one segment of a class at the most.</summary>
    /// <exception cref="UserInputException">A class has fewer segments than there are folds.</exception>
    public static byte[] Stratified(SegmentSet set, int folds, Random random)
    {
        var foldOf = new byte[set.Count];
        var next = 0; // goes on over the classes, so that the first folds are not the larger ones twice
        for (byte label = 0; label <= 1; label++)
        {
            var wanted = label;
            var members = Enumerable.Range(0, set.Count).Where(i => set.Labels.Span[i] == wanted).ToArray();
            if (members.Length < folds) throw new UserInputException($"There are {members.Length} segments with label {label}; {folds} folds need at least {folds} of each class, so take fewer folds.");
            Splits.Shuffle(members, random);
            foreach (var member in members) foldOf[member] = (byte)(next++ % folds);
        }
        return foldOf;
    }

    /// <summary>Fold <paramref name="fold"/> (from 1) tests, the next one validates.</summary>
    public static byte[] Choose(byte[] foldOf, int folds, int fold) =>
        [.. foldOf.Select(f => (byte)(f == fold - 1 ? 2 : f == fold % folds ? 1 : 0))];

    /// <summary>Group <paramref name="fold"/> (from 1, in the order of names) tests; the others are divided stratified by group.</summary>
    /// <exception cref="UserInputException">There is no such group, or the others cannot be divided.</exception>
    public static byte[] LeaveOneGroupOut(SegmentSet set, int fold, double validation, Random random)
    {
        var names = set.Groups!.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (names.Length < Splits.Parts) throw new UserInputException($"This data has {names.Length} group{(names.Length == 1 ? "" : "s")}; leaving one out needs at least {Splits.Parts}.");
        if (fold < 1 || fold > names.Length) throw new UserInputException($"split.fold is {fold}; it must be between 1 and the number of groups, which is {names.Length}.");
        var others = Enumerable.Range(0, set.Count).Where(i => set.Groups![i] != names[fold - 1]).ToArray();
        var divided = GroupedSplit.Assign(set, others, [1 - validation, validation], stratify: true, random);
        var parts = new byte[set.Count];
        Array.Fill(parts, (byte)2);
        for (var i = 0; i < others.Length; i++) parts[others[i]] = divided[i];
        return parts;
    }
}
