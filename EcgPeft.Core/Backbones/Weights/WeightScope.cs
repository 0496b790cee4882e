using TorchSharp.Modules;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>A place in the tree of names, from which a module takes its parameters.</summary>
/// <param name="Source">Where tensors come from.</param>
/// <param name="Path">Dotted path of the module, empty for the root.</param>
public readonly record struct WeightScope(IWeightSource Source, string Path = "")
{
    /// <summary>The scope of a child module.</summary>
    /// <param name="name">Its name; dots lead through several levels.</param>
    public WeightScope Child(string name) => new(Source, Path.Length == 0 ? name : $"{Path}.{name}");

    /// <summary>Takes one parameter, frozen; whoever trains it unfreezes it.</summary>
    /// <param name="name">Name within this module.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="init">How it starts where the source makes new weights.</param>
    public Parameter Parameter(string name, long[] shape, WeightInit init) => new(Source.Take(Child(name).Path, shape, init), requires_grad: false);

    /// <summary>Whether the source can give this parameter.</summary>
    /// <param name="name">Name within this module.</param>
    public bool Has(string name) => Source.Has(Child(name).Path);
}
