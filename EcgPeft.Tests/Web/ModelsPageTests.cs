using AngleSharp.Dom;
using Bunit;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Checkpoints.Hub;
using EcgPeft.Tests.Checkpoints.Hub;
using EcgPeft.Web.Components.Pages.Models;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace EcgPeft.Tests.Web;

public sealed class ModelsPageTests : IAsyncLifetime
{
    private const string Small = "somebody/small";
    private readonly DataRoot _root = new(TestData.TemporaryFolder());
    private readonly string _golden = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
    private FakeHub _hub = null!;
    private ModelCatalogue _catalogue = null!;
    private ModelDownloads _downloads = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await FakeHub.StartAsync();
        foreach (var file in new[] { "config.json", "model.safetensors" }) _hub.Files[$"{Small}/{file}"] = await File.ReadAllBytesAsync(Path.Combine(_golden, file), Xunit.TestContext.Current.CancellationToken);
        _catalogue = new ModelCatalogue(_root, new HubOptions { Endpoint = _hub.Address, CacheFolder = Path.Combine(_root.Path, "hub"), Attempts = 1 });
        _downloads = new ModelDownloads(_catalogue);
    }

    public async ValueTask DisposeAsync()
    {
        _downloads.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_card_has_all_that_a_choice_needs()
    {
        await using var context = Context();
        var page = await Open(context);
        Assert.Equal(_catalogue.Models.Select(model => model.Id), page.FindAll("[data-model]").Select(card => card.GetAttribute("data-model")));
        var card = Card(page, "wanglab/ecg-fm/mimic_iv_ecg_physionet_pretrained.pt");
        var text = card.TextContent;
        Assert.All(["90.37 M", "12 × 2,500", "500 Hz", "156", "16 samples", "MIMIC-IV-ECG", "MIT", "12 post-norm transformer layers", "huggingface.co/wanglab/ecg-fm"], part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Contains(card.QuerySelectorAll("a"), link => link.GetAttribute("href") == "https://arxiv.org/abs/2408.05178");
        Assert.Equal("Not here", State(page, "facebook/wav2vec2-base"));
        Assert.Equal("Ready", State(page, "demo/wav2vec2"));
        Assert.Contains(Card(page, "demo/wav2vec2").QuerySelectorAll("a"), link => link.GetAttribute("href") == "new?model=demo%2Fwav2vec2");
    }

    [Fact]
    public async Task A_download_is_shown_outlives_the_page_and_ends_in_a_card()
    {
        var held = new TaskCompletionSource();
        await using (var context = Context())
        {
            var page = await Open(context);
            _hub.Halfway = () => held.Task;
            Add(page, Small);
            page.WaitForAssertion(() => Assert.Contains($"{Small}: config.json", page.Markup, StringComparison.Ordinal), TestData.Patience);
        }
        Assert.NotNull(_downloads.Of(Small));

        await using var again = Context();
        var reopened = await Open(again);
        Assert.Contains($"Cancel the download of {Small}", reopened.Markup, StringComparison.Ordinal);
        held.SetResult();
        reopened.WaitForAssertion(() => Assert.Equal("Ready", State(reopened, Small)), TestData.Patience);
    }

    [Fact]
    public async Task A_failure_says_why_and_offers_another_try()
    {
        await using var context = Context();
        var page = await Open(context);
        Card(page, "facebook/hubert-base-ls960").QuerySelector("button[aria-label^=Download]")!.Click();
        page.WaitForAssertion(() => Assert.Contains("no repository facebook/hubert-base-ls960", Card(page, "facebook/hubert-base-ls960").QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal), TestData.Patience);
        Assert.Contains("Download again", Card(page, "facebook/hubert-base-ls960").TextContent, StringComparison.Ordinal);

        Add(page, "no such thing");
        page.WaitForAssertion(() => Assert.Contains("neither a folder", page.Find("#add-error").TextContent, StringComparison.Ordinal), TestData.Patience);
    }

    [Fact]
    public async Task A_folder_becomes_a_card_and_damage_is_named_on_it()
    {
        var folder = TestData.TemporaryFolder();
        foreach (var file in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(_golden, file), Path.Combine(folder, file));
        await using var context = Context();
        var page = await Open(context);
        Add(page, folder);
        page.WaitForAssertion(() => Assert.Equal("Ready", State(page, folder)), TestData.Patience);

        using (var weights = new FileStream(Path.Combine(folder, "model.safetensors"), FileMode.Open)) weights.SetLength(weights.Length - 100);
        await using var again = Context();
        var reopened = await Open(again);
        Assert.Equal("Damaged", State(reopened, folder));
        Assert.Contains("cut short", Card(reopened, folder).QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Card(reopened, folder).QuerySelectorAll("button").Single(button => button.TextContent.Contains("Take off the list", StringComparison.Ordinal)).Click();
        reopened.WaitForAssertion(() => Assert.DoesNotContain(folder, reopened.FindAll("[data-model]").Select(card => card.GetAttribute("data-model"))), TestData.Patience);
    }

    [Theory]
    [InlineData("[{ \"id\": \"x\"")]
    [InlineData("[null]")]
    [InlineData("{}")]
    public async Task A_damaged_list_of_added_models_is_one_sentence_and_the_other_models_stay_usable(string content)
    {
        Directory.CreateDirectory(_root.Models);
        var list = Path.Combine(_root.Models, "catalogue.json");
        await File.WriteAllTextAsync(list, content, Xunit.TestContext.Current.CancellationToken);
        await using var context = Context();
        var page = await Open(context);
        Assert.Contains("is damaged", page.Find("#registry-problem").TextContent, StringComparison.Ordinal);
        Assert.Equal("Ready", State(page, "demo/wav2vec2"));
        Assert.Contains(_catalogue.Ready(), card => card.Id == "demo/wav2vec2");
        Assert.Contains("is damaged", Assert.Throws<UserInputException>(() => _catalogue.FolderOf("somebody/else")).Message, StringComparison.Ordinal);
        // It may be mended by hand, so it is not written over.
        Assert.Throws<UserInputException>(() => _catalogue.UseFolder(_golden));
        Assert.Equal(content, await File.ReadAllTextAsync(list, Xunit.TestContext.Current.CancellationToken));
    }

    private static async Task<IRenderedComponent<ModelsPage>> Open(BunitContext context)
    {
        var page = context.Render<ModelsPage>();
        await page.WaitForElementAsync("[data-model]", TestData.Patience);
        return page;
    }

    private static void Add(IRenderedComponent<ModelsPage> page, string name)
    {
        page.Find(".add-model input").Input(name);
        page.Find(".add-model").Submit();
    }

    private static IElement Card(IRenderedComponent<ModelsPage> page, string id) => page.FindAll("[data-model]").Single(card => card.GetAttribute("data-model") == id);

    private static string State(IRenderedComponent<ModelsPage> page, string id) => Card(page, id).QuerySelector("[data-state]")!.TextContent;

    private BunitContext Context()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        context.Services.AddSingleton(_catalogue);
        // As an instance, it is not the context's to dispose of.
        context.Services.AddSingleton(_downloads);
        return context;
    }
}
