using System.Reflection;
using System.Text.Json;
using EcgPeft.Tests.Cli;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Eight runs at fifty events a second into ten open pages, for some seconds: no point is lost, none comes twice, and pages still come.</summary>
public sealed class WebLoadTests
{
    [Fact]
    public async Task No_point_is_lost_and_pages_still_come()
    {
        var report = await BenchAsync("--stored", "0", "--seconds", "8");
        var load = report.GetProperty("load");
        long Number(string name) => load.GetProperty(name).GetInt64();
        var pages = report.GetProperty("browser").GetBoolean() ? 1 : 0;
        Assert.Equal((8, 9, pages, 50), (Number("runs"), Number("clients"), Number("browsers"), Number("rate")));
        Assert.Equal(8 * 50 * 8, Number("written"));
        Assert.Equal(9 * Number("written") + pages * 50 * 8, Number("delivered"));
        Assert.Equal((0, 0, 0), (Number("lost"), Number("twice"), Number("pagesFailed")));
        Assert.Equal(pages == 1, load.GetProperty("drawn").ValueKind == JsonValueKind.Object);
    }

    [Theory]
    [InlineData("/studies", "/studies/study-000")]
    [InlineData("/data", "/data/demo")]
    public async Task Pages_are_opened_with_runs_in_the_store(string list, string one)
    {
        var report = await BenchAsync("--stored", "48", "--seconds", "0", "--only", list);
        Assert.Equal([list, one], report.GetProperty("pages").EnumerateArray().Select(page => page.GetProperty("page").GetString()));
        if (report.GetProperty("browser").GetBoolean()) Assert.All(report.GetProperty("pages").EnumerateArray(), page => Assert.True(page.GetProperty("opened").GetDouble() > 0));
    }

    private static async Task<JsonElement> BenchAsync(params string[] arguments)
    {
        var output = typeof(WebLoadTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "WebOutput").Value!;
        var (exit, json, error) = await CliProcess.RunAsync(["bench", "web", "--json", "--web", Path.Combine(output, "EcgPeft.Web.dll"), .. arguments]);
        Assert.Equal((0, ""), (exit, error));
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
