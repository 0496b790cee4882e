using EcgPeft.Core.Checkpoints.Hub;

namespace EcgPeft.Tests.Checkpoints.Hub;

public sealed class HubOptionsTests
{
    [Fact]
    public void The_environment_means_what_it_means_to_the_Python_tools()
    {
        var home = TestData.TemporaryFolder();
        File.WriteAllText(Path.Combine(home, "token"), "hf_stored\n");

        var stored = From(("HF_HOME", home));
        Assert.Equal(Path.Combine(home, "hub"), stored.CacheFolder);
        Assert.Equal("hf_stored", stored.Token);
        Assert.False(stored.Offline);

        var set = From(("HF_HOME", home), ("HF_TOKEN", "hf_set"), ("HF_HUB_CACHE", Path.Combine(home, "elsewhere")), ("HF_ENDPOINT", "http://mirror.example:8080/hub/"), ("HF_HUB_OFFLINE", "1"));
        Assert.Equal("hf_set", set.Token);
        Assert.Equal(Path.Combine(home, "elsewhere"), set.CacheFolder);
        Assert.Equal("mirror.example", set.Endpoint.Host);
        Assert.True(set.Offline);

        var standard = From(("XDG_CACHE_HOME", Path.Combine(home, "cache")), ("HF_TOKEN_PATH", Path.Combine(home, "absent")));
        Assert.Equal(Path.Combine(home, "cache", "huggingface", "hub"), standard.CacheFolder);
        Assert.Null(standard.Token);
        Assert.Equal("https", standard.Endpoint.Scheme);
    }

    [Theory]
    [InlineData("mirror")]
    [InlineData("ftp://mirror")]
    public void An_endpoint_that_is_no_web_address_is_refused(string endpoint) =>
        Assert.Contains("HF_ENDPOINT", Assert.Throws<HubException>(() => From(("HF_ENDPOINT", endpoint), ("HF_TOKEN", "x"))).Message);

    private static HubOptions From(params (string Name, string Value)[] variables) =>
        HubOptions.FromEnvironment(name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault());
}
