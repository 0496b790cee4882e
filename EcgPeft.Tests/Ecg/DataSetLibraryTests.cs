using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Tests.Ecg;

public class DataSetLibraryTests
{
    private readonly string folder = TestData.TemporaryFolder();
    private readonly DataRoot root;
    private readonly DataSetLibrary library;

    public DataSetLibraryTests()
    {
        root = new DataRoot(Path.Combine(folder, "root"));
        library = new DataSetLibrary(root);
    }

    [Fact]
    public void An_imported_data_set_needs_its_csv_no_more()
    {
        var csv = Csv("1,2,3,0\n4,5,6,1\n7,7,7,1\n");
        var groups = Path.Combine(folder, "groups.csv");
        File.WriteAllText(groups, "row,group\n0,a\n1,b\n2,a\n");
        var before = SegmentCsv.Read(csv, cancel: TestContext.Current.CancellationToken).Segments;
        var info = library.Import(csv, "My Holter, 2024!", groups, 250, cancel: TestContext.Current.CancellationToken);
        File.Delete(csv);
        File.Delete(groups);

        Assert.Equal("my-holter-2024", info.Id);
        Assert.Equal(("My Holter, 2024!", 3, 3, 2, 2, 250.0, before.Hash, false), (info.Name, info.Rows, info.SegmentLength, info.Positives, info.GroupCount, info.SamplingRateHz, info.Hash, info.Synthetic));
        Assert.Equal("constant", Assert.Single(info.Warnings).Kind);
        Assert.Equivalent(info, library.Find(info.Id), strict: true);
        Assert.Equivalent(info, Assert.Single(library.List()), strict: true);

        var loaded = library.Load(info.Id);
        Assert.Equal(before.Values.ToArray(), loaded.Values.ToArray());
        Assert.Equal(before.Labels.ToArray(), loaded.Labels.ToArray());
        Assert.Equal(["a", "b", "a"], loaded.Groups!);
        Assert.Equal(250, loaded.SamplingRateHz);

        var source = SegmentSource.Load(library.FolderOf(info.Id), null, cancel: TestContext.Current.CancellationToken);
        Assert.Equal((info.Hash, info.Name, 1), (source.Segments.Hash, source.Name, source.Warnings.Count));
        Assert.Equal(["a", "b", "a"], source.Segments.Groups!);
    }

    [Fact]
    public void The_same_name_twice_gives_two_data_sets()
    {
        var csv = Csv("1,2,3,0\n4,5,6,1\n");
        Assert.Equal("x", library.Import(csv, "x", null, null, cancel: TestContext.Current.CancellationToken).Id);
        Assert.Equal("x-2", library.Import(csv, "X", null, null, cancel: TestContext.Current.CancellationToken).Id);
        Assert.Equal("data", library.Import(csv, "心电图", null, null, cancel: TestContext.Current.CancellationToken).Id);
        library.Delete("x");
        Assert.Equal(["data", "x-2"], library.List().Select(d => d.Id).Order());
        Assert.Throws<UserInputException>(() => library.Find("x"));
    }

    [Fact]
    public void Segments_that_a_repair_leaves_out_are_not_on_the_disk_either()
    {
        var request = new ImportRequest(Csv("1,2,3,0\n7,7,7,1\n4,5,6,1\n1,2,3,0\n")) { Repairs = Repairs.Parse(["constant=drop", "duplicate=drop"]) };
        var info = library.Import(request, "x", cancel: TestContext.Current.CancellationToken);
        var loaded = library.Load(info.Id);
        Assert.Equal([1, 2, 3, 4, 5, 6], loaded.Values.ToArray());
        Assert.Equal((2, info.Hash), (info.Rows, loaded.Hash));
        Assert.Equal(new SegmentSet([1, 2, 3, 4, 5, 6], [0, 1], 3).Hash, info.Hash);
    }

