namespace EcgPeft.Core.Peft.Settings;

/// <summary>What a setting of a method means and which values it takes: forms are made from it and recipes are checked by it.</summary>
/// <param name="sentence">One sentence for the person who sets it.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PeftSettingAttribute(string sentence) : Attribute
{
    /// <summary>One sentence for the person who sets it.</summary>
    public string Sentence { get; } = sentence;

    /// <summary>Its name for people; null makes one of the property's name.</summary>
    public string? Label { get; init; }

    /// <summary>Lowest value; NaN where there is none.</summary>
    public double Min { get; init; } = double.NaN;

    /// <summary>Highest value; NaN where there is none.</summary>
    public double Max { get; init; } = double.NaN;

    /// <summary>Whether the value must be above <see cref="Min"/>, not only at least it.</summary>
    public bool AboveMin { get; init; }

    /// <summary>Whether the value must be below <see cref="Max"/>, not only at most it.</summary>
    public bool BelowMax { get; init; }

    /// <summary>The texts that are allowed; empty where any is. Enumerations need none.</summary>
    public string[] Choices { get; init; } = [];

    /// <summary>Whether most people leave it as it is, so that a form may fold it away.</summary>
    public bool Advanced { get; init; }
}
