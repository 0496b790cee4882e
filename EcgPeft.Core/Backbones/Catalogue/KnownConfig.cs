namespace EcgPeft.Core.Backbones.Catalogue;

/// <summary>The configurations of known models that are part of the product (<c>Catalogue/Configs</c>).</summary>
internal static class KnownConfig
{
    public static ConfigJson Read(string name) => ConfigJson.Parse(name, Bytes(name));

    public static byte[] Bytes(string name)
    {
        using var stream = typeof(KnownConfig).Assembly.GetManifestResourceStream($"EcgPeft.Core.Backbones.Catalogue.Configs.{name}") ?? throw new InvalidOperationException($"There is no configuration {name} in this assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
