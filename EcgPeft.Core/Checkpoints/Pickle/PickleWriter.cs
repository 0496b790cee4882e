using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>Writes plain values and tensors as a pickle of protocol 2, with tensors as <c>torch.save</c> describes them.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _out = new();
    private readonly Func<Tensor, int> _keep;

    private PickleWriter(Func<Tensor, int> keep) => _keep = keep;

    /// <param name="value">See <see cref="PyTorchWriter.Write"/>.</param>
    /// <param name="keep">Takes a tensor whose values are wanted, and gives the number of its storage.</param>
    public static byte[] Write(object? value, Func<Tensor, int> keep)
    {
        var writer = new PickleWriter(keep);
        writer.Op(0x80, 2);
        writer.Value(value);
        writer.Op('.');
        return writer._out.ToArray();
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null: Op('N'); break;
            case bool flag: Op(flag ? 0x88 : 0x89); break;
            case int number: Number(number); break;
            case long number: Number(number); break;
            case double number: Float(number); break;
            case string text: Text(text); break;
            case Tensor tensor: Tensor(tensor); break;
            case IReadOnlyDictionary<string, object?> dictionary:
                Op('}', '(');
                foreach (var (key, item) in dictionary)
                {
                    Text(key);
                    Value(item);
                }
                Op('u');
                break;
            case IEnumerable<object?> list:
                Op(']', '(');
                foreach (var item in list) Value(item);
                Op('e');
                break;
            default: throw new ArgumentException($"A {value.GetType().Name} has no place in a checkpoint.", nameof(value));
        }
    }

    /// <summary><c>torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)</c>.</summary>
    private void Tensor(Tensor tensor)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(', '(');
        Text("storage");
        Global("torch", StorageOf(tensor.dtype));
        Text(_keep(tensor).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Number(tensor.numel());
        Op('t', 'Q');
        Number(0);
        Tuple(tensor.shape);
        Tuple(ContiguousStrides(tensor.shape));
        Op(0x89);
        Global("collections", "OrderedDict");
        Op(')', 'R', 't', 'R');
    }

    private void Tuple(long[] numbers)
    {
        Op('(');
        foreach (var number in numbers) Number(number);
        Op('t');
    }

    private void Number(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            Op('J');
            BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)number);
            _out.Write(bytes[..4]);
        }
        else
        {
            Op(0x8a, 8); // LONG1 of eight bytes
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            _out.Write(bytes);
        }
    }

    private void Float(double number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, number);
        Op('G');
        _out.Write(bytes);
    }

    private void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        Op('X');
        _out.Write(length);
        _out.Write(utf8);
    }

    private void Global(string module, string name) => _out.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    private void Op(params ReadOnlySpan<int> codes)
    {
        foreach (var code in codes) _out.WriteByte((byte)code);
    }

    private static long[] ContiguousStrides(long[] shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(1, shape[i]);
        }
        return strides;
    }

    private static string StorageOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        ScalarType.Int32 => "IntStorage",
        _ => throw new ArgumentException($"Tensors of {type} are not written into checkpoints.", nameof(type)),
    };
}
