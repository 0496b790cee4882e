using System.Net;
using System.Net.Sockets;
using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Checkpoints.Hub;

namespace EcgPeft.Tests.Checkpoints.Hub;

public sealed class HubClientTests : IAsyncLifetime
{
    private const string Repository = "facebook/small";

    private readonly string _cache = Path.Combine(TestData.TemporaryFolder(), "hub");
    private readonly byte[] _weights = new byte[3_000_000];
    private FakeHub _hub = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Blobs => Path.Combine(_cache, "models--facebook--small", "blobs");

    public async ValueTask InitializeAsync()
    {
        new Random(3).NextBytes(_weights);
        _hub = await FakeHub.StartAsync();
        _hub.Files[$"{Repository}/config.json"] = Encoding.UTF8.GetBytes("{}");
        _hub.Files[$"{Repository}/model.safetensors"] = _weights;
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_model_lands_in_the_layout_of_the_Python_tools()
    {
        _hub.Files[$"{Repository}/preprocessor_config.json"] = Encoding.UTF8.GetBytes("""{"do_normalize":true}""");
        _hub.Files[$"{Repository}/pytorch_model.bin"] = _weights;
        var progress = new Recorded();
        using var client = Client();

        var folder = await client.DownloadModelAsync(Repository, progress: progress, cancel: Cancel);

        var root = Path.Combine(_cache, "models--facebook--small");
        Assert.Equal(Path.Combine(root, "snapshots", FakeHub.Commit), folder);
        Assert.Equal(["config.json", "model.safetensors", "preprocessor_config.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(folder, "model.safetensors"), Cancel));
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(root, "refs", "main"), Cancel));
        Assert.Equal(3, Directory.GetFiles(Blobs).Length);
        if (!OperatingSystem.IsWindows()) Assert.StartsWith("../../blobs/", new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget, StringComparison.Ordinal);
        Assert.Equal(new HubProgress("model.safetensors", _weights.Length, _weights.Length), progress.Reports.Last(r => r.File == "model.safetensors"));
        Assert.Equal(progress.Reports.Where(r => r.File == "model.safetensors").Select(r => r.BytesDone).Order(), progress.Reports.Where(r => r.File == "model.safetensors").Select(r => r.BytesDone));
        Assert.Equal(Path.Combine(folder, "config.json"), client.FindCached(Repository, "config.json"));
    }

    [Fact]
    public async Task What_is_in_the_cache_is_not_fetched_again()
    {
        using var client = Client();
        await client.DownloadModelAsync(Repository, cancel: Cancel);
        await client.DownloadModelAsync(Repository, cancel: Cancel);
        Assert.Equal(1, _hub.Gets("model.safetensors"));

        var before = _hub.Requests.Count;
        await client.DownloadAsync(Repository, "model.safetensors", FakeHub.Commit, cancel: Cancel);
        Assert.Equal(before, _hub.Requests.Count);
    }

    [Fact]
    public async Task A_blob_cut_short_on_disk_is_fetched_again()
    {
        using var client = Client();
        var path = await client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel);
        await File.WriteAllBytesAsync(Directory.GetFiles(Blobs).Single(), _weights[..10], Cancel);
        Assert.Equal(path, await client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel));
        Assert.Equal(_weights, await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task Shards_and_PyTorch_files_are_the_second_and_third_choice()
    {
        using var client = Client();
        _hub.Files.Remove($"{Repository}/model.safetensors");
        Assert.Contains("pytorch_model.bin", (await Assert.ThrowsAsync<HubException>(() => client.DownloadModelAsync(Repository, cancel: Cancel))).Message);

        _hub.Files[$"{Repository}/pytorch_model.bin"] = _weights;
        Assert.True(File.Exists(Path.Combine(await client.DownloadModelAsync(Repository, cancel: Cancel), "pytorch_model.bin")));

        _hub.Files[$"{Repository}/model.safetensors.index.json"] = Encoding.UTF8.GetBytes("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");
        _hub.Files[$"{Repository}/1.safetensors"] = _weights[..5000];
        Assert.Contains("2.safetensors", (await Assert.ThrowsAsync<HubException>(() => client.DownloadModelAsync(Repository, cancel: Cancel))).Message);
        _hub.Files[$"{Repository}/2.safetensors"] = _weights[..6000];
        var folder = await client.DownloadModelAsync(Repository, cancel: Cancel);
        Assert.Equal(6000, (await File.ReadAllBytesAsync(Path.Combine(folder, "2.safetensors"), Cancel)).Length);
    }

    [Fact]
    public async Task A_named_checkpoint_needs_no_config()
    {
        _hub.Files.Remove($"{Repository}/config.json");
        _hub.Files[$"{Repository}/weights/finetuned.pt"] = _weights;
        using var client = Client();
        var folder = await client.DownloadModelAsync(Repository, checkpoint: "weights/finetuned.pt", cancel: Cancel);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(folder, "weights", "finetuned.pt"), Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_connections_are_resumed_where_they_broke(bool ignoresRange)
    {
        _hub.IgnoresRange = ignoresRange;
        foreach (var cut in new[] { 500_000, 700_000, 0 }) _hub.Cuts.Enqueue(cut);
        using var client = new HubClient(Options() with { Attempts = 4 });
        var path = await client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(path, Cancel));
        var ranges = _hub.Requests.Where(r => r.Method == "GET").Select(r => r.Range).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.Null(ranges[0]);
        Assert.All(ranges.Skip(1), r => Assert.NotNull(r));
    }

    [Fact]
    public async Task A_connection_that_keeps_breaking_is_given_up_and_its_part_kept()
    {
        for (var i = 0; i < 3; i++) _hub.Cuts.Enqueue(200_000);
        using (var client = Client())
        {
            var error = await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel));
            Assert.Contains("broke off 3 times", error.Message);
        }
        var kept = new FileInfo(Directory.GetFiles(Blobs, "*.incomplete").Single()).Length;
        Assert.InRange(kept, 1, 600_000);

