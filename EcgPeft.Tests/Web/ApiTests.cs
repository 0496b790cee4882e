using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.Web;

/// <summary>The REST API as a script uses it.</summary>
public sealed class ApiTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/datasets", "items")]
    [InlineData("/api/models", null)]
    [InlineData("/api/runs", "items")]
    [InlineData("/api/studies", "items")]
    [InlineData("/api/queue", "waiting")]
    [InlineData("/api/trash", null)]
    public async Task Every_list_answers_and_is_not_sent_twice(string path, string? member)
    {
        using var client = Client();
        using var answer = await client.GetAsync(Relative(path), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var list = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(JsonValueKind.Array, (member is null ? list : list.GetProperty(member)).ValueKind);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again, Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_run_is_started_stopped_changed_cloned_deleted_and_given_back()
    {
        using var client = Client();
        using var held = await OccupyAsync(client);

        using var started = await client.PostAsync(Relative("/api/runs?set=data.path=demo&set=training.epochs=1&tag=api&priority=high"), Json(File.ReadAllText(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"))
            .Replace("facebook/wav2vec2-base", "demo/wav2vec2", StringComparison.Ordinal)), Cancel);
        var run = await started.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(started.StatusCode == HttpStatusCode.Created, run.ToString());
        var id = run.GetProperty("id").GetString()!;
        Assert.Equal($"/api/runs/{id}", started.Headers.Location!.OriginalString);
        Assert.Equal("queued", run.GetProperty("status").GetString());
        var recipe = await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{id}/recipe"), Cancel);
        Assert.Equal((1, Path.Combine(fixture.Web.Root.DataSets, "demo")), (recipe.GetProperty("training").GetProperty("epochs").GetInt32(), recipe.GetProperty("data").GetProperty("path").GetString()));
        Assert.Equal(id, (await client.GetFromJsonAsync<JsonElement>(Relative("/api/runs?tag=api"), Cancel)).GetProperty("items")[0].GetProperty("id").GetString());

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(Relative($"/api/runs/{id}/stop"), null, Cancel)).StatusCode);
        await Refused(await client.PostAsync(Relative($"/api/runs/{id}/stop"), null, Cancel), HttpStatusCode.Conflict, "stopped");
        await Refused(await client.DeleteAsync(Relative("/api/datasets/demo"), Cancel), HttpStatusCode.Conflict, "is in use by run"); // a stopped run may go on

        using var changed = await client.PatchAsync(Relative($"/api/runs/{id}"), Json("""{ "tags": ["a", "b"], "note": "as the paper", "archived": true }"""), Cancel);
        var notes = (await changed.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("notes");
        Assert.Equal(("b", "as the paper"), (notes.GetProperty("tags")[1].GetString(), notes.GetProperty("note").GetString()));
        Assert.Equal(0, (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs?search={id}"), Cancel)).GetProperty("total").GetInt32());
        Assert.Equal(1, (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs?search={id}&archived=true"), Cancel)).GetProperty("total").GetInt32());

        using var cloned = await client.PostAsync(Relative($"/api/runs/{id}/clone?set=seed=7"), null, Cancel);
        var twin = (await cloned.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
        Assert.Equal(7, (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{twin}/recipe"), Cancel)).GetProperty("seed").GetInt32());
        Assert.Contains(twin, (await client.GetStringAsync(Relative("/api/queue"), Cancel)), StringComparison.Ordinal);

        foreach (var gone in new[] { id, twin })
        {
            using var deleted = await client.DeleteAsync(Relative($"/api/runs/{gone}"), Cancel);
            var name = (await deleted.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("name").GetString();
            await Refused(await client.GetAsync(Relative($"/api/runs/{gone}"), Cancel), HttpStatusCode.NotFound, gone);
            if (gone != id) continue;
            Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Relative($"/api/trash/{name}/restore"), null, Cancel)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Relative($"/api/runs/{id}"), Cancel)).StatusCode);
        }
    }

    [Fact]
    public async Task A_clone_on_other_data_is_not_held_to_the_hash_of_those_before()
    {
        using var client = Client();
        using var held = await OccupyAsync(client);
        var run = RunFolder.Create(fixture.Web.Root.Runs, new Recipe { Data = new() { Path = "/data/segments.csv", Hash = "before" }, Backbone = new() { Model = "demo/wav2vec2", Hash = "weights" } });
        using var cloned = await client.PostAsync(Relative($"/api/runs/{run.Id}/clone?set=data.path=demo"), null, Cancel);
        var id = (await cloned.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
        var recipe = await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{id}/recipe"), Cancel);
        Assert.Equal((JsonValueKind.Null, "weights"), (recipe.GetProperty("data").GetProperty("hash").ValueKind, recipe.GetProperty("backbone").GetProperty("hash").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync(Relative($"/api/runs/{id}"), Cancel)).StatusCode);
        Directory.Delete(run.Path, recursive: true); // it never waited, so no list has it
    }

    [Fact]
    public async Task A_run_gets_another_colour_and_dash_each_by_itself()
    {
        using var client = Client();
        var run = RunSamples.Completed(fixture.Web.Root);
        await Until(client, $"/api/runs/{run.Id}", found => found.GetProperty("status").GetString() == "completed");
        var before = RunLook.Of(run);
        var (color, dash) = ((before.Color + 1) % RunLook.Colors, (before.Dash + 1) % RunLook.Dashes);
        foreach (var (change, expected) in new[] { ($"\"color\": {color}", before with { Color = color }), ($"\"dash\": {dash}", new RunLook(color, dash)) })
        {
            using var changed = await client.PatchAsync(Relative($"/api/runs/{run.Id}"), Json($$"""{ "look": { {{change}} } }"""), Cancel);
            var look = (await changed.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("look");
            Assert.Equal(expected, new RunLook(look.GetProperty("color").GetInt32(), look.GetProperty("dash").GetInt32()));
            Assert.Equal(expected, RunLook.Of(run));
        }
        foreach (var wrong in new[] { "{ \"color\": 6 }", "{ \"dash\": -1 }" })
            await Refused(await client.PatchAsync(Relative($"/api/runs/{run.Id}"), Json($$"""{ "tags": ["not kept"], "look": {{wrong}} }"""), Cancel), HttpStatusCode.BadRequest, "There is no");
        Assert.Empty(RunNotes.Read(run).Tags);
        Assert.Equal(new RunLook(color, dash), RunLook.Of(run));
    }

    [Fact]
    public async Task A_study_is_started_and_stopped_as_one()
    {
        using var client = Client();
        using var held = await OccupyAsync(client);
        var recipe = (await File.ReadAllTextAsync(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), Cancel)).Replace("facebook/wav2vec2-base", "demo/wav2vec2", StringComparison.Ordinal);
        var node = JsonNode.Parse(recipe)!;
        node["data"] = JsonNode.Parse("""{ "path": "demo" }""");
        using var started = await client.PostAsync(Relative("/api/studies"), Json($$"""{ "name": "by a script", "base": {{node.ToJsonString()}}, "methods": ["lora", "adapter"], "seeds": [1, 2] }"""), Cancel);
        var study = await started.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(started.StatusCode == HttpStatusCode.Created, study.ToString());
        var id = study.GetProperty("id").GetString()!;
        Assert.Equal((4, "running"), (study.GetProperty("runs").GetArrayLength(), study.GetProperty("status").GetString()));
        Assert.Contains("by a script", await client.GetStringAsync(Relative("/api/studies"), Cancel), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(Relative($"/api/studies/{id}/stop"), null, Cancel)).StatusCode);
        await Refused(await client.PostAsync(Relative($"/api/studies/{id}/stop"), null, Cancel), HttpStatusCode.Conflict, id);
        Assert.Equal("stopped", (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/studies/{id}"), Cancel)).GetProperty("status").GetString());
        using var exported = await client.GetAsync(Relative($"/api/studies/{id}/export"), Cancel);
        Assert.Equal(HttpStatusCode.OK, exported.StatusCode);
        var elsewhere = RunSamples.Root();
        var zip = Path.Combine(elsewhere.Path, "study.zip");
        await File.WriteAllBytesAsync(zip, await exported.Content.ReadAsByteArrayAsync(Cancel), Cancel);
        var came = new EcgPeft.Core.Runs.Exports.RunImport(elsewhere).Import(zip, Cancel);
        Assert.Equal((id, 4), (came.Study, came.Runs.Count));
    }

    [Theory]
    [InlineData("POST", "/api/studies", "{}", 400, "lacks the field 'base'")]
    [InlineData("POST", "/api/studies", "{ \"base\": null }", 400, "wrong kind in the field 'base'")]
    [InlineData("POST", "/api/studies", "{ \"base\": { \"training\": { \"epochs\": \"x\" } } }", 400, "the setting 'training.epochs' has a value of the wrong kind")]
    [InlineData("POST", "/api/studies", "{ \"base\": {}, \"models\": [null] }", 400, "null in the list 'models'")]
    [InlineData("POST", "/api/studies", "{ \"base\": {}, \"search\": {} }", 400, "'space'")]
    [InlineData("POST", "/api/runs", "{ \"data\": null }", 400, "the setting 'data'")]
    [InlineData("POST", "/api/runs", "{ \"seed\": 1, \"seed\": 2 }", 400, "seed twice")]
    [InlineData("PUT", "/api/queue", "", 400, "not valid JSON")]
    [InlineData("PUT", "/api/queue", "[]", 400, "no JSON object")]
    [InlineData("PUT", "/api/queue", "{}", 400, "lacks the field 'concurrency'")]
    [InlineData("PUT", "/api/queue", "{ \"concurrency\": \"x\" }", 400, "wrong kind in the field 'concurrency'")]
    [InlineData("PUT", "/api/queue", "{ \"workers\": 2 }", 400, "a field 'workers', which this address does not take")]
    [InlineData("GET", "/api/runs?limit=abc", null, 400, "limit is 'abc'; it must be a whole number.")]
    [InlineData("POST", "/api/studies", "{ \"base\": { \"data\": { \"path\": \"demo\" } }, \"models\": [\"nobody/nothing\"] }", 400, "nobody/nothing")]
    [InlineData("POST", "/api/studies/nothing/stop", null, 404, "nothing")]
    [InlineData("GET", "/api/runs/nobody", null, 404, "nobody")]
    [InlineData("POST", "/api/runs/nobody/stop", null, 404, "nobody")]
    [InlineData("GET", "/api/runs/nobody/events", null, 404, "nobody")]
    [InlineData("GET", "/api/runs/nobody/export", null, 404, "nobody")]
    [InlineData("GET", "/api/studies/nothing", null, 404, "nothing")]
    [InlineData("GET", "/api/datasets/nothing", null, 404, "nothing")]
    [InlineData("GET", "/api/models/no/model", null, 404, "no/model")]
    [InlineData("GET", "/api/nothing", null, 404, "/openapi")]
    [InlineData("PUT", "/api/runs", "{}", 405, "PUT")]
    [InlineData("GET", "/api/runs?limit=0", null, 400, "limit")]
    [InlineData("GET", "/api/runs?status=asleep", null, 400, "status")]
    [InlineData("POST", "/api/runs", "{}", 400, "data")]
    [InlineData("POST", "/api/runs", "{ \"training\": { \"epochs\": 0 } }", 400, "training.epochs")]
    [InlineData("POST", "/api/runs", "{ \"colour\": 1 }", 400, "colour")]
    [InlineData("POST", "/api/runs", "not json", 400, "JSON")]
    [InlineData("POST", "/api/runs?set=data.path=/no/such/file", "{}", 400, "/no/such/file")]
    [InlineData("POST", "/api/runs?set=data.path=demo&set=backbone.model=nobody/nothing", "{}", 400, "nobody/nothing")]
    [InlineData("PUT", "/api/queue", "{ \"concurrency\": 0 }", 400, "concurrency")]
    public async Task A_refusal_is_a_problem_with_one_sentence(string method, string path, string? body, int status, string names)
    {
        using var client = Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : Json(body) };
        using var answer = await client.SendAsync(request, Cancel);
        await Refused(answer, (HttpStatusCode)status, names);
    }

    [Fact]
    public async Task A_body_of_another_kind_is_refused()
    {
        using var client = Client();
        await Refused(await client.PostAsync(Relative("/api/runs"), new StringContent("{}", Encoding.UTF8, "text/plain"), Cancel), HttpStatusCode.UnsupportedMediaType, "application/json");
        // The body is only sent when it is asked for, so that the refusal cannot meet a connection that is still being written to.
        using var large = new HttpRequestMessage(HttpMethod.Post, Relative("/api/runs")) { Content = Json($"{{ \"name\": \"{new string('x', 2 << 20)}\" }}") };
        large.Headers.ExpectContinue = true;
        await Refused(await client.SendAsync(large, Cancel), HttpStatusCode.RequestEntityTooLarge, "larger");
    }

    [Fact]
    public async Task Results_and_artefacts_are_what_the_folder_holds()
    {
        using var client = Client();
        var run = RunSamples.Completed(fixture.Web.Root);
        await Until(client, $"/api/runs/{run.Id}", r => r.GetProperty("status").GetString() == "completed");
        Assert.Equal(0.1 + 0.2, (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{run.Id}/metrics"), Cancel)).GetProperty("test").GetProperty("accuracy").GetDouble());
        var curves = await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{run.Id}/curves?fromStep=2"), Cancel);
        Assert.Equal([0.5, 1.0 / 3], curves.GetProperty("steps").GetProperty("loss").EnumerateArray().Select(e => e.GetDouble()));
        Assert.StartsWith("run,step,epoch", await client.GetStringAsync(Relative($"/api/runs/{run.Id}/tables/steps.csv"), Cancel), StringComparison.Ordinal);

        var files = await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{run.Id}/files"), Cancel);
        Assert.Contains("metrics.json", files.EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Equal(await File.ReadAllBytesAsync(run.EventsFile, Cancel), await client.GetByteArrayAsync(Relative($"/api/runs/{run.Id}/files/events.jsonl"), Cancel));
    }

    [Theory]
    [InlineData("..%2f..%2fecgpeft.db")]
    [InlineData("../../ecgpeft.db")]
    [InlineData("%2e%2e/%2e%2e/ecgpeft.db")]
    [InlineData("..%5c..%5cecgpeft.db")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("link/passwd")]
    [InlineData("link-to-file")]
    [InlineData("adapter/../../../ecgpeft.db")]
    [InlineData(".hidden")]
    public async Task No_path_leads_out_of_the_run(string path)
    {
        using var client = Client();
        var run = RunSamples.Completed(fixture.Web.Root);
        Directory.CreateSymbolicLink(Path.Combine(run.Path, "link"), "/etc");
        File.CreateSymbolicLink(Path.Combine(run.Path, "link-to-file"), "/etc/passwd");
        await File.WriteAllTextAsync(Path.Combine(run.Path, ".hidden"), "x", Cancel);
        // Sent as it is: a client tidies dots away.
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri($"{fixture.Web.Address}/api/runs/{run.Id}/files/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })), Cancel);
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
        using var asId = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri($"{fixture.Web.Address}/api/runs/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })), Cancel);
        Assert.True(asId.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path}: {asId.StatusCode}");
    }

    [Fact]
    public async Task A_run_leaves_as_a_zip_and_comes_in_elsewhere()
    {
        using var client = Client();
        var elsewhere = RunSamples.Root();
        var run = RunSamples.Completed(elsewhere);
        using var zip = new MemoryStream();
        EcgPeft.Core.Runs.Exports.RunArchive.Write(EcgPeft.Core.Runs.Exports.ExportSource.Find(elsewhere, run.Id), zip, Cancel);
        using var content = new ByteArrayContent(zip.ToArray());
        content.Headers.ContentType = new("application/zip");
        using var imported = await client.PostAsync(Relative("/api/runs/import"), content, Cancel);
        Assert.Equal((HttpStatusCode.Created, $"/api/runs/{run.Id}"), (imported.StatusCode, imported.Headers.Location!.OriginalString));
        Assert.Equal("completed", (await client.GetFromJsonAsync<JsonElement>(Relative($"/api/runs/{run.Id}"), Cancel)).GetProperty("status").GetString());

        foreach (var (format, begins) in new[] { ("zip", "PK"), ("json", "{"), ("csv", "PK"), ("tensorboard", "PK") })
        {
            using var exported = await client.GetAsync(Relative($"/api/runs/{run.Id}/export?format={format}"), Cancel);
            Assert.Equal((HttpStatusCode.OK, "attachment"), (exported.StatusCode, exported.Content.Headers.ContentDisposition?.DispositionType));
            Assert.StartsWith(begins, await exported.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        using (WorkerLock.TryTake(RunFolder.Find(fixture.Web.Root.Runs, run.Id)!))
            await Refused(await client.GetAsync(Relative($"/api/runs/{run.Id}/export"), Cancel), HttpStatusCode.Conflict, "at work");
        using var text = new ByteArrayContent("this is no zip"u8.ToArray());
        text.Headers.ContentType = new("application/zip");
        await Refused(await client.PostAsync(Relative("/api/runs/import"), text, Cancel), HttpStatusCode.BadRequest, "no zip");
        await Refused(await client.GetAsync(Relative($"/api/runs/{run.Id}/export?format=xml"), Cancel), HttpStatusCode.BadRequest, "xml");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(fixture.Web.Root.Cache, "downloads")));
    }

    [Fact]
    public async Task The_document_names_every_address()
    {
        using var client = Client();
        var document = await client.GetFromJsonAsync<JsonElement>(Relative("/openapi/v1.json"), Cancel);
        var paths = document.GetProperty("paths").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        foreach (var path in new[] { "/api/datasets", "/api/models", "/api/runs", "/api/runs/{id}", "/api/runs/{id}/metrics", "/api/runs/{id}/curves", "/api/runs/{id}/events", "/api/runs/{id}/files", "/api/studies/{id}", "/api/runs/{id}/export" })
            Assert.True(paths.ContainsKey(path), $"{path} is not in {string.Join(' ', paths.Keys)}");
        Assert.All(paths.Values.SelectMany(p => p.EnumerateObject()).Where(o => o.Value.ValueKind == JsonValueKind.Object), operation => Assert.True(operation.Value.TryGetProperty("summary", out _), operation.Value.ToString()));
        using var page = await client.GetAsync(Relative("/openapi"), Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotMatch("<script(?![^>]*\\bsrc=)", html); // the policy would not run it
        Assert.DoesNotMatch("(src|href)=\"https?://", html);
    }

    /// <summary>A worker of this test takes the only place, so that runs wait.</summary>
    private async Task<WorkerLock> OccupyAsync(HttpClient client)
    {
        using var one = await client.PutAsync(Relative("/api/queue"), Json("""{ "concurrency": 1 }"""), Cancel);
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        var busy = RunSamples.NewRun(fixture.Web.Root);
        var held = WorkerLock.TryTake(busy)!;
        RunLife.Move(busy, RunStatus.Queued, 0, null);
        RunLife.Move(busy, RunStatus.Running, 0, null);
        await Until(client, $"/api/runs/{busy.Id}", run => run.GetProperty("status").GetString() == "running");
        return held;
    }

    private HttpClient Client() => new() { BaseAddress = new Uri(fixture.Web.Address) };

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task Refused(HttpResponseMessage answer, HttpStatusCode status, string names)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var detail = JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString()!;
        Assert.Contains(names, detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', detail);
    }

    private static async Task Until(HttpClient client, string path, Predicate<JsonElement> reached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TestData.Patience);
        while (true)
        {
            using var answer = await client.GetAsync(Relative(path), limit.Token);
            if (answer.IsSuccessStatusCode && reached(await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token))) return;
            await Task.Delay(50, limit.Token);
        }
    }
}