    [Fact]
    public void Nothing_is_left_of_an_import_that_failed()
    {
        var csv = Csv("1,2,3,0\n4,5,6,1\n");
        Assert.Throws<SegmentFileException>(() => library.Import(Csv("1,2,x,0\n"), "x", null, null, cancel: TestContext.Current.CancellationToken));
        Assert.Throws<SegmentFileException>(() => library.Import(csv, "x", Csv("a\n"), null, cancel: TestContext.Current.CancellationToken));
        Assert.Throws<UserInputException>(() => library.Import(csv, " ", null, null, cancel: TestContext.Current.CancellationToken));
        Assert.Throws<UserInputException>(() => library.Import(csv, "x", null, 0, cancel: TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => library.Import(csv, "x", null, null, null, cancelled.Token));
        Assert.Empty(library.List());
        Assert.False(Directory.Exists(root.DataSets) && Directory.EnumerateFileSystemEntries(root.DataSets).Any());
    }

    [Fact]
    public void A_damaged_data_set_is_refused_and_hides_no_other()
    {
        var csv = Csv("1,2,3,0\n4,5,6,1\n");
        foreach (var name in new[] { "good", "changed", "short", "huge", "json" }) library.Import(csv, name, null, null, cancel: TestContext.Current.CancellationToken);
        string Bin(string id) => Directory.GetFiles(library.FolderOf(id), "*.bin").Single();
        var bytes = File.ReadAllBytes(Bin("good"));
        File.WriteAllBytes(Bin("changed"), [.. bytes[..20], (byte)(bytes[20] ^ 1), .. bytes[21..]]);
        File.WriteAllBytes(Bin("short"), bytes[..^3]);
        File.WriteAllBytes(Bin("huge"), [.. bytes[..8], 0xff, 0xff, 0xff, 0x7f, .. bytes[12..]]);
        File.WriteAllText(Path.Combine(library.FolderOf("json"), "dataset.json"), "{ \"id\":");
        foreach (var id in new[] { "changed", "short", "huge", "json" })
        {
            Assert.Contains("damaged", Assert.Throws<UserInputException>(() => library.Load(id)).Message, StringComparison.Ordinal);
            Assert.Throws<UserInputException>(() => SegmentSource.Load(library.FolderOf(id), null, cancel: TestContext.Current.CancellationToken));
        }
        Assert.Equal(["changed", "good", "huge", "short"], library.List().Select(d => d.Id).Order(StringComparer.Ordinal));
        Assert.Equal(2, library.Load("good").Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData(".new-x")]
    [InlineData("A")]
    [InlineData("a\n")]
    public void An_id_never_leads_out_of_the_folder(string id)
    {
        Assert.Throws<UserInputException>(() => library.FolderOf(id));
        Assert.Throws<UserInputException>(() => library.Load(id));
        Assert.Throws<UserInputException>(() => library.Delete(id));
    }

    [Fact]
    public async Task The_demo_is_made_once_also_when_many_ask_at_once()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => new DataSetLibrary(root).EnsureDemo(), TestContext.Current.CancellationToken)));
        Assert.Single(made.Select(d => d.Hash).Distinct());
        var demo = Assert.Single(library.List());
        Assert.Equal(("demo", 4000, 40, 600, true), (demo.Id, demo.Rows, demo.GroupCount, demo.SegmentLength, demo.Synthetic));
        Assert.Single(Directory.EnumerateFileSystemEntries(root.DataSets));
        Assert.Equal(demo.ImportedUtc, library.EnsureDemo().ImportedUtc);

        File.WriteAllText(Path.Combine(library.FolderOf("demo"), "dataset.json"), "broken");
        Assert.Equal(demo.Hash, library.EnsureDemo().Hash);
        Assert.Equal(demo.Hash, library.Load("demo").Hash);
    }

    [Fact]
    public void A_source_is_a_csv_file_or_a_data_set_folder()
    {
        var csv = Csv("1,2,3,0\n4,5,6,1\n");
        var loaded = SegmentSource.Load(csv, Csv("a\nb\n"), cancel: TestContext.Current.CancellationToken);
        Assert.Equal(["a", "b"], loaded.Segments.Groups!);
        Assert.Equal(Path.GetFileName(csv), loaded.Name);
        Assert.Contains("dataset.json", Assert.Throws<UserInputException>(() => SegmentSource.Load(folder, null, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<SegmentFileException>(() => SegmentSource.Load(Path.Combine(folder, "none.csv"), null, cancel: TestContext.Current.CancellationToken));
    }

    private string Csv(string text)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n") + ".csv");
        File.WriteAllText(path, text);
        return path;
    }
}
