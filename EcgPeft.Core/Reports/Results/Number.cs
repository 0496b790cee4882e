using System.Globalization;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Numbers as reports, sentences and figures write them: in a report always the English way, on a page as its reader's browser does, so that one page never has both.</summary>
public static class Number
{
    /// <summary>What stands where the data do not define a value.</summary>
    public const string Undefined = "undefined";

    private const double Level = 0.05;

    private static readonly CultureInfo German = CultureInfo.GetCultureInfo("de-DE");

    /// <summary>How numbers are written: follows the reader's language where a page is made for one (<see cref="CultureInfo.CurrentUICulture"/>).</summary>
    public static CultureInfo Culture => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "de" ? German : CultureInfo.InvariantCulture;

    /// <summary>Makes something whose numbers are English whoever asks for it, such as a file.</summary>
    /// <param name="make">Makes it.</param>
    public static T English<T>(Func<T> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    /// <summary>0.847.</summary>
    /// <param name="value">A metric.</param>
    public static string Metric(double? value) => Fixed(value, 3);

    /// <summary>+0.021.</summary>
    /// <param name="value">A difference.</param>
    /// <param name="digits">Digits after the point.</param>
    public static string Difference(double? value, int digits = 3)
    {
        if (value is not { } known || !double.IsFinite(known)) return Undefined;
        var zeros = "0." + new string('0', digits);
        return known.ToString($"+{zeros};−{zeros};{zeros}", Culture);
    }

    /// <summary>[0.008, 0.034]; a comma between them would be read as a decimal one where that is one.</summary>
    /// <param name="interval">An interval.</param>
    /// <param name="digits">Digits after the point.</param>
    public static string Bounds(Interval? interval, int digits = 3) => interval is null ? $"[{Undefined}]"
        : $"[{Signed(interval.Low, digits)}{(Culture == German ? ";" : ",")} {Signed(interval.High, digits)}]";

    /// <summary>A p-value: 0.032, or &lt; 0.001. One below 0.05 never reads as 0.050, which would contradict what is said of it.</summary>
    /// <param name="value">The p-value.</param>
    public static string P(double? value) => value switch
    {
        null => Undefined,
        < 0.001 => "< " + Fixed(0.001, 3),
        < Level and >= 0.0495 => "< " + Fixed(Level, 2),
        _ => Fixed(value, 3),
    };

    /// <summary>p = 0.032, or p &lt; 0.001.</summary>
    /// <param name="value">The p-value.</param>
    public static string PStatement(double? value) => P(value) is ['<', ..] and var less ? "p " + less : $"p = {P(value)}";

    /// <summary>1,234,567.</summary>
    /// <param name="value">A count.</param>
    public static string Count(double value) => value.ToString("N0", Culture);

    /// <summary>12.3 s, 3 min 20 s, or 2 h 5 min.</summary>
    /// <param name="seconds">Seconds.</param>
    public static string Seconds(double seconds)
    {
        if (seconds < 59.95) return Fixed(seconds, 1) + " s";
        var whole = (long)Math.Round(seconds);
        return whole < 7200 ? $"{whole / 60} min {whole % 60} s" : $"{whole / 3600} h {whole % 3600 / 60} min";
    }

    /// <summary>1.4 MB.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Bytes(double bytes) => bytes < 1e6 ? Fixed(bytes / 1e3, 1) + " kB" : bytes < 1e9 ? Fixed(bytes / 1e6, 1) + " MB" : Fixed(bytes / 1e9, 2) + " GB";

    /// <summary>12.3 %.</summary>
    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => Fixed(share * 100, 1) + " %";

    /// <summary>With so many digits after the point.</summary>
    /// <param name="value">The value.</param>
    /// <param name="digits">Digits.</param>
    public static string Fixed(double? value, int digits) => value is { } known && double.IsFinite(known) ? Signed(known, digits) : Undefined;

    /// <summary>How many digits a difference needs that is to be told from 0: three, or more where it or the nearer end of its interval would read as 0.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="interval">Its interval.</param>
    internal static int DigitsOf(double difference, Interval interval)
    {
        var least = Math.Min(Math.Abs(difference), Math.Min(Math.Abs(interval.Low), Math.Abs(interval.High)));
        return Enumerable.Range(3, 6).FirstOrDefault(digits => least >= 0.5 * Math.Pow(10, -digits), 9);
    }

    // A minus as wide as a digit, and never a "−0.000".
    private static string Signed(double value, int digits)
    {
        var zero = digits == 0 ? "#,##0" : "#,##0." + new string('0', digits);
        return value.ToString($"{zero};−{zero};{zero}", Culture);
    }
}
