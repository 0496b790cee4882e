using System.Globalization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Tests.Reports;

public class NumberTests
{
    [Theory]
    [InlineData(12.34, "12.3 s")]
    [InlineData(59.97, "1 min 0 s")]
    [InlineData(119.7, "2 min 0 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7_500, "2 h 5 min")]
    public void Times_are_rounded_as_a_whole(double seconds, string expected) => Assert.Equal(expected, Number.Seconds(seconds));

    [Theory]
    [InlineData(0.0004, "p < 0.001")]
    [InlineData(0.032, "p = 0.032")]
    [InlineData(0.0499, "p < 0.05")]
    [InlineData(0.05, "p = 0.050")]
    [InlineData(null, "p = undefined")]
    public void A_p_value_below_the_level_never_reads_as_the_level(double? p, string expected) => Assert.Equal(expected, Number.PStatement(p));

    [Fact]
    public void What_is_no_number_is_undefined()
    {
        Assert.Equal(Number.Undefined, Number.Metric(double.NaN));
        Assert.Equal(Number.Undefined, Number.Difference(null));
        Assert.Equal("0.000", Number.Difference(-0.0001));
        Assert.Equal("−0.008", Number.Fixed(-0.0081, 3));
    }

    [Fact]
    public void A_page_for_a_German_reader_has_German_numbers_and_a_file_English_ones()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal("+0,021 [−0,008; 0,034] 1.234 p < 0,001", $"{Number.Difference(0.021)} {Number.Bounds(new Interval(-0.008, 0.034))} {Number.Count(1234)} {Number.PStatement(1e-5)}");
            Assert.Equal("+0.021 [−0.008, 0.034] 1,234 p < 0.001", Number.English(() => $"{Number.Difference(0.021)} {Number.Bounds(new Interval(-0.008, 0.034))} {Number.Count(1234)} {Number.PStatement(1e-5)}"));
            Assert.Equal("0,021", Number.Metric(0.021));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
