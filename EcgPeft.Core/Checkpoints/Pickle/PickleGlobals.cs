using System.Collections.Frozen;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>
/// The allow-list: Python names that a checkpoint may mention. They are data here whatever they are; the list exists so that a
/// file which wants anything else is refused by name, as <c>torch.load(weights_only=True)</c> does.
/// </summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, ScalarType> Storages = new Dictionary<string, ScalarType>
    {
        ["DoubleStorage"] = ScalarType.Float64, ["FloatStorage"] = ScalarType.Float32, ["HalfStorage"] = ScalarType.Float16, ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64, ["IntStorage"] = ScalarType.Int32, ["ShortStorage"] = ScalarType.Int16, ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte, ["BoolStorage"] = ScalarType.Bool, ["UntypedStorage"] = ScalarType.Byte,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ScalarType> Types = new Dictionary<string, ScalarType>
    {
        ["torch.float64"] = ScalarType.Float64, ["torch.float32"] = ScalarType.Float32, ["torch.float16"] = ScalarType.Float16, ["torch.bfloat16"] = ScalarType.BFloat16,
        ["torch.int64"] = ScalarType.Int64, ["torch.int32"] = ScalarType.Int32, ["torch.int16"] = ScalarType.Int16, ["torch.int8"] = ScalarType.Int8,
        ["torch.uint8"] = ScalarType.Byte, ["torch.bool"] = ScalarType.Bool,
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Others = Names(
        ("builtins", "dict list tuple set frozenset int long float complex str unicode bytes bytearray bool object slice range NoneType"),
        ("collections", "OrderedDict defaultdict Counter"),
        ("copyreg", "_reconstructor __newobj__"),
        ("_codecs", "encode"),
        ("operator", "getitem"),
        ("_operator", "getitem"),
        ("typing", "Any Union Optional List Dict Tuple Set Sequence Mapping Iterable Callable Literal"),
        ("argparse", "Namespace"),
        ("types", "SimpleNamespace"),
        ("pathlib", "Path PosixPath PurePath PurePosixPath WindowsPath PureWindowsPath"),
        ("fairseq.data.dictionary", "Dictionary"),
        ("torch", "Size device Tensor strided per_tensor_affine contiguous_format preserve_format"),
        ("torch._utils", "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state"),
        ("torch._tensor", "_rebuild_from_type_v2 Tensor"),
        ("torch.nn.parameter", "Parameter Buffer"),
        ("torch.serialization", "_get_layout"),
        ("torch.storage", "TypedStorage"),
        ("torch.torch_version", "TorchVersion"),
        ("omegaconf.dictconfig", "DictConfig"),
        ("omegaconf.listconfig", "ListConfig"),
        ("omegaconf.base", "ContainerMetadata Metadata Container Node UnionNode SCMode"),
        ("omegaconf.nodes", "AnyNode ValueNode StringNode IntegerNode FloatNode BooleanNode BytesNode PathNode EnumNode InterpolationResultNode"),
        ("numpy", "dtype ndarray bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 str_"),
        ("numpy.core.multiarray", "scalar _reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy.dtypes", "Float64DType Float32DType Float16DType Int64DType Int32DType Int16DType Int8DType UInt8DType BoolDType"));

    /// <summary>The name as messages and <see cref="PickleObject.TypeName"/> spell it: Python 2's and NumPy 2's module names are mapped to one spelling.</summary>
    public static string FullName(string module, string name)
    {
        var known = module switch
        {
            "__builtin__" => "builtins",
            "copy_reg" => "copyreg",
            "numpy._core.multiarray" => "numpy.core.multiarray",
            "numpy._core.numeric" => "numpy.core.numeric",
            _ => module,
        };
        return $"{known}.{name}";
    }

    public static bool IsAllowed(string fullName) => Others.Contains(fullName) || Types.ContainsKey(fullName) || StorageType(fullName) is not null;

    public static ScalarType? ElementType(string fullName) => Types.TryGetValue(fullName, out var type) ? type : null;

    public static ScalarType? StorageType(string fullName)
    {
        var dot = fullName.LastIndexOf('.');
        return fullName[..dot] is "torch" or "torch.cuda" or "torch.storage" && Storages.TryGetValue(fullName[(dot + 1)..], out var type) ? type : null;
    }

    private static FrozenSet<string> Names(params (string Module, string Names)[] groups) =>
        groups.SelectMany(g => g.Names.Split(' ').Select(n => $"{g.Module}.{n}")).ToFrozenSet(StringComparer.Ordinal);
}
