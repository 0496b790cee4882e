namespace EcgPeft.Tests.Checkpoints;

/// <summary>Seeded damage to a file.</summary>
internal static class Mutation
{
    private static readonly long[] Interesting = [0, 1, -1, 127, 255, 65535, int.MaxValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    /// <summary>A copy with one to four changes; positions lie in the first <paramref name="structured"/> bytes half of the time, where the format's own words are.</summary>
    public static byte[] Of(byte[] seed, Random random, int structured)
    {
        var bytes = seed.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(random.Next(2) == 0 ? bytes.Count : Math.Min(structured, bytes.Count));
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0 or 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = (byte)random.Next(256); break;
                case 3 when random.Next(4) == 0: bytes.RemoveRange(at, bytes.Count - at); break;
                case 4: bytes.RemoveRange(at, length); break;
                case 5: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
                case 6: Overwrite(bytes, at, BitConverter.GetBytes(Interesting[random.Next(Interesting.Length)]).AsSpan(0, 1 << random.Next(4))); break;
                default: if (bytes[at] is >= (byte)'0' and <= (byte)'9') bytes[at] = (byte)random.Next('0', '9' + 1); break;
            }
        }
        return [.. bytes];
    }

    private static void Overwrite(List<byte> bytes, int at, ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < value.Length && at + i < bytes.Count; i++) bytes[at + i] = value[i];
    }
}
