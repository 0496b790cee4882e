using System.Text.Json;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Tests.Cli;

public class DataCommandTests
{
    private readonly string folder = TestData.TemporaryFolder();

    [Fact]
    public async Task Synthetic_segments_can_be_inspected_with_their_groups()
    {
        var file = Path.Combine(folder, "heart.csv");
        var synth = await CliProcess.RunAsync("data", "synth", "--segments", "50", "--users", "5", "--seed", "3", "--out", file);
        Assert.Equal((0, ""), (synth.ExitCode, synth.Error));
        Assert.Equal(["heart-groups.csv", "heart.csv"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var inspect = await CliProcess.RunAsync("data", "inspect", file, "--groups", Path.Combine(folder, "heart-groups.csv"), "--json");
        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        using var document = JsonDocument.Parse(inspect.Output);
        var said = document.RootElement;
        var expected = SyntheticEcg.Generate(50, 5, 3);
        Assert.Equal(expected.Hash, said.GetProperty("hash").GetString());
        Assert.Equal((50, 601, expected.Positives, 5), (said.GetProperty("rows").GetInt32(), said.GetProperty("columns").GetInt32(), said.GetProperty("positives").GetInt32(), said.GetProperty("groups").GetInt32()));
        Assert.False(said.GetProperty("format").GetProperty("header").GetBoolean());
        Assert.Equal(0, said.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task Inspection_in_words_names_the_row_of_a_warning()
    {
        var (exit, output, error) = await CliProcess.RunAsync("data", "inspect", Write("1;2;3;0\n1;2;3;1\n"));
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("Segments: 2", output, StringComparison.Ordinal);
        Assert.Contains("semicolon-separated", output, StringComparison.Ordinal);
        Assert.Contains("Warning: Row 2 is the same segment as row 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_input_is_one_sentence_on_stderr_and_exit_code_2()
    {
        foreach (var (arguments, says) in new (string[], string)[]
        {
            (["data", "inspect", Write("1,2,3,0\n1,x,3,1\n")], "Row 2, column 2 "),
            (["data", "inspect", Write("1,2,3,0\n1,x,3,1\n"), "--json"], "Row 2, column 2 "),
            (["data", "inspect", Path.Combine(folder, "none.csv")], "no file"),
            (["data", "inspect", Write("1,2,3,0\n1,3,3,1\n"), "--groups", Write("a\n")], "segment 1"),
            (["data", "inspect"], "Required argument"),
            (["data", "inspekt"], "command"),
            (["data", "synth", "--segments", "many", "--out", Path.Combine(folder, "x.csv")], "many"),
            (["data", "synth", "--users", "0", "--out", Path.Combine(folder, "x.csv")], "number of people"),
            (["data", "synth", "--segments", "10", "--users", "2", "--out", Path.Combine(folder, "none", "x.csv")], "cannot be written"),
        })
        {
            var (exit, output, error) = await CliProcess.RunAsync(arguments);
            Assert.Equal(2, exit);
            if (arguments is not ["data", "inspect", _, ..]) Assert.Equal("", output); // the report stands on standard output all the same
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd('\n').Split('\n'));
        }
    }

    [Fact]
    public async Task A_file_with_defects_is_reported_whole_and_imported_with_chosen_repairs()
    {
        var file = Write("1,2,3,0\n1,x,3,1\n1,,5,1\n4,4,4,0\n7,8,8,1\n1,2,3,0\n1,2\n");
        var report = await CliProcess.RunAsync("data", "inspect", file);
        Assert.Equal(2, report.ExitCode);
        foreach (var line in new[] { "Refused: Row 2, column 2 ", "Refused: Row 3, column 2 ", "Warning: Row 4 is flat", "Warning: Row 6 is the same segment as row 1", "Refused: Row 7 " }) Assert.Contains(line, report.Output, StringComparison.Ordinal);
        Assert.StartsWith("Row 2, column 2 ", report.Error, StringComparison.Ordinal);

        var environment = new[] { ("EcgPeft__DataRoot", Path.Combine(folder, "root")) };
        var refused = await CliProcess.RunAsync(environment, "data", "import", file, "--name", "Defects");
        Assert.Equal(2, refused.ExitCode);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "root"), "*", SearchOption.AllDirectories), File.Exists);
        var imported = await CliProcess.RunAsync(environment, "data", "import", file, "--name", "Defects", "--rate", "1000", "--repair", "missing=interpolate", "text=drop", "ragged=drop", "duplicate=drop");
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        var info = Assert.Single(new DataSetLibrary(new(Path.Combine(folder, "root"))).List());
        Assert.Equal(("Defects", 4, 1000.0, 7), (info.Name, info.Rows, info.SamplingRateHz, info.Import!.RowsInFile));
        Assert.Contains(info.Hash, imported.Output, StringComparison.Ordinal);

        var wrong = await CliProcess.RunAsync(environment, "data", "import", file, "--repair", "label=interpolate");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("must be one of refuse, drop", wrong.Error, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n") + ".csv");
        File.WriteAllText(path, text);
        return path;
    }
}
