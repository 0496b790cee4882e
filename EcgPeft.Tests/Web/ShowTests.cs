using System.Globalization;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Tests.Web;

public sealed class ShowTests
{
    [Theory]
    [InlineData(9_999, "9,999")]
    [InlineData(49_538, "49.5 k")]
    [InlineData(1_234_567, "1.23 M")]
    public void Large_numbers_are_short(long value, string expected) => Assert.Equal(expected, Show.Short(value));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(203_000, "203 kB")]
    [InlineData(206_200, "206 kB")]
    [InlineData(9_640_000, "9.64 MB")]
    [InlineData(24_300_000_000, "24.3 GB")]
    [InlineData(1_430_000_000_000, "1,430 GB")]
    public void Sizes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Show.Bytes(bytes));

    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(59.6, "1 min 00 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(3_900, "1 h 05 min")]
    [InlineData(double.NaN, "–")]
    public void Durations_read_as_people_say_them(double seconds, string expected) => Assert.Equal(expected, Show.Duration(seconds));

    [Theory]
    [InlineData("en-US", "0.847", "1.23 M", "1,234", "12.3 %", "1.46e-5")]
    [InlineData("de-DE", "0,847", "1,23 M", "1.234", "12,3 %", "1,46e-5")]
    public void Numbers_follow_the_readers_language(string language, params string[] expected)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            Assert.Equal((IEnumerable<string>)expected, new[] { Show.Metric(0.8471), Show.Short(1_234_567), Show.Count(1234), Show.Percent(.123), Show.Loss(1.459e-5) });
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData("en-US", "+0.021", "−0.50", "[−0.008, 0.034]", "16.67")]
    [InlineData("de-DE", "+0,021", "−0,50", "[−0,008; 0,034]", "16,67")]
    public void Differences_and_intervals_do_too(string language, params string[] expected)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            Assert.Equal((IEnumerable<string>)expected, new[] { Show.Difference(0.0214), Show.Difference(-.5, 2), Show.Bounds(new(-.0081, .0339)), Show.AtMost(50 / 3.0, 2) });
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public void A_value_that_is_not_a_number_is_named() => Assert.Equal("NaN", Show.Metric(double.NaN));
}
