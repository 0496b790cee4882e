using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Checkpoints.Hub;
using EcgPeft.Tests.Checkpoints.Hub;

namespace EcgPeft.Tests.Backbones;

/// <summary>Models by name: what is known of them, where they are, how they come here.</summary>
public sealed class ModelCatalogueTests : IAsyncLifetime
{
    private const string Small = "somebody/small";

    private readonly DataRoot _root = new(TestData.TemporaryFolder());
    private readonly string _golden = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
    private FakeHub _hub = null!;
    private ModelCatalogue _catalogue = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await FakeHub.StartAsync();
        foreach (var file in new[] { "config.json", "model.safetensors" }) _hub.Files[$"{Small}/{file}"] = await File.ReadAllBytesAsync(Path.Combine(_golden, file), Cancel);
        _catalogue = new ModelCatalogue(_root, new HubOptions { Endpoint = _hub.Address, CacheFolder = Path.Combine(_root.Path, "hub"), Attempts = 1 });
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public void Every_known_model_says_what_a_person_needs_to_choose()
    {
        Assert.All(KnownModels.All, card =>
        {
            var report = ModelReport.Of(_catalogue, card.Id, content: false);
            Assert.NotNull(report.Page);
            Assert.NotNull(card.Licence);
            Assert.NotNull(card.Paper);
            Assert.NotEmpty(card.PreTraining);
            Assert.Equal(card.Family == "ecg-fm" ? (12, 500, 2500, 156) : (1, 16_000, 16_000, 49), (report.Facts!.Input.Leads, report.Facts.Input.SamplingRateHz, report.Facts.Input.Length, report.Facts.Input.Frames));
            Assert.Equal(ModelStateKind.NotHere, report.State.Kind);
        });
        Assert.Equal(94_371_712, _catalogue.FactsOf("facebook/wav2vec2-base")!.Parameters);
    }

