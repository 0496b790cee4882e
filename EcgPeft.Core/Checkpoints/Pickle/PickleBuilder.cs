using System.Text;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>What the opcodes that would call Python do here: they describe the result as data.</summary>
internal sealed class PickleBuilder(string file, PickleBudget budget)
{
    /// <summary>The result of calling an allowed global: a container, a tensor, or a <see cref="PickleObject"/> that remembers the call.</summary>
    public object? Call(object? callable, PickleSequence arguments)
    {
        // A call may unwrap to another at most twice: _rebuild_from_type_v2(_rebuild_parameter, ...) and __newobj__(cls, ...).
        for (var depth = 0; depth < 3; depth++)
        {
            if (callable is not PickleGlobal { TypeName: var name }) throw Error("it calls something that is not a named Python object");
            var items = arguments.Items;
            switch (name)
            {
                case "collections.OrderedDict" or "builtins.dict" or "collections.Counter": return Dictionary(items.Count > 0 ? items[0] : null);
                case "collections.defaultdict": return Dictionary(items.Count > 1 ? items[1] : null);
                case "builtins.list": return Copy(items, PickleSequenceKind.List);
                case "builtins.tuple" or "torch.Size": return Copy(items, PickleSequenceKind.Tuple);
                case "builtins.set" or "builtins.frozenset": return Copy(items, PickleSequenceKind.Set);
                case "_codecs.encode": return Latin1(items);
                case "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor_v3":
                    return PickleTensors.Rebuild(items, name.EndsWith("v3", StringComparison.Ordinal), file, budget);
                case "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state":
                    return items is [PickleTensor tensor, ..] ? tensor : throw Error("a parameter is rebuilt from something that is not a tensor");
                case "torch._tensor._rebuild_from_type_v2" when items is [_, _, PickleSequence inner, ..]:
                    (callable, arguments) = (items[0], inner);
                    continue;
                case "copyreg.__newobj__" when items.Count > 0:
                    budget.Spend(PickleBudget.Object + 8L * items.Count);
                    (callable, arguments) = (items[0], new PickleSequence(PickleSequenceKind.Tuple) { Mutable = [.. items.Skip(1)] });
                    continue;
                default:
                    budget.Spend(PickleBudget.Object);
                    return new PickleObject(name, items);
            }
        }
        throw Error("its calls are nested more deeply than torch.save writes them");
    }

    /// <summary>BUILD: remembers what an object's attributes were to be set to.</summary>
    public void SetState(object? target, object? state)
    {
        switch (target)
        {
            case PickleObject o: o.State = state; break;
            case PickleDictionary d: d.Attributes = state; break;
            case PickleTensor: break; // attributes on a tensor object are no part of its values
            default: throw Error("it sets attributes on something that has none");
        }
    }

    private PickleDictionary Dictionary(object? source)
    {
        budget.Spend(PickleBudget.Object);
        var result = new PickleDictionary();
        switch (source)
        {
            case null: break;
            case PickleDictionary d:
                budget.Spend(d.Items.Count * (long)PickleBudget.Object);
                foreach (var (key, value) in d.Items) result.Set(key, value);
                break;
            case PickleSequence s:
                budget.Spend(s.Items.Count * (long)PickleBudget.Object);
                foreach (var item in s.Items)
                {
                    if (item is not PickleSequence { Items: [{ } key, var value] }) throw Error("a dictionary is built from something that is not a list of pairs");
                    result.Set(key, value);
                }
                break;
            default: throw Error("a dictionary is built from something that is not a list of pairs");
        }
        return result;
    }

    private PickleSequence Copy(IReadOnlyList<object?> arguments, PickleSequenceKind kind)
    {
        var source = arguments switch
        {
            [] => [],
            [PickleSequence s] => s.Items,
            _ => throw Error($"a {kind} is built from something that is not a sequence"),
        };
        budget.Spend(PickleBudget.Object + 8L * source.Count);
        return new PickleSequence(kind) { Mutable = [.. source] };
    }

    private byte[] Latin1(IReadOnlyList<object?> arguments)
    {
        if (arguments is not [string text, "latin1" or "latin-1"]) throw Error("it encodes text in a way that no checkpoint needs");
        budget.Spend(PickleBudget.Object + text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private CheckpointException Error(string problem) => new(file, $"its pickle is damaged or hostile: {problem}");
}
