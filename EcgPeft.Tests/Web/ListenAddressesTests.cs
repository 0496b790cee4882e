using EcgPeft.Core;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Web.Hosting;
using Microsoft.Extensions.Configuration;

namespace EcgPeft.Tests.Web;

public sealed class ListenAddressesTests
{
    [Fact]
    public void Without_settings_it_is_the_default() => Assert.Equal([ListenAddresses.Default], ListenAddresses.Of(Configuration()));

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:0;http://[::1]:5081")]
    public void Addresses_of_this_machine_are_taken(string urls) => Assert.Equal(urls.Split(';'), ListenAddresses.Of(Configuration(("urls", urls))));

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://*:5080")]
    [InlineData("http://+:5080")]
    [InlineData("http://[::]:5080")]
    [InlineData("http://192.168.1.7:5080")]
    [InlineData("http://127.0.0.1:5080;http://example.org:80")]
    [InlineData("nonsense")]
    public void Others_are_refused(string urls) => Assert.Throws<UserInputException>(() => ListenAddresses.Of(Configuration(("urls", urls))));

    [Fact]
    public void With_an_access_token_others_may_come() => Assert.Equal(["http://0.0.0.0:5080"], ListenAddresses.Of(Configuration(("urls", "http://0.0.0.0:5080")), hasToken: true));

    [Fact]
    public void A_short_token_is_refused() => Assert.Throws<UserInputException>(() => AccessToken.Read(Configuration(("EcgPeft:AccessToken", "secret"))));

    [Fact]
    public void Kestrel_endpoints_are_no_way_around() => Assert.Throws<UserInputException>(() => ListenAddresses.Of(Configuration(("Kestrel:Endpoints:Open:Url", "http://0.0.0.0:80"))));

    [Fact]
    public async Task The_program_says_so_and_ends_with_2()
    {
        var (exit, error) = await WebProcess.RefusedAsync("--urls", "http://0.0.0.0:5392");
        Assert.Equal(2, exit);
        Assert.Contains("http://0.0.0.0:5392", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}
