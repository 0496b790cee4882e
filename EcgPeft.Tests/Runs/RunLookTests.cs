using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Runs;

public sealed class RunLookTests
{
    [Fact]
    public void Runs_made_at_once_by_several_hands_look_different_and_keep_their_look()
    {
        var root = RunSamples.Root();
        var folders = new RunFolder[RunLook.Count];
        Parallel.For(0, folders.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => folders[i] = RunSamples.NewRun(root, "same name"));
        var looks = folders.Select(RunLook.Of).ToList();
        Assert.Equal(RunLook.Count, looks.Distinct().Count());

        // The folder keeps it wherever it goes.
        var moved = Path.Combine(TestData.TemporaryFolder(), "elsewhere");
        Directory.Move(folders[3].Path, moved);
        Assert.Equal(looks[3], RunLook.Of(new RunFolder(moved)));
    }

    [Fact]
    public void Twelve_compared_runs_are_told_apart_whatever_their_looks_and_the_first_keeps_its_own()
    {
        foreach (var alike in new[] { 1, 2, 6 })
        {
            var own = Enumerable.Range(0, 12).Select(i => RunLook.Numbered(i % alike)).ToList();
            var apart = RunLook.Apart(own);
            Assert.Equal(12, apart.Distinct().Count());
            Assert.Equal(own[0], apart[0]);
        }
        var different = Enumerable.Range(5, 12).Select(RunLook.Numbered).ToList();
        Assert.Equal(different, RunLook.Apart(different));
    }

    [Fact]
    public void A_person_gives_a_run_another_look_which_stays_with_its_folder()
    {
        var root = RunSamples.Root();
        using var services = RunServices.Open(root, StubWorker.Quick);
        var folder = RunSamples.Completed(root);
        services.Monitor.Refresh(folder.Id);
        var before = RunLook.Of(folder);
        var look = new RunLook((before.Color + 2) % RunLook.Colors, 3);
        services.Library.ChangeLook(folder.Id, _ => look);
        Assert.Equal(look, RunLook.Of(folder));
        var moved = Path.Combine(TestData.TemporaryFolder(), "elsewhere");
        Directory.Move(folder.Path, moved);
        Assert.Equal(look, RunLook.Of(new RunFolder(moved)));
        Assert.Throws<UserInputException>(() => services.Library.ChangeLook("no-such-run", _ => look));
        Assert.Throws<UserInputException>(() => services.Library.ChangeLook(folder.Id, _ => look)); // it is gone from here
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("{\"look\":-1}")]
    [InlineData("no json")]
    public void A_folder_without_a_readable_look_has_one_all_the_same(string? text)
    {
        var folder = RunSamples.NewRun(RunSamples.Root());
        var file = Path.Combine(folder.Path, "look.json");
        if (text is null) File.Delete(file);
        else File.WriteAllText(file, text);
        var look = RunLook.Of(folder);
        Assert.InRange(look.Color, 0, RunLook.Colors - 1);
        Assert.InRange(look.Dash, 0, RunLook.Dashes - 1);
    }
}
