using System.Globalization;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Numbers as reports write them: with a decimal point, wherever the file is read. A page asks for its reader's own way (<see cref="As"/>).</summary>
public static class Number
{
    /// <summary>What stands where the data do not define a value.</summary>
    public const string Undefined = "undefined";

    private const double SmallestP = 0.001;

    private static readonly AsyncLocal<CultureInfo?> Reader = new();

    /// <summary>How numbers are written now.</summary>
    internal static CultureInfo Culture => Reader.Value ?? CultureInfo.InvariantCulture;

    /// <summary>What stands between two numbers: a comma would be read as a decimal one where that is one.</summary>
    internal static string Separator => Culture.NumberFormat.NumberDecimalSeparator == "," ? ";" : ",";

    /// <summary>Makes sentences and figures whose numbers are written as a reader's language writes them.</summary>
    /// <param name="language">The reader's.</param>
    /// <param name="make">Makes them, all of it before it returns.</param>
    public static T As<T>(CultureInfo language, Func<T> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        var before = Reader.Value;
        Reader.Value = language;
        try
        {
            return make();
        }
        finally
        {
            Reader.Value = before;
        }
    }

    /// <summary>0.847.</summary>
    /// <param name="value">A metric.</param>
    public static string Metric(double? value) => value?.ToString("F3", Culture) ?? Undefined;

    /// <summary>+0.021.</summary>
    /// <param name="value">A difference.</param>
    public static string Difference(double? value) => value?.ToString("+0.000;−0.000;0.000", Culture) ?? Undefined;

    /// <summary>[0.008, 0.034].</summary>
    /// <param name="interval">An interval.</param>
    public static string Bounds(Interval? interval) => interval is null ? $"[{Undefined}]" : $"[{Minus(interval.Low)}{Separator} {Minus(interval.High)}]";

    /// <summary>A p-value: 0.032, or &lt; 0.001.</summary>
    /// <param name="value">The p-value.</param>
    public static string P(double? value) => value is null ? Undefined : value < SmallestP ? $"< {SmallestP.ToString("F3", Culture)}" : value.Value.ToString("F3", Culture);

    /// <summary>p = 0.032, or p &lt; 0.001.</summary>
    /// <param name="value">The p-value.</param>
    public static string PStatement(double? value) => value < SmallestP ? $"p {P(value)}" : $"p = {P(value)}";

    /// <summary>1,234,567.</summary>
    /// <param name="value">A count.</param>
    public static string Count(double value) => value.ToString("N0", Culture);

    /// <summary>12.3 s, or 3 min 20 s.</summary>
    /// <param name="seconds">Seconds.</param>
    public static string Seconds(double seconds) => seconds < 60 ? seconds.ToString("F1", Culture) + " s" : string.Create(Culture, $"{(int)(seconds / 60)} min {(int)Math.Round(seconds % 60) % 60} s");

    /// <summary>1.4 MB.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Bytes(double bytes) => bytes < 1 << 20 ? (bytes / 1024).ToString("F1", Culture) + " kB" : bytes < 1 << 30 ? (bytes / (1 << 20)).ToString("F1", Culture) + " MB" : (bytes / (1 << 30)).ToString("F2", Culture) + " GB";

    /// <summary>12.3 %.</summary>
    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => (share * 100).ToString("F1", Culture) + " %";

    /// <summary>With so many digits after the point.</summary>
    /// <param name="value">The value.</param>
    /// <param name="digits">Digits.</param>
    public static string Fixed(double? value, int digits) => value?.ToString("F" + digits.ToString(Culture), Culture) ?? Undefined;

    private static string Minus(double value) => value.ToString("0.000;−0.000;0.000", Culture);
}
