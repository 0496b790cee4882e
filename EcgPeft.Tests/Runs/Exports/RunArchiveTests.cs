using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Exports;

public sealed class RunArchiveTests
{
    [Fact]
    public void A_run_is_the_same_in_another_installation()
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var run = RunSamples.Completed(there);
        Directory.CreateDirectory(run.AdapterFolder);
        File.WriteAllText(Path.Combine(run.AdapterFolder, "adapter_config.json"), "{}");
        var imported = Imported(here, Exported(there, run.Id));

        Assert.Equal((run.Id, false), (imported.Runs.Single().Id, imported.Runs.Single().WasHere));
        var copy = RunFolder.Find(here.Runs, run.Id)!;
        Assert.Equal(Contents(run), Contents(copy));
        Assert.Equal(RunStatus.Completed, RunSummary.Read(copy)!.Status);
        Assert.Equal([run.Id], Directory.GetFileSystemEntries(here.Runs).Select(Path.GetFileName)); // nothing half is left
    }

    [Fact]
    public void The_same_run_comes_once_and_another_run_of_its_id_stays()
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var run = RunSamples.Completed(there);
        var zip = Exported(there, run.Id);
        Imported(here, zip);
        Assert.True(Imported(here, zip).Runs.Single().WasHere);

        var other = RunSamples.Root();
        var clash = RunFolder.CreateAt(Path.Combine(other.Runs, run.Id), new Recipe { Seed = 99 });
        RunLife.Move(clash, RunStatus.Queued, 0, null);
        Assert.Equal($"{run.Id}-2", Imported(other, zip).Runs.Single().Id);
        Assert.Equal(99, clash.ReadRecipe().Seed);
        Assert.Equal(RunStatus.Completed, RunSummary.Read(RunFolder.Find(other.Runs, $"{run.Id}-2")!)!.Status);
    }

    [Fact]
    public void A_run_at_work_is_not_exported_and_one_that_waited_does_not_start_by_itself()
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var run = RunSamples.NewRun(there);
        RunLife.Move(run, RunStatus.Queued, 0, null);
        using (WorkerLock.TryTake(run))
            Assert.Contains("at work", Assert.Throws<UserInputException>(() => Exported(there, run.Id)).Message, StringComparison.Ordinal);
        Imported(here, Exported(there, run.Id));
        Assert.Equal(RunStatus.Stopped, RunLife.Current(RunFolder.Find(here.Runs, run.Id)!));
    }

    [Fact]
    public void The_data_set_is_found_again_by_its_content()
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var set = SyntheticEcg.Generate(20, 4, 7);
        var csv = Path.Combine(here.Path, "set.csv");
        SegmentCsv.Write(csv, set, cancel: TestContext.Current.CancellationToken);
        var data = new DataSetLibrary(here).Import(csv, "mine", null, null, cancel: TestContext.Current.CancellationToken);
        var run = RunSamples.Completed(there);
        run.WriteRecipe(run.ReadRecipe() with { Data = new() { Path = "/elsewhere/segments.csv", Hash = data.Hash } });
        var imported = Imported(here, Exported(there, run.Id)).Runs.Single();
        Assert.Null(imported.Note);
        Assert.Equal(new DataSetLibrary(here).FolderOf(data.Id), RunFolder.Find(here.Runs, run.Id)!.ReadRecipe().Data.Path);

        run.WriteRecipe(run.ReadRecipe() with { Seed = 5, Data = new() { Path = "/elsewhere/segments.csv", Hash = "0000" } });
        Assert.Contains("/elsewhere/segments.csv", Imported(here, Exported(there, run.Id)).Runs.Single().Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_brings_its_runs()
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var runs = Enumerable.Range(0, 2).Select(_ => RunSamples.Completed(there)).ToList();
        var folder = Path.Combine(there.Studies, "first");
        new Study(DateTime.UtcNow, new(), ["m"], ["lora"], [1, 2], [], [.. runs.Select((run, i) => new StudyRun(Path.GetRelativePath(folder, run.Path), "m", "lora", i + 1))], []).WriteTo(folder);
        RunSamples.Completed(here); // not every id is free, and not every run is the study's
        var imported = Imported(here, Exported(there, "first"));
        Assert.Equal("first", imported.Study);
        var study = Study.Read(Path.Combine(here.Studies, "first"));
        Assert.Equal(runs.Select(run => Path.Combine(here.Runs, run.Id)), study.Runs.Select(run => run.In(Path.Combine(here.Studies, "first")).Path));
        Assert.All(study.Runs, run => Assert.True(File.Exists(run.In(Path.Combine(here.Studies, "first")).MetricsFile)));
    }

    [Theory]
    [InlineData("../../evil.txt")]
    [InlineData("runs/../../evil.txt")]
    [InlineData("/tmp/evil.txt")]
    [InlineData("runs/ID/../../../evil.txt")]
    [InlineData("runs/ID/..\\..\\evil.txt")]
    [InlineData("runs/other/evil.txt")]
    [InlineData("study/evil.txt")]
    [InlineData("C:/evil.txt")]
    public void A_path_that_leads_elsewhere_is_refused(string path)
    {
        var (there, here) = (RunSamples.Root(), RunSamples.Root());
        var run = RunSamples.Completed(there);
        path = path.Replace("ID", run.Id, StringComparison.Ordinal);
        var zip = Exported(there, run.Id);
        Change(zip, (archive, manifest) =>
        {
            Write(archive, path, "evil");
            manifest["files"]!.AsArray().Add(new JsonObject { ["path"] = path, ["bytes"] = 4, ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("evil"u8)) });
        });
        Refused(here, zip, "leads out");
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(here.Path)!, "evil.txt"));
    }

    [Fact]
    public void Whatever_is_wrong_with_the_file_nothing_is_left_and_a_sentence_says_it()
    {
        var there = RunSamples.Root();
        var run = RunSamples.Completed(there);
        void Spoiled(string part, Action<ZipArchive, JsonNode> how)
        {
            var zip = Exported(there, run.Id);
            Change(zip, how);
            Refused(RunSamples.Root(), zip, part);
        }
        var metrics = $"runs/{run.Id}/metrics.json";
        Spoiled("does not have the content", (archive, _) => { var length = archive.GetEntry(metrics)!.Length; archive.GetEntry(metrics)!.Delete(); Write(archive, metrics, new string(' ', (int)length)); });
        Spoiled("longer than it says", (archive, _) => { archive.GetEntry(metrics)!.Delete(); Write(archive, metrics, new string(' ', 1 << 20)); });
        Spoiled("is missing in it", (archive, _) => archive.GetEntry(metrics)!.Delete());
        Spoiled("not in its list", (archive, _) => Write(archive, "runs/more.txt", "more"));
        Spoiled("cannot have", (_, manifest) => manifest["files"]![0]!["bytes"] = long.MaxValue);
        Spoiled("cannot have", (_, manifest) => manifest["files"]![0]!["bytes"] = -1);
        Spoiled("times as large", (_, manifest) => manifest["files"]![0]!["bytes"] = 1L << 35);
        Spoiled("not readable", (_, manifest) => manifest["files"]![0]!["bytes"] = "1e400");
        Spoiled("another version", (_, manifest) => manifest["format"] = 99);
        Spoiled("makes no sense", (_, manifest) => manifest["runs"] = new JsonArray());
        Spoiled("cannot be an id", (_, manifest) => manifest["runs"] = new JsonArray(".."));

        var text = Path.Combine(there.Path, "text.zip");
        File.WriteAllText(text, "this is no zip");
        Refused(there, text, "no zip file");
        using (var archive = ZipFile.Open(Path.Combine(there.Path, "foreign.zip"), ZipArchiveMode.Create)) Write(archive, "a.txt", "a");
        Refused(there, Path.Combine(there.Path, "foreign.zip"), "no exported run");
    }

    private static void Refused(DataRoot here, string zip, string sentence)
    {
        var before = Directory.Exists(here.Runs) ? Directory.GetFileSystemEntries(here.Runs) : [];
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => Imported(here, zip)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(here.Runs));
    }

    private static ImportedRuns Imported(DataRoot here, string zip) => new RunImport(here).Import(zip, TestContext.Current.CancellationToken);

    private static string Exported(DataRoot root, string id)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "run.zip");
        using var file = File.Create(path);
        RunArchive.Write(ExportSource.Find(root, id), file, TestContext.Current.CancellationToken);
        return path;
    }

    private static void Change(string path, Action<ZipArchive, JsonNode> change)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        JsonNode manifest;
        using (var stream = archive.GetEntry("ecgpeft.json")!.Open()) manifest = JsonNode.Parse(stream)!;
        change(archive, manifest);
        archive.GetEntry("ecgpeft.json")!.Delete();
        Write(archive, "ecgpeft.json", manifest.ToJsonString());
    }

    private static void Write(ZipArchive archive, string name, string text)
    {
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    private static string[] Contents(RunFolder run) =>
        [.. Directory.GetFiles(run.Path, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "worker.lock").Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(run.Path, f)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")];
}
