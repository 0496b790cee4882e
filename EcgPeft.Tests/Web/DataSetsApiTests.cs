using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EcgPeft.Core.Ecg;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

public sealed class DataSetsApiTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task A_good_file_with_groups_becomes_a_data_set()
    {
        var groups = Path.Combine(TestData.TemporaryFolder(), "groups.csv");
        await File.WriteAllLinesAsync(groups, Enumerable.Range(0, 60).Select(row => $"p{row % 6}"), TestContext.Current.CancellationToken);
        var (status, answer) = await UploadAsync(RunView.Csv(60), groups, ("name", "Six People"), ("samplingRateHz", "360"));
        Assert.Equal(HttpStatusCode.Created, status);
        var info = new DataSetLibrary(fixture.Web.Root).Find(answer.GetProperty("id").GetString()!);
        Assert.Equal(("Six People", 60, 6, 360.0), (info.Name, info.Rows, info.GroupCount, info.SamplingRateHz));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(fixture.Web.Root.Cache, "uploads")));
    }

    [Fact]
    public async Task A_name_that_is_a_path_stays_in_its_place()
    {
        var (client, _) = await fixture.VisitorAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(RunView.Csv(60), TestContext.Current.CancellationToken)), "file", "../../../../outside.csv" } };
        using var answer = await PostAsync(client, form);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Empty(Directory.EnumerateFiles(fixture.Web.Root.Path, "outside*", SearchOption.AllDirectories));
        client.Dispose();
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_import()
    {
        var (client, _) = await fixture.VisitorAsync();
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        using var form = new MultipartFormDataContent { { new StringContent("1,2,0"), "file", "a.csv" } };
        using var answer = await client.PostAsync(new Uri("/api/datasets", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        client.Dispose();
    }

    [Fact]
    public async Task An_empty_form_gets_a_sentence()
    {
        var (client, _) = await fixture.VisitorAsync();
        using var form = new MultipartFormDataContent { { new StringContent("x"), "name" } };
        using var answer = await PostAsync(client, form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("Choose a CSV file to upload.", (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("detail").GetString());
        client.Dispose();
    }

    [Fact]
    public async Task Every_bad_file_is_refused_with_row_and_column()
    {
        using var defects = JsonDocument.Parse(await File.ReadAllTextAsync(TestData.RealEcgFile("bad/defects.json"), TestContext.Current.CancellationToken));
        foreach (var defect in defects.RootElement.EnumerateArray().Where(defect => defect.GetProperty("kind").GetString() == "error"))
        {
            var file = defect.GetProperty("file").GetString()!;
            var (status, answer) = await UploadAsync(TestData.RealEcgFile($"bad/{file}"), null);
            Assert.True(status == HttpStatusCode.BadRequest, $"{file}: {status}");
            var sentence = answer.GetProperty("detail").GetString()!;
            foreach (var place in new[] { "row", "column" })
            {
                if (defect.GetProperty(place).ValueKind != JsonValueKind.Number) continue;
                Assert.True(answer.GetProperty(place).ValueKind == JsonValueKind.Number, $"{file}: no {place} in {sentence}");
                Assert.Equal((file, defect.GetProperty(place).GetInt32()), (file, answer.GetProperty(place).GetInt32()));
                Assert.Contains($"{place} {defect.GetProperty(place).GetInt32()}", sentence, StringComparison.OrdinalIgnoreCase);
            }
            Assert.DoesNotContain('\n', sentence);
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> UploadAsync(string csv, string? groups, params (string Name, string Value)[] fields)
    {
        var (client, _) = await fixture.VisitorAsync();
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        if (groups is not null) form.Add(new StreamContent(File.OpenRead(groups)), "groups", Path.GetFileName(groups));
        form.Add(new StreamContent(File.OpenRead(csv)), "file", Path.GetFileName(csv));
        using var answer = await PostAsync(client, form);
        client.Dispose();
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, HttpContent form) =>
        client.PostAsync(new Uri("/api/datasets", UriKind.Relative), form, TestContext.Current.CancellationToken);
}
