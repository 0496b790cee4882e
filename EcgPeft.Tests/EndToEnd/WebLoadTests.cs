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
        var output = typeof(WebLoadTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "WebOutput").Value!;
        var (exit, json, error) = await CliProcess.RunAsync("bench", "web", "--seconds", "8", "--json", "--web", Path.Combine(output, "EcgPeft.Web.dll"));
        Assert.Equal((0, ""), (exit, error));
        using var document = JsonDocument.Parse(json);
        long Number(string name) => document.RootElement.GetProperty(name).GetInt64();
        Assert.Equal((8, 10, 50), (Number("runs"), Number("clients"), Number("rate")));
        Assert.Equal(8 * 50 * 8, Number("written"));
        Assert.Equal(10 * Number("written"), Number("delivered"));
        Assert.Equal((0, 0, 0), (Number("lost"), Number("twice"), Number("pagesFailed")));
    }
}
