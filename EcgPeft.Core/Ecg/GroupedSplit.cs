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

    /// <summary>The split (0 training, 1 validation, 2 test) of each segment.</summary>
    /// <exception cref="UserInputException">No division gives both classes to each split.</exception>
    public static byte[] Assign(SegmentSet set, double[] shares, Random random)
    {
        var (groupOf, negatives, positives) = Count(set);
        var groups = negatives.Length;
        var mixed = Enumerable.Range(0, groups).Where(g => negatives[g] > 0 && positives[g] > 0).ToArray();
        var onlyPositive = Enumerable.Range(0, groups).Where(g => negatives[g] == 0).ToArray();
        var onlyNegative = Enumerable.Range(0, groups).Where(g => positives[g] == 0).ToArray();
        if (mixed.Length + Math.Min(onlyPositive.Length, onlyNegative.Length) < Splits.Parts)
            throw new UserInputException($"The {groups} group{(groups == 1 ? "" : "s")} of this data cannot be divided so that training, validation and test each hold both classes; set split.kind to stratified, or bring data of more groups.");

        byte[]? best = null;
        var bestCost = double.PositiveInfinity;
        for (var b = 0; b < Beginnings; b++)
        {
            var state = new State(negatives, positives, shares, Begin(mixed, onlyPositive, onlyNegative, groups, shares, random));
            while (state.Move() || (groups <= MostGroupsToExchange && state.Exchange())) { }
            var cost = state.Cost();
            // A hair's breadth better may be rounding.
            if (cost < bestCost - 1e-12) (best, bestCost) = (state.PartOf, cost);
        }
        var parts = new byte[set.Count];
        for (var i = 0; i < parts.Length; i++) parts[i] = best![groupOf[i]];
        return parts;
    }

    // Groups are numbered by first appearance, so nothing depends on the order of a dictionary.
    private static (int[] GroupOf, int[] Negatives, int[] Positives) Count(SegmentSet set)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var groupOf = new int[set.Count];
        for (var i = 0; i < set.Count; i++)
        {
            if (!numbers.TryGetValue(set.Groups![i], out var g)) numbers.Add(set.Groups[i], g = numbers.Count);
            groupOf[i] = g;
        }
        var counts = new int[2][] { new int[numbers.Count], new int[numbers.Count] };
        for (var i = 0; i < set.Count; i++) counts[set.Labels.Span[i]][groupOf[i]]++;
        return (groupOf, counts[0], counts[1]);
    }

    // One group with both classes (or a pair of groups) to each split, the others at random by the shares.
    private static byte[] Begin(int[] mixed, int[] onlyPositive, int[] onlyNegative, int groups, double[] shares, Random random)
    {
        var partOf = new byte[groups];
        for (var g = 0; g < groups; g++)
        {
            var u = random.NextDouble();
            partOf[g] = (byte)(u < shares[1] ? 1 : u < shares[1] + shares[2] ? 2 : 0);
        }
        foreach (var kind in new[] { mixed, onlyPositive, onlyNegative }) Splits.Shuffle(kind, random);
        for (byte part = 0; part < Splits.Parts; part++)
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
        private readonly double[][] wanted; // of the splits, by class
        private readonly double[][] held = [new double[Splits.Parts], new double[Splits.Parts]];
        private readonly double[] totals;

        public State(int[] negatives, int[] positives, double[] shares, byte[] partOf)
        {
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
            for (var label = 0; label < 2; label++)
                for (var part = 0; part < Splits.Parts; part++)
                {
                    if (held[label][part] == 0) return double.PositiveInfinity;
                    var deviation = (held[label][part] - wanted[label][part]) / totals[label];
                    cost += deviation * deviation;
                }
            return cost;
        }

        public bool Move()
        {
            var improved = false;
            for (var g = 0; g < PartOf.Length; g++)
                for (byte part = 0; part < Splits.Parts; part++)
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
