using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace EcgPeft.Tests.Web;

public sealed class UploadsApiTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task An_upload_goes_on_where_it_broke_off()
    {
        var (client, token) = await fixture.VisitorAsync();
        using var _ = client;
        client.DefaultRequestHeaders.Add("RequestVerificationToken", token);
        var address = $"/api/uploads/{Guid.NewGuid()}/heart%20beats.csv";
        Assert.Equal(0, await OffsetAsync(client, address));
        Assert.Equal((HttpStatusCode.OK, 5), await PutAsync(client, address, 0, "1,2,0"));
        Assert.Equal(5, await OffsetAsync(client, address));
        Assert.Equal((HttpStatusCode.OK, 5), await PutAsync(client, address, 0, "1,2,0")); // sent twice: the second is not taken
        Assert.Equal((HttpStatusCode.OK, 11), await PutAsync(client, address, 5, "\n3,4,1"));
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(fixture.Web.Root.Cache, "uploads"), "heart beats.csv", SearchOption.AllDirectories));
        Assert.Equal("1,2,0\n3,4,1", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_or_a_missing_token_is_refused()
    {
        var (client, token) = await fixture.VisitorAsync();
        using var _ = client;
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(client, $"/api/uploads/{Guid.NewGuid()}/a.csv", 0, "1")).Status);
        client.DefaultRequestHeaders.Add("RequestVerificationToken", token);
        foreach (var name in new[] { "..%2f..%2foutside.csv", "%2e%2e", ".hidden", "a%5c..%5cb.csv" })
            Assert.NotEqual(HttpStatusCode.OK, (await PutAsync(client, $"/api/uploads/{Guid.NewGuid()}/{name}", 0, "1")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await PutAsync(client, "/api/uploads/not-an-id/a.csv", 0, "1")).Status);
        Assert.Empty(Directory.EnumerateFiles(fixture.Web.Root.Path, "outside*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_data_set_can_be_downloaded_as_the_csv_that_it_is()
    {
        var (client, _) = await fixture.VisitorAsync();
        using var __ = client;
        var path = Path.Combine(TestData.TemporaryFolder(), "demo.csv");
        await File.WriteAllBytesAsync(path, await client.GetByteArrayAsync(new Uri("/api/datasets/demo/segments.csv", UriKind.Relative), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var library = new EcgPeft.Core.Ecg.DataSetLibrary(fixture.Web.Root);
        Assert.Equal(library.Find("demo").Hash, EcgPeft.Core.Ecg.SegmentCsv.Read(path, cancel: TestContext.Current.CancellationToken).Segments.Hash);
        using var none = await client.GetAsync(new Uri("/api/datasets/none/segments.csv", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static async Task<long> OffsetAsync(HttpClient client, string address) =>
        (await client.GetFromJsonAsync<JsonElement>(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken)).GetProperty("offset").GetInt64();

    private static async Task<(HttpStatusCode Status, long Offset)> PutAsync(HttpClient client, string address, long offset, string piece)
    {
        using var content = new StringContent(piece);
        using var answer = await client.PutAsync(new Uri($"{address}?offset={offset}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("offset").GetInt64() : -1);
    }
}
