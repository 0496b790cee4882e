namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>
/// Reads a pickle (protocols 0 to 5, the opcodes of Python's <c>pickletools</c>) into inert data. It has no way to run anything:
/// names of Python objects must be on <see cref="PickleGlobals"/>, and calls only describe their result. Not recursive; time is
/// linear in the pickle's length and memory is bounded by <see cref="PickleBudget"/>.
/// </summary>
internal sealed class PickleReader
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly PickleBudget _budget;
    private readonly PickleBuilder _builder;
    private readonly PickleInput _in;
    private readonly string _file;
    private readonly Func<object?, object> _persistent;

    /// <param name="pickle">Starts at the pickle; may be longer.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="persistent">What a persistent id stands for.</param>
    public PickleReader(ReadOnlyMemory<byte> pickle, string file, Func<object?, object> persistent)
    {
        (_file, _persistent) = (file, persistent);
        _budget = new PickleBudget(pickle.Length, file);
        _builder = new PickleBuilder(file, _budget);
        _in = new PickleInput(pickle, file, _budget);
    }

    /// <summary>Bytes read: after <see cref="Read"/>, where the pickle ended.</summary>
    public int Position => _in.Position;

    /// <summary>The budget, for what a persistent id costs.</summary>
    public PickleBudget Budget => _budget;

    public object? Read()
    {
        while (true)
        {
            var op = _in.U8();
            if (op == '.') return Pop();
            Step(op);
        }
    }

    private void Step(byte op)
    {
        switch (op)
        {
            // protocol and framing
            case 0x80: if (_in.U8() > 5) throw _in.Error("it uses a pickle protocol later than 5"); break;
            case 0x95: if (_in.I64() < 0) throw _in.Error("a frame has a negative length"); break;

            // constants
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)_in.I32()); break;
            case (byte)'K': Push((long)_in.U8()); break;
            case (byte)'M': Push((long)_in.U16()); break;
            case (byte)'I' or (byte)'L': Push(_in.Decimal()); break;
            case 0x8a: Push(_in.Long(_in.U8())); break;
            case 0x8b: Push(_in.Long(_in.I32())); break;
            case (byte)'F': Push(_in.Float()); break;
            case (byte)'G': Push(_in.F64()); break;
            case (byte)'S': Push(_in.Quoted()); break;
            case (byte)'T': Push(_in.Latin1(_in.I32())); break;
            case (byte)'U': Push(_in.Latin1(_in.U8())); break;
            case (byte)'V': Push(_in.Line()); break;
            case (byte)'X': Push(_in.Text(_in.U32())); break;
            case 0x8c: Push(_in.Text(_in.U8())); break;
            case 0x8d: Push(_in.Text(_in.I64())); break;
            case (byte)'B': Push(_in.Bytes(_in.U32())); break;
            case (byte)'C': Push(_in.Bytes(_in.U8())); break;
            case 0x8e or 0x96: Push(_in.Bytes(_in.I64())); break;

            // stack and memo
            case (byte)'(': _marks.Add(_stack.Count); Push(Mark); break;
            case (byte)'0': Discard(); break;
            case (byte)'1': PopMark(); break;
            case (byte)'2': Push(Top()); break;
            case (byte)'p': Memoize(_in.Decimal() is long put ? put : -1); break;
            case (byte)'q': Memoize(_in.U8()); break;
            case (byte)'r': Memoize(_in.U32()); break;
            case 0x94: Memoize(_memo.Count); break;
            case (byte)'g': Recall(_in.Decimal() is long get ? get : -1); break;
            case (byte)'h': Recall(_in.U8()); break;
            case (byte)'j': Recall(_in.U32()); break;

            // containers
            case (byte)'}': PushDictionary([]); break;
            case (byte)'d': PushDictionary(PopMark()); break;
            case (byte)'s': SetItems(PopLast(2)); break;
            case (byte)'u': SetItems(PopMark()); break;
            case (byte)']': PushSequence(PickleSequenceKind.List, []); break;
            case (byte)'l': PushSequence(PickleSequenceKind.List, PopMark()); break;
            case (byte)'a': Extend(PickleSequenceKind.List, PopLast(1)); break;
            case (byte)'e': Extend(PickleSequenceKind.List, PopMark()); break;
            case (byte)')': PushSequence(PickleSequenceKind.Tuple, []); break;
            case (byte)'t': PushSequence(PickleSequenceKind.Tuple, PopMark()); break;
            case 0x85: PushSequence(PickleSequenceKind.Tuple, PopLast(1)); break;
            case 0x86: PushSequence(PickleSequenceKind.Tuple, PopLast(2)); break;
            case 0x87: PushSequence(PickleSequenceKind.Tuple, PopLast(3)); break;
            case 0x8f: PushSequence(PickleSequenceKind.Set, []); break;
            case 0x90: Extend(PickleSequenceKind.Set, PopMark()); break;
            case 0x91: PushSequence(PickleSequenceKind.Set, PopMark()); break;

            // names and calls, all of which only describe
            case (byte)'c': PushGlobal(_in.Line(), _in.Line()); break;
            case 0x93: PushStackGlobal(); break;
            case (byte)'R': Call(Pop()); break;
            case 0x81: Call(Pop()); break;
            case 0x92: CallWithKeywords(); break;
            case (byte)'o': CallMarked(PopMark()); break;
            case (byte)'i': Instantiate(_in.Line(), _in.Line()); break;
            case (byte)'b': SetState(); break;
            case (byte)'Q': Push(_persistent(Pop())); break;

            case (byte)'P': throw _in.Error("it uses the opcode PERSID, which torch.save never writes");
            case 0x82 or 0x83 or 0x84: throw _in.Error($"it uses Python's extension registry (opcode EXT{1 << (op - 0x82)}), which torch.save never writes");
            case 0x97 or 0x98: throw _in.Error("it uses out-of-band buffers (opcode NEXT_BUFFER or READONLY_BUFFER), which torch.save never writes");
            default: throw _in.Error($"byte 0x{op:x2} at {_in.Position - 1} is not a pickle opcode");
        }
    }

    private void Push(object? value)
    {
        _budget.Spend(16);
        _stack.Add(value);
    }

    private object? Top() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw _in.Error($"the stack is empty at byte {_in.Position}");

    private object? Pop()
    {
        var value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    /// <summary>POP may also take a mark away.</summary>
    private void Discard()
    {
        if (_stack.Count > 0 && _stack[^1] == Mark)
        {
            _marks.RemoveAt(_marks.Count - 1);
            _stack.RemoveAt(_stack.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    private List<object?> PopLast(int count)
    {
        if (_stack.Count < count || (_marks.Count > 0 && _marks[^1] >= _stack.Count - count)) throw _in.Error($"the stack is empty at byte {_in.Position}");
        return Cut(_stack.Count - count, count);
    }

    private List<object?> PopMark()
    {
        if (_marks.Count == 0) throw _in.Error($"there is no mark on the stack at byte {_in.Position}");
        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        var items = Cut(mark + 1, _stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return items;
    }

    private List<object?> Cut(int start, int count)
    {
        _budget.Spend(8L * count);
        var items = _stack.GetRange(start, count);
        _stack.RemoveRange(start, count);
        return items;
    }

    private void Memoize(long key)
    {
        if (key < 0) throw _in.Error("a memo number is not a whole number from 0");
        _budget.Spend(48);
        _memo[key] = Top();
    }

    private void Recall(long key) => Push(_memo.TryGetValue(key, out var value) ? value : throw _in.Error($"it refers to memo {key}, which it never set"));

    private void PushSequence(PickleSequenceKind kind, List<object?> items)
    {
        _budget.Spend(PickleBudget.Object);
        Push(new PickleSequence(kind) { Mutable = items });
    }

    private void PushDictionary(List<object?> items)
    {
        _budget.Spend(PickleBudget.Object);
        Push(new PickleDictionary());
        SetItems(items);
    }

    private void SetItems(List<object?> items)
    {
        if (Top() is not PickleDictionary dictionary || items.Count % 2 != 0) throw _in.Error("it sets items on something that is not a dictionary");
        _budget.Spend(items.Count * (long)PickleBudget.Object / 2);
        for (var i = 0; i < items.Count; i += 2) dictionary.Set(items[i] ?? throw _in.Error("None is a dictionary's key"), items[i + 1]);
    }

    private void Extend(PickleSequenceKind kind, List<object?> items)
    {
        if (Top() is not PickleSequence sequence || sequence.Kind != kind) throw _in.Error($"it appends to something that is not a {kind}");
        _budget.Spend(16L * items.Count);
        sequence.Mutable.AddRange(items);
    }

    private void PushStackGlobal()
    {
        var name = Pop();
        if (Pop() is not string module || name is not string text) throw _in.Error("the name of a Python object is not text");
        PushGlobal(module, text);
    }

    private void PushGlobal(string module, string name)
    {
        if (module.Length + name.Length > 300) throw _in.Error("the name of a Python object is longer than any real one");
        var full = PickleGlobals.FullName(module, name);
        if (!PickleGlobals.IsAllowed(full))
        {
            throw new CheckpointException(_file, $"it asks for the Python object '{PickleInput.Shown($"{module}.{name}")}', which a checkpoint has no need of; nothing of it was run, and the file is refused");
        }
        _budget.Spend(2 * PickleBudget.Object);
        Push(new PickleGlobal(full));
    }

    private void Call(object? arguments)
    {
        if (arguments is not PickleSequence { Kind: PickleSequenceKind.Tuple } tuple) throw _in.Error("the arguments of a call are not a tuple");
        Push(_builder.Call(Pop(), tuple));
    }

    private void CallWithKeywords()
    {
        if (Pop() is not PickleDictionary { Items.Count: 0 }) throw _in.Error("it calls a class with keywords (opcode NEWOBJ_EX), which no checkpoint needs");
        Call(Pop());
    }

    private void CallMarked(List<object?> items)
    {
        if (items.Count == 0) throw _in.Error("opcode OBJ has no class");
        Push(_builder.Call(items[0], new PickleSequence(PickleSequenceKind.Tuple) { Mutable = items[1..] }));
    }

    private void Instantiate(string module, string name)
    {
        PushGlobal(module, name);
        var type = Pop();
        Push(_builder.Call(type, new PickleSequence(PickleSequenceKind.Tuple) { Mutable = PopMark() }));
    }

    private void SetState()
    {
        var state = Pop();
        _builder.SetState(Top(), state);
    }
}