    [Fact]
    public void A_model_that_is_not_here_is_an_error_that_says_how_to_get_it()
    {
        var message = Assert.Throws<UserInputException>(() => _catalogue.FolderOf("facebook/wav2vec2-base")).Message;
        Assert.Contains("ecgpeft models pull facebook/wav2vec2-base", message, StringComparison.Ordinal);
        Assert.Contains("demo/wav2vec2", Assert.Throws<UserInputException>(() => _catalogue.FolderOf("wav2vec2-bas")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pulled_model_is_ready_under_its_hub_id_and_loads()
    {
        var path = await _catalogue.PullAsync(Small, cancel: Cancel);
        Assert.Equal(path, _catalogue.FolderOf(Small));
        Assert.Equal(path, _catalogue.FolderOf($"{Small}@{FakeHub.Commit}"));
        Assert.Contains(_catalogue.Ready(), card => card.Id == Small && card.Family == "wav2vec2");
        using var loaded = ModelFolder.Load(_catalogue.FolderOf(Small), newHead: null);
        Assert.Equal(_catalogue.FactsOf(Small)!.Parameters, loaded.Backbone.parameters().Sum(p => p.numel()));

        _catalogue.Forget(Small);
        Assert.Null(_catalogue.Find(Small));
    }

    [Fact]
    public async Task One_checkpoint_of_several_is_named_after_the_repository()
    {
        foreach (var name in new[] { "a.pt", "b.pt" }) _hub.Files[$"somebody/ecg/{name}"] = await File.ReadAllBytesAsync(Path.Combine(TestData.Golden, TestData.GoldenCases("ecg-fm").First(), "checkpoint.pt"), Cancel);
        var path = await _catalogue.PullAsync("somebody/ecg/b.pt", cancel: Cancel);
        Assert.Equal("b.pt", Path.GetFileName(path));
        Assert.Equal(12, _catalogue.FactsOf("somebody/ecg/b.pt")!.Input.Leads);
        Assert.Throws<UserInputException>(() => _catalogue.FolderOf("somebody/ecg/a.pt"));
    }

    [Theory]
    [InlineData("demo/wav2vec2", "comes with the product")]
    [InlineData("wav2vec2", "organisation/name")]
    [InlineData("somebody/small/weights.zip", "organisation/name")]
    [InlineData("somebody/absent", "no repository somebody/absent")]
    [InlineData("somebody/bert", "'bert' is not known")]
    public async Task What_cannot_be_pulled_is_refused_in_one_sentence(string id, string message)
    {
        _hub.Files["somebody/bert/config.json"] = """{"model_type":"bert"}"""u8.ToArray();
        _hub.Files["somebody/bert/model.safetensors"] = _hub.Files[$"{Small}/model.safetensors"];
        Assert.Contains(message, (await Assert.ThrowsAnyAsync<UserInputException>(() => _catalogue.PullAsync(id, cancel: Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_do_not_fit_or_have_changed_are_damaged_and_named()
    {
        var path = await _catalogue.PullAsync(Small, cancel: Cancel);
        var weights = Path.Combine(path, "model.safetensors");
        Assert.Equal(ModelStateKind.Ready, _catalogue.StateOf(Small, content: true).Kind);

        var bytes = await File.ReadAllBytesAsync(weights, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(weights, bytes, Cancel);
        Assert.Equal(ModelStateKind.Ready, _catalogue.StateOf(Small).Kind);
        Assert.Contains("SHA-256", _catalogue.StateOf(Small, content: true).Problem, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(weights, bytes[..^1000], Cancel);
        var state = _catalogue.StateOf(Small);
        Assert.Equal(ModelStateKind.Damaged, state.Kind);
        Assert.Contains("cut short", state.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(_catalogue.Ready(), card => card.Id == Small);
        Assert.NotNull(_catalogue.FactsOf(Small));
    }

    [Fact]
    public async Task A_pull_that_stopped_before_the_weights_leaves_a_model_that_is_not_here()
    {
        _hub.Files.Remove($"{Small}/model.safetensors");
        await Assert.ThrowsAsync<HubException>(() => _catalogue.PullAsync(Small, cancel: Cancel));
        Assert.Equal(ModelState.NotHere, _catalogue.StateOf(Small));
    }

    [Fact]
    public void A_folder_is_used_under_its_path_and_never_as_another_model()
    {
        var id = _catalogue.UseFolder(_golden);
        Assert.Equal(_golden, _catalogue.FolderOf(id));
        Assert.Contains(_catalogue.Ready(), card => card.Id == id);
        Assert.True(new ModelCatalogue(_root).IsFromFolder(id)); // it is remembered

        var message = Assert.Throws<UserInputException>(() => _catalogue.UseFolder(_golden, "facebook/wav2vec2-base")).Message;
        Assert.Contains("holds another model than facebook/wav2vec2-base", message, StringComparison.Ordinal);
        Assert.Contains("no folder", Assert.Throws<UserInputException>(() => _catalogue.UseFolder(_golden + "-absent")).Message, StringComparison.Ordinal);
        Assert.Contains("holds no model", Assert.Throws<UserInputException>(() => _catalogue.UseFolder(TestData.TemporaryFolder())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_belongs_to_the_process_and_shows_where_it_is()
    {
        var held = new TaskCompletionSource();
        _hub.Halfway = () => held.Task;
        using var downloads = new ModelDownloads(_catalogue);
        var shares = new List<double>();
        downloads.Changed += () =>
        {
            if (downloads.Of(Small) is { } now) shares.Add(now.Share);
        };
        downloads.Start(Small);
        downloads.Start(Small);
        await Until(() => downloads.Of(Small) is { File: "config.json" }); // held there
        held.SetResult();
        await Until(() => downloads.Of(Small) is null);
        Assert.Equal(ModelStateKind.Ready, _catalogue.StateOf(Small).Kind);
        Assert.Equal(1, _hub.Gets("model.safetensors"));
        Assert.Equal(1, shares[^1]);
        Assert.Equal(shares.Order(), shares);
    }

    [Fact]
    public async Task A_download_is_cancelled_or_tells_why_it_failed()
    {
        var held = new TaskCompletionSource();
        _hub.Halfway = () => held.Task;
        using var downloads = new ModelDownloads(_catalogue);
        downloads.Start(Small);
        await Until(() => downloads.Of(Small)?.File is not null);
        downloads.Cancel(Small);
        await Until(() => downloads.Of(Small) is null);
        Assert.Equal(ModelStateKind.NotHere, _catalogue.StateOf(Small).Kind);
        held.SetResult();

        downloads.Start("somebody/absent");
        await Until(() => downloads.Of("somebody/absent")?.Failure is not null);
        Assert.Contains("no repository somebody/absent", downloads.Of("somebody/absent")!.Failure, StringComparison.Ordinal);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TestData.Patience);
        while (!condition()) await Task.Delay(10, timeout.Token);
    }
}
