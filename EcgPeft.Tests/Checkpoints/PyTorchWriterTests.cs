using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Checkpoints;

/// <summary>What is written as torch.save would comes back as it was.</summary>
public sealed class PyTorchWriterTests
{
    [Fact]
    public void Tensors_and_plain_values_come_back()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var tensors = new Dictionary<string, Tensor>
        {
            ["a"] = randn(3, 4), ["turned"] = randn(3, 4).t(), ["scalar"] = tensor(2.5), ["none"] = zeros(0, 5), ["half"] = randn(2).to(ScalarType.BFloat16), ["whole"] = arange(3L),
        };
        var path = Path.Combine(TestData.TemporaryFolder(), "model.pt");
        PyTorchWriter.Write(path, new Dictionary<string, object?>
        {
            ["cfg"] = new Dictionary<string, object?>
            {
                ["text"] = "é", ["whole"] = 7, ["large"] = 1L << 40, ["below"] = -3, ["number"] = 0.1, ["yes"] = true, ["no"] = false, ["nothing"] = null,
                ["list"] = new object?[] { 1L, "two", new Dictionary<string, object?>() },
            },
            ["model"] = tensors.ToDictionary(t => t.Key, t => (object?)t.Value),
        });

        using var read = PyTorchFile.Open(path);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), read.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, expected) in tensors) TensorAssert.Identical(expected.contiguous(), read.Read(name));
        var config = read.Config("cfg");
        Assert.Equal(("é", 7L, 1L << 40, -3L, 0.1, true, false, null), (config["text"], config["whole"], config["large"], config["below"], config["number"], config["yes"], config["no"], config["nothing"]));
        Assert.Equal([1L, "two"], ((IReadOnlyList<object?>)config["list"]!).Take(2));
    }

    [Fact]
    public void A_value_without_a_place_is_refused() =>
        Assert.Throws<ArgumentException>(() => PyTorchWriter.Write(Path.Combine(TestData.TemporaryFolder(), "x.pt"), new Dictionary<string, object?> { ["date"] = DateTime.UnixEpoch }));
}
