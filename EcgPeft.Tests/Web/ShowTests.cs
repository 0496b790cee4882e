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
    [InlineData(0.4, "0 s")]
    [InlineData(59.6, "1 min 00 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(3_900, "1 h 05 min")]
    [InlineData(double.NaN, "–")]
    public void Durations_read_as_people_say_them(double seconds, string expected) => Assert.Equal(expected, Show.Duration(seconds));

    [Fact]
    public void A_value_that_is_not_a_number_is_named() => Assert.Equal("NaN", Show.Metric(double.NaN));
}
