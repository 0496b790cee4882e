using System.Globalization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Shared;

/// <summary>Numbers and times as people read them.</summary>
internal static class Show
{
    public const string Nothing = "–";

    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-US"), German = CultureInfo.GetCultureInfo("de-DE");

    /// <summary>How the reader's browser writes numbers. The texts are English; files, addresses and fields always have a decimal point.</summary>
    public static CultureInfo Culture => Number.Culture.TwoLetterISOLanguageName == "de" ? German : English;

    /// <summary>A metric between -1 and 1: 0.847.</summary>
    public static string Metric(double? value) => value is not { } known ? Nothing : double.IsNaN(known) ? "NaN" : known.ToString("0.000", Culture);

    /// <summary>A difference with its sign: +0.021.</summary>
    public static string Difference(double? value, int digits = 3) => Number.Difference(value, digits);

    /// <summary>The ends of an interval: [0.008, 0.034].</summary>
    public static string Bounds(Interval? interval, int digits = 3) => Number.Bounds(interval, digits);

    /// <summary>A number with at most so many digits after the point.</summary>
    public static string AtMost(double value, int digits) => value.ToString("0." + new string('#', digits), Culture);

    /// <summary>A number with so many digits after the point.</summary>
    public static string Fixed(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), Culture);

    /// <summary>A loss: four significant digits.</summary>
    public static string Loss(double? value) => value is not { } known ? Nothing : double.IsFinite(known) ? known.ToString(known != 0 && Math.Abs(known) < 1e-3 ? "0.00e-0" : "G4", Culture) : known.ToString(CultureInfo.InvariantCulture);

    /// <summary>A measured quantity: three significant digits, whole from 100 on.</summary>
    public static string Measured(double value) => value.ToString(value >= 100 ? "N0" : "G3", Culture);

    /// <summary>1,234,567.</summary>
    public static string Count(long? value) => value?.ToString("N0", Culture) ?? Nothing;

    /// <summary>1.2 M.</summary>
    public static string Short(long? value) => value switch
    {
        null => Nothing,
        < 10_000 => value.Value.ToString("N0", Culture),
        < 1_000_000 => (value.Value / 1e3).ToString("0.#", Culture) + " k",
        < 1_000_000_000 => (value.Value / 1e6).ToString("0.##", Culture) + " M",
        _ => (value.Value / 1e9).ToString("0.##", Culture) + " G",
    };

    /// <summary>12.3 %.</summary>
    public static string Percent(double share) => (share * 100).ToString(share < .01 ? "0.00" : "0.0", Culture) + " %";

    /// <summary>1.43 GB: three significant digits, so that 203.0 and 206.2 stand in a column as 203 and 206.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => Measured(bytes / 1e3) + " kB",
        < 1_000_000_000 => Measured(bytes / 1e6) + " MB",
        _ => Measured(bytes / 1e9) + " GB",
    };

    /// <summary>1.4 Wh, or 320 J.</summary>
    public static string Energy(double joules) => joules < 3600 ? joules.ToString("0", Culture) + " J" : (joules / 3600).ToString("0.##", Culture) + " Wh";

    /// <summary>3 min 20 s.</summary>
    public static string Duration(double? seconds)
    {
        if (seconds is not { } known || !double.IsFinite(known)) return Nothing;
        var time = TimeSpan.FromSeconds(Math.Max(0, Math.Round(known)));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes:00} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds:00} s"
            : $"{time.Seconds} s";
    }

    /// <summary>The same day 14:02, else 24 Nov 14:02; in this machine's time zone.</summary>
    public static string Moment(DateTime utc)
    {
        var local = utc.ToLocalTime();
        return local.ToString(local.Date == DateTime.Now.Date ? "HH:mm" : "d MMM HH:mm", Culture);
    }

    /// <summary>14:02:31, in this machine's time zone.</summary>
    public static string Clock(DateTime utc) => utc.ToLocalTime().ToString("HH:mm:ss", Culture);

    /// <summary>The status in a word.</summary>
    public static string Status(RunStatus status) => status.ToString();

    /// <summary>The method as the field writes it.</summary>
    public static string Method(string method) => method switch
    {
        "lora" => "LoRA",
        "adapter" => "Adapter",
        "pretraining" => "Pre-training",
        _ => PeftMethod.Find(method)?.Title ?? method,
    };
}
