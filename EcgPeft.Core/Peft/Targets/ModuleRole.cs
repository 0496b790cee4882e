using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>What a linear layer does in a transformer layer, whatever a checkpoint calls it.</summary>
public enum ModuleRole
{
    /// <summary>Projection of queries.</summary>
    Query,

    /// <summary>Projection of keys.</summary>
    Key,

    /// <summary>Projection of values.</summary>
    Value,

    /// <summary>Projection of the joined heads.</summary>
    AttentionOutput,

    /// <summary>First linear layer of the feed-forward block.</summary>
    FeedForwardIn,

    /// <summary>Second linear layer of the feed-forward block.</summary>
    FeedForwardOut,
}

/// <summary>
/// The table of module roles: every name by which a recipe may ask for one, whether it is the role's own or any backbone's. So
/// a recipe written for one backbone means the same on another.
/// </summary>
public static class ModuleRoles
{
    private static readonly (ModuleRole Role, LayerPlace Place, string[] Names)[] Table =
    [
        (ModuleRole.Query, LayerPlace.Query, ["query", "q_proj"]),
        (ModuleRole.Key, LayerPlace.Key, ["key", "k_proj"]),
        (ModuleRole.Value, LayerPlace.Value, ["value", "v_proj"]),
        (ModuleRole.AttentionOutput, LayerPlace.AttentionOutput, ["attention_output", "out_proj"]),
        (ModuleRole.FeedForwardIn, LayerPlace.FeedForwardIn, ["feed_forward_in", "intermediate_dense", "fc1"]),
        (ModuleRole.FeedForwardOut, LayerPlace.FeedForwardOut, ["feed_forward_out", "output_dense", "fc2"]),
    ];

    /// <summary>The roles' own names, for a form's list.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Names[0])];

    /// <summary>The role that a name stands for, or null.</summary>
    /// <param name="name">The role's own name or any backbone's; a path counts by its last part.</param>
    public static ModuleRole? Of(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        foreach (var (role, _, names) in Table)
            if (names.Contains(last)) return role;
        return null;
    }

    /// <summary>Every name of a role.</summary>
    /// <param name="role">The role.</param>
    public static IReadOnlyList<string> NamesOf(ModuleRole role) => Table.First(row => row.Role == role).Names;

    /// <summary>Where a role is in the drawing of a layer.</summary>
    /// <param name="role">The role.</param>
    public static LayerPlace Place(ModuleRole role) => Table.First(row => row.Role == role).Place;

    /// <summary>The linear layer that has a role.</summary>
    /// <param name="layer">A transformer layer.</param>
    /// <param name="role">The role.</param>
    public static Projection In(TransformerLayer layer, ModuleRole role) => role switch
    {
        ModuleRole.Query => layer.Attention.Query,
        ModuleRole.Key => layer.Attention.Key,
        ModuleRole.Value => layer.Attention.Value,
        ModuleRole.AttentionOutput => layer.Attention.Output,
        ModuleRole.FeedForwardIn => layer.Intermediate,
        ModuleRole.FeedForwardOut => layer.Output,
        _ => throw new InvalidOperationException($"Unknown role {role}."),
    };
}
