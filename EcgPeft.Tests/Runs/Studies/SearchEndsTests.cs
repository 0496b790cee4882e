using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Studies;

/// <summary>How searches end: winners trained again with further seeds, and models of which nothing comes to an end.</summary>
public sealed class SearchEndsTests
{
    private readonly DataRoot _root = RunSamples.Root();

    private static StudyRequest Request { get; } = new()
    {
        Base = new() { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 4 } },
        Models = ["demo/wav2vec2", "demo/hubert"], Search = new(SearchKind.Grid, [SearchDimension.Parse("training.learningRate=0.25,0.75,0.5")], 1), Yardsticks = ["majority"],
    };

    [Fact]
    public async Task Winners_are_trained_again_with_further_seeds_on_the_split_of_the_search()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs, 2, yardsticks: StubWorker.Yardsticks);
        services.Start();
        var id = services.Studies.Create(Request with { Seeds = [5, 6, 7] });
        var study = await Until(services, id, StudyStatus.Completed);
        Assert.Equal((6, 6), (study.Study.Runs.Count, study.Study.Winners!.Count));
        Assert.All(study.Table, cell => Assert.Equal((3, (0.75, 0.0, 3)), (cell.Asked, cell.Of(test => test.Auroc))));
        Assert.Equal(["demo/wav2vec2", "demo/hubert"], study.Table.Select(cell => cell.Model));
        Assert.Equal((3, 3), (study.Yardsticks[0].Asked, study.Yardsticks[0].Test.Count));
        Assert.Empty(study.Lost);

        var chosen = study.Runs.Where(run => !study.Study.IsWinner(run.Run)).Max(run => run.Summary!.EndedUtc);
        var again = study.Runs.Where(run => study.Study.IsRepeat(run.Run)).ToList();
        Assert.Equal([6, 6, 7, 7], again.Select(run => run.Summary!.Recipe!.Seed));
        Assert.All(again, run =>
        {
            var recipe = run.Summary!.Recipe!;
            Assert.Equal((5, 0.75, 4, false), (recipe.Split.Seed, recipe.Training.LearningRate, run.Summary.Epoch, recipe.Evaluation.ValidationOnly));
            Assert.True(run.Summary.StartedUtc >= chosen, $"{run.Run.Folder} began before all were chosen");
        });
        Assert.Contains("hubert-lora search winner, seed 7", again.Select(run => run.Summary!.Name));
        Assert.Equal(1, study.Share);
        Assert.Contains("--seeds 5,6,7", StudyCommandLine.Of(study.Study));
        Assert.Equal(id, services.Studies.TwinOf((Request with { Seeds = [5, 6, 7] }).ToStudy(name => name))?.Id);
        Assert.Null(services.Studies.TwinOf((Request with { Seeds = [5, 6, 8] }).ToStudy(name => name)));
    }

    [Fact]
    public async Task A_model_whose_trials_all_fail_is_named_with_the_reason_and_the_others_are_tested()
    {
        using var services = RunServices.Open(_root, StubWorker.EpochsWithoutHubert, 2, yardsticks: StubWorker.Yardsticks);
        services.Start();
        var id = services.Studies.Create(Request with { Seeds = [1, 2] });
        var study = await Until(services, id, StudyStatus.Failed);
        Assert.Equal("demo/hubert with lora has no winner, since all of its 3 trials failed. The weights of demo/hubert are damaged; pull them again.", Assert.Single(study.Lost));
        Assert.Equal([2, 0], study.Table.Select(cell => cell.Test.Count));
        Assert.Equal(2, study.Yardsticks[0].Test.Count);

        var tested = study.Runs.Where(run => run.Summary?.Test is not null).ToDictionary(run => run.Run.Folder, run => run.Summary!.EndedUtc);
        File.WriteAllText(Path.Combine(_root.Path, "mended"), "");
        services.Studies.Resume(id);
        study = await Until(services, id, StudyStatus.Completed);
        Assert.Empty(study.Lost);
        Assert.All(study.Table, cell => Assert.Equal(2, cell.Test.Count));
        Assert.All(study.Runs.Where(run => tested.ContainsKey(run.Run.Folder)), run => Assert.Equal(tested[run.Run.Folder], run.Summary!.EndedUtc));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_of_which_nothing_comes_to_an_end_says_so_and_ends(bool killed)
    {
        using var services = RunServices.Open(_root, killed ? StubWorker.EpochsKilledWithHubert : StubWorker.EpochsWithoutHubert, 3, yardsticks: StubWorker.Yardsticks);
        services.Start();
        var id = services.Studies.Create(Request with { Models = ["demo/hubert"] });
        var study = await Until(services, id, StudyStatus.Failed);
        Assert.StartsWith("demo/hubert with lora has no winner, since all of its 3 trials failed. " + (killed ? "Interrupted before the first step" : "The weights"), Assert.Single(study.Lost), StringComparison.Ordinal);
        Assert.Empty(study.Yardsticks[0].Test);
        // A worker that dies is no verdict on its trial, but one that always does is.
        if (killed) Assert.All(study.Runs.Where(run => run.Summary is not null), run => Assert.Equal(3, RunSamples.Statuses(RunFolder.Find(_root.Runs, run.Summary!.Id)!).Count(status => status == RunStatus.Interrupted)));
    }

    [Fact]
    public async Task A_search_that_cannot_decide_says_why_and_goes_on_when_that_is_mended()
    {
        var asked = Request with { Models = ["demo/wav2vec2"] };
        using var services = RunServices.Open(_root, StubWorker.Epochs, yardsticks: StubWorker.Yardsticks);
        var id = services.Studies.Create(asked);
        services.Studies.Tick(); // the first trial is made
        var recipe = RunFolder.Find(_root.Runs, $"{id}-trial-01")!.RecipeFile;
        var whole = File.ReadAllText(recipe);
        services.Studies.Stop(id);
        File.WriteAllText(recipe, whole[..40]);
        services.Studies.Tick();
        Assert.Equal(StudyStatus.Stopped, services.Studies.Find(id).Status);
        var why = Assert.Throws<UserInputException>(() => services.Studies.Resume(id)).Message;
        Assert.Contains("is no readable recipe", why, StringComparison.Ordinal);

        File.WriteAllText(recipe, whole);
        services.Studies.Resume(id);
        File.WriteAllText(recipe, whole[..40]);
        services.Start();
        var study = await Until(services, id, StudyStatus.Failed);
        Assert.Contains($"{recipe} is no readable recipe", study.SearchTrouble, StringComparison.Ordinal);
        File.WriteAllText(recipe, whole);
        // It waited all the time, or its worker had met the damage and said so.
        await services.Until($"{id}-trial-01", run => run is { Broken: null, Status: RunStatus.Completed or RunStatus.Failed });
        await Until(services, id, StudyStatus.Failed);
        services.Studies.Resume(id);
        Assert.Null((await Until(services, id, StudyStatus.Completed)).SearchTrouble);
    }

    private static async Task<StudyState> Until(RunServices services, string id, StudyStatus status)
    {
        for (var round = 0; services.Studies.Find(id).Status != status; round++)
        {
            Assert.True(round < 1200, $"The study is {services.Studies.Find(id).Status}, not {status}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        return services.Studies.Find(id);
    }
}
