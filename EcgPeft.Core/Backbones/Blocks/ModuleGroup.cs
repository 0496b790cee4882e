using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>A level in the tree of names that computes nothing: checkpoints have it, so we have it.</summary>
public sealed class ModuleGroup : Module
{
    /// <summary>A level with these children.</summary>
    /// <param name="children">Names and modules; null modules are left out.</param>
    public ModuleGroup(params (string Name, Module? Module)[] children) : base(nameof(ModuleGroup))
    {
        foreach (var (name, module) in children)
            if (module is not null) register_module(name, module);
    }

    /// <summary>A numbered list, named as PyTorch's <c>ModuleList</c>.</summary>
    /// <param name="children">The modules in order.</param>
    public static ModuleGroup List(IEnumerable<Module> children) =>
        new([.. children.Select((module, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), (Module?)module))]);
}
