using System.Reflection;
using System.Text.Json.Serialization;

namespace EcgPeft.Core.Peft.Settings;

/// <summary>A method as a form presents it.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Sentence">What it does, in one sentence.</param>
/// <param name="Places">Where it sits with its default settings; <see cref="PeftConfig.Places"/> says it for others.</param>
/// <param name="Settings">Its settings with ranges and defaults.</param>
/// <param name="Defaults">The method with its default settings.</param>
public sealed record PeftMethod(string Name, string Title, string Sentence, IReadOnlyList<LayerPlace> Places, IReadOnlyList<PeftSetting> Settings, PeftConfig Defaults)
{
    /// <summary>All methods, in the order in which <see cref="PeftConfig"/> registers them.</summary>
    public static IReadOnlyList<PeftMethod> All { get; } =
        [.. typeof(PeftConfig).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(a => Of((PeftConfig)Activator.CreateInstance(a.DerivedType)!))];

    /// <summary>The method of a name, or null.</summary>
    /// <param name="name">Its name in recipes.</param>
    public static PeftMethod? Find(string name) => All.FirstOrDefault(m => m.Name == name);

    private static PeftMethod Of(PeftConfig config) => new(config.Method, config.Title, config.Sentence, config.Places, PeftSetting.Of(config), config);
}
