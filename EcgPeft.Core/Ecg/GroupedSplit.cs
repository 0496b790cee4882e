namespace EcgPeft.Core.Ecg;

/// <summary>
/// Whole groups to splits, so that segments and positives come near the wanted shares: from several random beginnings, groups
/// are moved and exchanged while that lowers the squared deviation; the best end is taken. Every beginning already has both classes in each
/// split, and no step gives that up.
/// </summary>
internal static class GroupedSplit
{
    private const int Beginnings = 12;

    // Exchanging looks at every pair of groups; with more groups than this, moving alone balances well enough.
    private const int MostGroupsToExchange = 300;

    /// <summary>The part (0 is what remains after the others) of each of <paramref name="rows"/>.</summary>
    /// <param name="set">Segments with groups.</param>
    /// <param name="rows">Which of them are divided.</param>
    /// <param name="shares">Wanted share of each part; together 1.</param>
    /// <param name="stratify">Whether each class shall come near the shares, not only the number of segments.</param>
    /// <param name="random">Where random choices come from.</param>
    /// <exception cref="UserInputException">No division gives both classes to each part.</exception>
    public static byte[] Assign(SegmentSet set, int[] rows, double[] shares, bool stratify, Random random)
    {
        var (groupOf, negatives, positives) = Count(set, rows);
        var groups = negatives.Length;
        var mixed = Enumerable.Range(0, groups).Where(g => negatives[g] > 0 && positives[g] > 0).ToArray();
        var onlyPositive = Enumerable.Range(0, groups).Where(g => negatives[g] == 0).ToArray();
        var onlyNegative = Enumerable.Range(0, groups).Where(g => positives[g] == 0).ToArray();
        if (mixed.Length + Math.Min(onlyPositive.Length, onlyNegative.Length) < shares.Length)
            throw new UserInputException($"The {groups} group{(groups == 1 ? "" : "s")} of this data cannot be divided into {shares.Length} parts that each hold both classes (training, validation and test, or folds); set split.kind to stratified, take fewer folds, or bring data of more groups.");

        byte[]? best = null;
        var bestCost = double.PositiveInfinity;
        for (var b = 0; b < Beginnings; b++)
        {
            var state = new State(negatives, positives, shares, stratify, Begin(mixed, onlyPositive, onlyNegative, groups, shares, random));
            while (state.Move() || (groups <= MostGroupsToExchange && state.Exchange())) { }
            var cost = state.Cost();
            // A hair's breadth better may be rounding.
            if (cost < bestCost - 1e-12) (best, bestCost) = (state.PartOf, cost);
        }
        return [.. groupOf.Select(g => best![g])];
    }

    // Groups are numbered by first appearance, so nothing depends on the order of a dictionary.
    private static (int[] GroupOf, int[] Negatives, int[] Positives) Count(SegmentSet set, int[] rows)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var groupOf = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var name = set.Groups![rows[i]];
            if (!numbers.TryGetValue(name, out var g)) numbers.Add(name, g = numbers.Count);
            groupOf[i] = g;
        }
        var counts = new int[2][] { new int[numbers.Count], new int[numbers.Count] };
        for (var i = 0; i < rows.Length; i++) counts[set.Labels.Span[rows[i]]][groupOf[i]]++;
        return (groupOf, counts[0], counts[1]);
    }

    // One group with both classes (or a pair of groups) to each split, the others at random by the shares.
    private static byte[] Begin(int[] mixed, int[] onlyPositive, int[] onlyNegative, int groups, double[] shares, Random random)
    {
        var partOf = new byte[groups];
        for (var g = 0; g < groups; g++)
        {
            var u = random.NextDouble();
            double sum = 0;
            for (byte part = 1; part < shares.Length && partOf[g] == 0; part++)
                if (u < (sum += shares[part])) partOf[g] = part;
        }
        foreach (var kind in new[] { mixed, onlyPositive, onlyNegative }) Splits.Shuffle(kind, random);
        for (byte part = 0; part < shares.Length; part++)
        {
            if (part < mixed.Length)
            {
                partOf[mixed[part]] = part;
                continue;
            }
            partOf[onlyPositive[part - mixed.Length]] = part;
            partOf[onlyNegative[part - mixed.Length]] = part;
        }
        return partOf;
    }

    private sealed class State
    {
        private readonly int[][] counts; // of the groups, by class
        private readonly double[][] wanted; // of the parts, by class
        private readonly double[][] held;
        private readonly double[] totals;
        private readonly int parts;
        private readonly bool stratify;

        public State(int[] negatives, int[] positives, double[] shares, bool stratify, byte[] partOf)
        {
            (parts, this.stratify) = (shares.Length, stratify);
            held = [new double[parts], new double[parts]];
            counts = [negatives, positives];
            totals = [negatives.Sum(), positives.Sum()];
            wanted = [[.. shares.Select(s => s * totals[0])], [.. shares.Select(s => s * totals[1])]];
            PartOf = partOf;
            for (var g = 0; g < partOf.Length; g++) Put(g, partOf[g], 1);
        }

        public byte[] PartOf { get; }

        // Relative to the class, so that a few missing positives weigh as much as many missing negatives.
        public double Cost()
        {
            double cost = 0;
            for (var part = 0; part < parts; part++)
                if (held[0][part] == 0 || held[1][part] == 0) return double.PositiveInfinity;
            if (!stratify)
            {
                for (var part = 0; part < parts; part++)
                {
                    var deviation = (held[0][part] + held[1][part] - wanted[0][part] - wanted[1][part]) / (totals[0] + totals[1]);
                    cost += deviation * deviation;
                }
                return cost;
            }
            for (var label = 0; label < 2; label++)
                for (var part = 0; part < parts; part++)
                {
                    var deviation = (held[label][part] - wanted[label][part]) / totals[label];
                    cost += deviation * deviation;
                }
            return cost;
        }

        public bool Move()
        {
            var improved = false;
            for (var g = 0; g < PartOf.Length; g++)
                for (byte part = 0; part < parts; part++)
                {
                    var from = PartOf[g];
                    if (from != part) improved |= Try(() => Place(g, part), () => Place(g, from));
                }
            return improved;
        }

        public bool Exchange()
        {
            var improved = false;
            for (var g = 0; g < PartOf.Length; g++)
                for (var h = g + 1; h < PartOf.Length; h++)
                {
                    if (PartOf[g] == PartOf[h]) continue;
                    void Swap()
                    {
                        var (a, b) = (PartOf[g], PartOf[h]);
                        Place(g, b);
                        Place(h, a);
                    }
                    improved |= Try(Swap, Swap);
                }
            return improved;
        }

        private bool Try(Action change, Action back)
        {
            var before = Cost();
            change();
            if (Cost() < before - 1e-12) return true;
            back();
            return false;
        }

        private void Place(int group, byte part)
        {
            Put(group, PartOf[group], -1);
            PartOf[group] = part;
            Put(group, part, 1);
        }

        private void Put(int group, byte part, int sign)
        {
            held[0][part] += sign * counts[0][group];
            held[1][part] += sign * counts[1][group];
        }
    }
}
