using EcgPeft.Core.Checkpoints;
using static EcgPeft.Tests.Checkpoints.TorchBytes;

namespace EcgPeft.Tests.Checkpoints;

public sealed class HostilePickleTests
{
    private static readonly byte[] Command = Text("touch /tmp/pwned");

    private static readonly Dictionary<string, (byte[] Value, string Message)> Cases = new()
    {
        ["REDUCE of os.system"] = (Call(Global("os", "system"), Command), "'os.system'"),
        ["REDUCE of posix.system"] = (Call(Global("posix", "system"), Command), "'posix.system'"),
        ["REDUCE of builtins.eval"] = (Call(Global("builtins", "eval"), Command), "'builtins.eval'"),
        ["REDUCE of __builtin__.exec"] = (Call(Global("__builtin__", "exec"), Command), "'__builtin__.exec'"),
        ["STACK_GLOBAL of subprocess.Popen"] = (Join(Text("subprocess"), Text("Popen"), Op("\u0093"), Tuple(Command), Op("R")), "'subprocess.Popen'"),
        ["STACK_GLOBAL with a dotted name"] = (Join(Text("torch"), Text("os.system"), Op("\u0093"), Tuple(Command), Op("R")), "'torch.os.system'"),
        ["STACK_GLOBAL of numbers"] = (Join(Number(1), Number(2), Op("\u0093")), "not text"),
        ["INST"] = (Join(Op("("), Command, Op("ios\nsystem\n")), "'os.system'"),
        ["OBJ"] = (Join(Op("("), Global("os", "system"), Command, Op("o")), "'os.system'"),
        ["NEWOBJ"] = (Join(Global("nt", "system"), Tuple(Command), Op("\u0081")), "'nt.system'"),
        ["NEWOBJ_EX"] = (Join(Global("argparse", "Namespace"), Op(")"), Dictionary(("a", Number(1))), Op("\u0092")), "NEWOBJ_EX"),
        ["BUILD on a class with __setstate__"] = (Join(Global("runpy", "_run_code"), Op(")\u0081"), Op("}b")), "'runpy._run_code'"),
        ["getattr chain"] = (Call(Global("builtins", "getattr"), Global("torch", "Size"), Text("__class__")), "'builtins.getattr'"),
        ["EXT1"] = (Op("\u0082\u0001"), "EXT1"),
        ["EXT2"] = (Op("\u0083\u0001\u0000"), "EXT2"),
        ["EXT4"] = (Op("\u0084\u0001\u0000\u0000\u0000"), "EXT4"),
        ["PERSID"] = (Op("Pevil\n"), "PERSID"),
        ["out-of-band buffer"] = (Op("\u0097"), "NEXT_BUFFER"),
        ["calling a string"] = (Join(Text("os.system"), Tuple(Command), Op("R")), "not a named Python object"),
        ["calling a call's result"] = (Join(Call(Global("operator", "getitem"), Command), Tuple(Command), Op("R")), "not a named Python object"),
        ["a storage of a made-up type"] = (Join(Tuple(Text("storage"), Global("torch", "Size"), Text("0"), Text("cpu"), Number(1)), Op("Q")), "torch.Size"),
        ["a persistent id that is no storage"] = (Join(Tuple(Text("module"), Text("x")), Op("Q")), "storage"),
        ["unknown opcode"] = (Op("\u00ff"), "0xff"),
        ["protocol 9"] = (Op("\u0080\u0009N"), "protocol"),
        ["a memo that was never set"] = (Op("h\u0009"), "memo 9"),
        ["a string longer than the file"] = (Op("X\u00ff\u00ff\u00ff\u00ff"), "ends inside"),
        ["a negative length"] = (Op("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"), "ends inside"),
        ["an empty stack"] = (Op("R"), "stack is empty"),
        ["a mark where a value should be"] = (Op("(0(2"), "stack is empty"),
        ["no mark"] = (Op("Nt"), "no mark"),
        ["items on a list"] = (Op("]NNs"), "not a dictionary"),
        ["a name of two megabytes"] = (Join(Op("c"), Enumerable.Repeat((byte)'a', 2_000_000), Op("\nb\n")), "does not end"),
        ["a number of a million digits"] = (Join(Op("L"), Enumerable.Repeat((byte)'9', 1_000_000), Op("L\n")), "does not end"),
        ["a list copied again and again"] = (Join(Op("]("), Enumerable.Repeat((byte)'N', 200_000), Op("eq\u0000"), Join([.. Enumerable.Repeat(Join(Global("builtins", "list"), Op("h\u0000\u0085R")), 20_000)])), "far more memory"),
        ["a text encoded again and again"] = (Join(Text(new string('a', 500_000)), Op("q\u0000"), Join([.. Enumerable.Repeat(Join(Global("_codecs", "encode"), Op("(h\u0000"), Text("latin1"), Op("tR")), 20_000)])), "far more memory"),
    };

    public static TheoryData<string> Names() => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_hostile_pickle_is_refused_and_says_why(string name)
    {
        var (value, message) = Cases[name];
        var error = Assert.Throws<CheckpointException>(() => PyTorchFile.Open(Archive(Pickle(value)), "evil.pt"));
        Assert.Contains(message, error.Message);
        Assert.StartsWith("evil.pt: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Deep_nesting_is_read_without_recursion_and_refused_as_configuration()
    {
        const int depth = 1_000_000;
        var nested = Join(Enumerable.Repeat((byte)']', depth), Enumerable.Repeat((byte)'a', depth - 1));
        using var file = PyTorchFile.Open(Archive(Pickle(Dictionary(("cfg", Dictionary(("deep", nested))), ("w", Tensor(Storage("FloatStorage", "0", 1), 0, [1], [1]))))
            , ("0", Floats(1))), "test");
        Assert.Contains("deep", Assert.Throws<CheckpointException>(() => file.Config("cfg")).Message);
    }

    [Fact]
    public void A_tree_that_doubles_at_every_level_costs_no_more_than_its_text()
    {
        // Each list holds the one before twice: 2^100 leaves if anybody walked it.
        var tree = Join(Op("]q\u0000"), Join([.. Enumerable.Range(1, 100).Select(i => Join(Op("0]("), [(byte)'h', (byte)(i - 1)], [(byte)'h', (byte)(i - 1)], Op("e"), [(byte)'q', (byte)i]))]));
        using var file = PyTorchFile.Open(Archive(Pickle(Dictionary(("cfg", Dictionary(("tree", tree))), ("w", Tensor(Storage("FloatStorage", "0", 1), 0, [1], [1])))), ("0", Floats(1))), "test");
        Assert.Single((IReadOnlyList<object?>)file.Config("cfg")["tree"]! is [var left, var right] ? new[] { ReferenceEquals(left, right) } : []);
    }

    [Fact]
    public void A_configuration_that_contains_itself_is_refused()
    {
        using var file = PyTorchFile.Open(Archive(Pickle(Dictionary(("cfg", Op("}q\u0000X\u0001\u0000\u0000\u0000ah\u0000s")), ("w", Tensor(Storage("FloatStorage", "0", 1), 0, [1], [1])))), ("0", Floats(1))), "test");
        Assert.Contains("itself", Assert.Throws<CheckpointException>(() => file.Config("cfg")).Message);
    }
}