        using var again = Client();
        var path = await again.DownloadAsync(Repository, "model.safetensors", cancel: Cancel);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(path, Cancel));
        Assert.Equal($"bytes={kept}-", _hub.Requests.Last(r => r.Method == "GET").Range);
        Assert.Empty(Directory.GetFiles(Blobs, "*.incomplete"));
    }

    [Fact]
    public async Task A_cancelled_download_leaves_a_part_that_is_resumed()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = new TaskCompletionSource();
        _hub.Halfway = () => held.Task;
        var progress = new Recorded { Then = r => { if (r.BytesDone > 0) cancel.Cancel(); } };
        using var client = Client();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DownloadAsync(Repository, "model.safetensors", progress: progress, cancel: cancel.Token));
        held.SetResult();
        _hub.Halfway = () => Task.CompletedTask;
        var kept = new FileInfo(Directory.GetFiles(Blobs, "*.incomplete").Single()).Length;
        Assert.InRange(kept, 1, _weights.Length / 2);

        Assert.Equal(_weights, await File.ReadAllBytesAsync(await client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel), Cancel));
        Assert.Equal($"bytes={kept}-", _hub.Requests.Last(r => r.Method == "GET").Range);
    }

    [Fact]
    public async Task A_wrong_hash_is_refused_and_nothing_of_it_stays()
    {
        _hub.WrongHash = new string('a', 64);
        using var client = Client();
        var error = await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel));
        Assert.Contains("SHA-256", error.Message);
        Assert.IsAssignableFrom<UserInputException>(error);
        Assert.Empty(Directory.GetFiles(Blobs));
        Assert.Null(client.FindCached(Repository, "model.safetensors"));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_but_not_to_where_it_redirects()
    {
        await using var store = await FakeHub.StartAsync();
        store.Files[$"{Repository}/model.safetensors"] = _weights;
        _hub.Store = store;
        _hub.RequiredToken = "hf_secret";
        store.Cuts.Enqueue(400_000);
        using var client = Client(token: "hf_secret");
        var path = await client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(path, Cancel));
        Assert.All(_hub.Requests, r => Assert.Equal("Bearer hf_secret", r.Authorization));
        Assert.Equal(2, store.Requests.Count);
        Assert.All(store.Requests, r => Assert.Null(r.Authorization));
        Assert.NotNull(store.Requests.Last().Range);
    }

    [Fact]
    public async Task A_private_model_asks_for_a_token()
    {
        _hub.RequiredToken = "hf_secret";
        using var client = Client(token: "wrong");
        var message = (await Assert.ThrowsAsync<HubException>(() => client.DownloadModelAsync(Repository, cancel: Cancel))).Message;
        Assert.Contains("HF_TOKEN", message);
        Assert.DoesNotContain("wrong", message);
    }

    [Theory]
    [InlineData("facebook/unknown", "config.json", "main", "no repository facebook/unknown")]
    [InlineData(Repository, "absent.bin", "main", "no file absent.bin")]
    [InlineData(Repository, "config.json", "v9", "no revision 'v9'")]
    [InlineData("../etc", "config.json", "main", "'../etc'")]
    [InlineData("a/b/c", "config.json", "main", "'a/b/c'")]
    [InlineData(Repository, "../../x", "main", "'../../x'")]
    [InlineData(Repository, "config.json", "../main", "'../main'")]
    public async Task What_is_not_there_is_named(string repository, string file, string revision, string message)
    {
        using var client = Client();
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(repository, file, revision, cancel: Cancel))).Message);
    }

    [Fact]
    public async Task Passing_refusals_are_tried_again_a_bounded_number_of_times()
    {
        using var client = Client();
        _hub.Failures.Enqueue(503);
        _hub.Failures.Enqueue(429);
        await client.DownloadAsync(Repository, "config.json", cancel: Cancel);

        for (var i = 0; i < 3; i++) _hub.Failures.Enqueue(503);
        Assert.Contains("503", (await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(Repository, "model.safetensors", cancel: Cancel))).Message);
        Assert.Empty(_hub.Failures);
    }

    [Fact]
    public async Task Two_clients_at_once_fetch_a_file_once()
    {
        var first = new TaskCompletionSource();
        _hub.Halfway = () => first.Task;
        using var a = Client();
        using var b = Client();
        var downloads = new[] { a, b, a, b }.Select(c => c.DownloadAsync(Repository, "model.safetensors", cancel: Cancel)).ToList();
        first.SetResult();
        var paths = await Task.WhenAll(downloads);
        Assert.Single(paths.Distinct());
        Assert.Equal(_weights, await File.ReadAllBytesAsync(paths[0], Cancel));
        Assert.Equal(1, _hub.Gets("model.safetensors"));
    }

    [Fact]
    public async Task Offline_only_the_cache_answers()
    {
        using var offline = new HubClient(Options() with { Offline = true });
        Assert.Contains("HF_HUB_OFFLINE", (await Assert.ThrowsAsync<HubException>(() => offline.DownloadModelAsync(Repository, cancel: Cancel))).Message);
        using var client = Client();
        var folder = await client.DownloadModelAsync(Repository, cancel: Cancel);
        var before = _hub.Requests.Count;
        Assert.Equal(folder, await offline.DownloadModelAsync(Repository, cancel: Cancel));
        Assert.Equal(before, _hub.Requests.Count);
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_and_a_server_that_is_no_hub_are_told_apart()
    {
        var port = FreePort();
        using var nobody = new HubClient(Options() with { Endpoint = new Uri($"http://127.0.0.1:{port}") });
        Assert.Contains("cannot be reached", (await Assert.ThrowsAsync<HubException>(() => nobody.DownloadModelAsync(Repository, cancel: Cancel))).Message);

        await using var store = await FakeHub.StartAsync();
        _hub.Files[$"{Repository}/config.json"] = [];
        store.Large = _ => true;
        store.WrongHash = "../../evil";
        store.Files[$"{Repository}/config.json"] = _weights;
        using var strange = new HubClient(Options() with { Endpoint = store.Address });
        Assert.Contains("HF_ENDPOINT", (await Assert.ThrowsAsync<HubException>(() => strange.DownloadModelAsync(Repository, cancel: Cancel))).Message);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(TestData.TemporaryFolder(), "file");
        await File.WriteAllTextAsync(file, "x", Cancel);
        using var client = new HubClient(Options() with { CacheFolder = Path.Combine(file, "hub") });
        Assert.Contains(file, (await Assert.ThrowsAsync<HubException>(() => client.DownloadModelAsync(Repository, cancel: Cancel))).Message);
    }

    private HubOptions Options() => new() { Endpoint = _hub.Address, CacheFolder = _cache, Attempts = 3, RetryDelay = TimeSpan.FromMilliseconds(1) };

    private HubClient Client(string? token = null) => new(Options() with { Token = token });

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Recorded : IProgress<HubProgress>
    {
        public List<HubProgress> Reports { get; } = [];

        public Action<HubProgress> Then { get; init; } = _ => { };

        public void Report(HubProgress value)
        {
            Reports.Add(value);
            Then(value);
        }
    }
}
