using EcgPeft.Core.Checkpoints;
using TorchSharp;

namespace EcgPeft.Tests.Checkpoints;

public sealed class SafetensorsIndexTests
{
    private readonly string _folder = TestData.TemporaryFolder();

    [Fact]
    public void Shards_are_one_file()
    {
        using var scope = torch.NewDisposeScope();
        Shard("1.safetensors", "a", "b");
        Shard("2.safetensors", "c");
        using var file = SafetensorsIndex.Open(Index("""{"metadata":{"total_size":12},"weight_map":{"a":"1.safetensors","c":"2.safetensors","b":"1.safetensors"}}"""));
        Assert.Equal(["a", "b", "c"], file.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("12", file.Metadata["total_size"]);
        TensorAssert.Identical(torch.tensor(new[] { (float)'c' }), file.Read("c"));
        Assert.Equal(["1.safetensors", "2.safetensors"], SafetensorsIndex.ShardNames(file.Path));
        Assert.Contains("'d'", Assert.Throws<CheckpointException>(() => file.Read("d")).Message);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"1.safetensors","c":"3.safetensors"}}""", "3.safetensors")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors","c":"2.safetensors"}}""", "'b' is listed in shard 2.safetensors")]
    [InlineData("""{"weight_map":{"a":"1.safetensors"}}""", "holds tensor 'b'")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","a":"1.safetensors"}}""", "twice")]
    [InlineData("""{"weight_map":{"a":"../1.safetensors"}}""", "leave the folder")]
    [InlineData("""{"weight_map":{"a":".."}}""", "leave the folder")]
    [InlineData("""{"weight_map":{"a":"C:\\x"}}""", "leave the folder")]
    [InlineData("""{"weight_map":{"a":1}}""", "'a'")]
    [InlineData("""{"weights":{}}""", "weight_map")]
    [InlineData("[]", "weight_map")]
    [InlineData("{", "JSON")]
    [InlineData("", "JSON")]
    public void A_wrong_index_is_refused(string json, string message)
    {
        Shard("1.safetensors", "a", "b");
        Shard("2.safetensors", "c");
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => SafetensorsIndex.Open(Index(json))).Message);
    }

    private void Shard(string file, params string[] names)
    {
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(_folder, file), names.Select(n => KeyValuePair.Create(n, torch.tensor(new[] { (float)n[0] }))));
    }

    private string Index(string json)
    {
        var path = Path.Combine(_folder, "model.safetensors.index.json");
        File.WriteAllText(path, json);
        return path;
    }
}
