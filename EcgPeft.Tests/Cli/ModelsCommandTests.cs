using System.Text.Json;
using EcgPeft.Tests.Checkpoints.Hub;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft models</c>, as a person types it.</summary>
public sealed class ModelsCommandTests : IAsyncLifetime
{
    private const string Small = "somebody/small";

    private readonly string _data = TestData.TemporaryFolder();
    private readonly string _golden = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
    private FakeHub _hub = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await FakeHub.StartAsync();
        foreach (var file in new[] { "config.json", "model.safetensors" }) _hub.Files[$"{Small}/{file}"] = await File.ReadAllBytesAsync(Path.Combine(_golden, file), Cancel);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_pulled_model_is_listed_inspected_and_named_by_recipes()
    {
        var (code, output, error) = await Models("pull", Small);
        Assert.True(code == 0, error);
        Assert.Contains("model.safetensors: 100 %", output, StringComparison.Ordinal);
        Assert.Contains($"{Small} is ready", output, StringComparison.Ordinal);

        (_, output, _) = await Models("list", "--json");
        using var list = JsonDocument.Parse(output);
        var states = list.RootElement.EnumerateArray().ToDictionary(m => m.GetProperty("card").GetProperty("id").GetString()!, m => m.GetProperty("state").GetProperty("kind").GetString());
        Assert.Equal(("ready", "notHere", "ready"), (states[Small], states["facebook/wav2vec2-base"], states["demo/wav2vec2"]));

        (code, output, _) = await Models("inspect", Small, "--json");
        using var report = JsonDocument.Parse(output);
        Assert.Equal(0, code);
        Assert.Equal("wav2vec2", report.RootElement.GetProperty("card").GetProperty("family").GetString());
        Assert.True(report.RootElement.GetProperty("facts").GetProperty("input").GetProperty("frames").GetInt64() > 0);

        var recipe = Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json");
        var csv = EndToEnd.RunView.Csv(40);
        (code, output, error) = await Run("train", "--recipe", recipe, "--data", csv, "--set", $"backbone.model={Small}", "--set", "training.epochs=1", "--set", "preprocessing.inputLength=1000", "--out", Path.Combine(_data, "run"));
        Assert.True(code == 0, error);
        Assert.Contains($"Model: {Small}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipe_that_names_a_model_which_is_not_here_is_refused_with_the_way_to_get_it()
    {
        var recipe = Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json");
        var (code, _, error) = await Run("train", "--recipe", recipe, "--data", EndToEnd.RunView.Csv(40), "--set", "backbone.model=facebook/wav2vec2-base", "--out", Path.Combine(_data, "run"));
        Assert.Equal(2, code);
        Assert.Contains("ecgpeft models pull facebook/wav2vec2-base", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_a_damaged_file_is_inspected_with_exit_code_2()
    {
        var folder = TestData.TemporaryFolder();
        File.Copy(Path.Combine(_golden, "config.json"), Path.Combine(folder, "config.json"));
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.safetensors"), (await File.ReadAllBytesAsync(Path.Combine(_golden, "model.safetensors"), Cancel))[..^10], Cancel);
        var (code, output, error) = await Models("inspect", folder);
        Assert.Equal(2, code);
        Assert.Contains("State: damaged", output, StringComparison.Ordinal);
        Assert.Contains("cut short", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> Models(params string[] arguments) => Run(["models", .. arguments]);

    private Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) => CliProcess.RunAsync(
        [("EcgPeft__DataRoot", _data), ("HF_HOME", Path.Combine(_data, "hf")), ("HF_ENDPOINT", _hub.Address.AbsoluteUri)], arguments);
}
