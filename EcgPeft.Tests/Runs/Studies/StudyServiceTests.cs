using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Runs.Studies;

/// <summary>Studies and searches through the dashboard's queue: made, stopped and resumed as one, also over a restart.</summary>
public class StudyServiceTests
{
    private readonly DataRoot _root;

    public StudyServiceTests() : this(RunSamples.Root())
    {
    }

    protected StudyServiceTests(DataRoot root) => _root = root;

    private static Recipe Base { get; } = new() { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 9 } };

    [Fact]
    public async Task A_study_trains_every_combination_and_gives_mean_and_spread_by_model_and_method()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs, 2);
        services.Start();
        var id = services.Studies.Create(new() { Name = "both", Base = Base, Models = ["demo/wav2vec2", "demo/hubert"], Methods = ["lora", "adapter"], Seeds = [1, 2], Grid = [StudyAxis.Parse("training.learningRate=0.25,0.75")] });
        var study = await Until(services, id, StudyStatus.Completed);
        Assert.Equal(("both", 16, 16, 1.0), (study.Study.Name, study.Runs.Count, study.Completed, study.Share));
        Assert.Equal(16, services.Monitor.Runs.Count);
        Assert.Equal(8, study.Table.Count);
        var cell = study.Table.Single(c => c is { Model: "demo/hubert", Method: "adapter", Variant: "learningRate=0.75" });
        Assert.Equal((2, 2, (0.75, 0.0, 2)), (cell.Asked, cell.Test.Count, cell.Of(test => test.Auroc)));
        var run = services.Monitor.Runs.Single(r => r.Name == "hubert-adapter-seed2 (learningRate=0.75)");
        Assert.Equal(("demo/hubert", "adapter", 2, 0.75), (run.Recipe!.Backbone.Model, run.Recipe.Peft.Method, run.Recipe.Seed, run.Recipe.Training.LearningRate));
        Assert.Contains("is completed", Assert.Throws<UserInputException>(() => services.Studies.Resume(id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_is_stopped_and_resumed_as_one_also_by_the_next_dashboard()
    {
        string id;
        using (var services = RunServices.Open(_root, StubWorker.Hold))
        {
            services.Start();
            id = services.Studies.Create(new() { Base = Base, Methods = ["lora", "adapter"], Seeds = [1, 2] });
            await services.Until(RunIds(services, id)[0], run => run.Step == 3);
            services.Studies.Stop(id);
            var stopped = await Until(services, id, StudyStatus.Stopped);
            Assert.All(stopped.Runs, run => Assert.Equal(RunStatus.Stopped, run.Summary!.Status));
            Assert.Null(stopped.SecondsLeft);
        }
        using var next = RunServices.Open(_root, StubWorker.Quick);
        next.Start();
        Assert.Equal(StudyStatus.Stopped, Assert.Single(next.Studies.List()).Status);
        next.Studies.Resume(id);
        var done = await Until(next, id, StudyStatus.Completed);
        Assert.Equal(4, done.Completed);
    }

    [Fact]
    public async Task A_search_by_successive_halving_tests_its_winner_alone_and_outlives_the_dashboard()
    {
        string id;
        using (var services = RunServices.Open(_root, StubWorker.Epochs))
        {
            services.Start();
            id = services.Studies.Create(new() { Base = Base, Search = new(SearchKind.Asha, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 9) });
            await services.Until($"{id}-trial-01", run => run.Status == RunStatus.Stopped);
        }
        using var next = RunServices.Open(_root, StubWorker.Epochs);
        next.Start(); // goes on by itself
        var study = await Until(next, id, StudyStatus.Completed);
        var winner = SearchProgress.Winners(next.Studies.FolderOf(id), study.Study)[study.Study.Winners![0]];
        var best = study.Study.Runs.MaxBy(run => double.Parse(run.Settings![0].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture))!;
        Assert.Equal(best.Folder, winner.Folder);
        // Asynchronous: one that led early may have been trained to the end as well.
        var ended = study.Runs.Where(run => !study.Study.IsWinner(run.Run) && run.Summary!.Status == RunStatus.Completed).ToList();
        Assert.InRange(ended.Count, 1, 3);
        Assert.Contains(ended, run => run.Run.Folder == best.Folder);
        Assert.All(study.Runs.Where(run => !study.Study.IsWinner(run.Run)), run => Assert.Null(run.Summary!.Test));
        Assert.NotNull(study.Runs[^1].Summary!.Test);
        Assert.Single(Assert.Single(study.Table).Test);
        var paused = study.Runs.Where(run => run.Summary!.Status == RunStatus.Stopped).ToList();
        Assert.All(paused, run => Assert.Contains(run.Summary!.Epoch, new[] { 1, 3 }));
    }

    [Fact]
    public async Task A_stopped_search_decides_nothing_more_until_it_is_resumed()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs);
        var id = services.Studies.Create(new() { Base = Base, Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 3) });
        services.Studies.Stop(id);
        services.Start();
        for (var round = 0; round < 3; round++) services.Studies.Tick();
        Assert.Empty(services.Monitor.Runs);
        Assert.Equal(StudyStatus.Stopped, services.Studies.Find(id).Status);
        services.Studies.Resume(id);
        var study = await Until(services, id, StudyStatus.Completed);
        Assert.Equal(4, study.Completed);
    }

    [Fact]
    public async Task A_search_of_several_models_and_methods_has_a_winner_of_each_and_tests_none_before_all_are_chosen()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs, 2, yardsticks: StubWorker.Yardsticks);
        services.Start();
        SearchDimension[] space = [SearchDimension.Parse("training.learningRate=0.25,0.5,0.75"), SearchDimension.Parse("peft.rank=4,8"), SearchDimension.Parse("peft.bottleneckSize=16")];
        var id = services.Studies.Create(new() { Base = Base, Models = ["demo/wav2vec2", "demo/hubert"], Methods = ["lora", "adapter"], Search = new(SearchKind.Grid, space, 1), Yardsticks = ["majority", "small-cnn"] });
        var study = await Until(services, id, StudyStatus.Completed);
        // A setting of one method is searched with that method alone: 3 x 2 trials of LoRA, 3 of adapters.
        Assert.Equal(18, study.Study.Runs.Count);
        Assert.All(study.Study.Runs, run => Assert.Equal(run.Method == "lora" ? "peft.rank" : "peft.bottleneckSize", run.Settings![^1].Split('=')[0]));
        Assert.Equal(6, study.Study.Runs.Count(run => run is { Model: "demo/hubert", Method: "lora" }));
        Assert.Equal(4, study.Study.Winners!.Count);
        Assert.Equal(4, study.Table.Count);
        Assert.All(study.Table, cell => Assert.Equal(0.75, Assert.Single(cell.Test).Auroc));

        var folder = services.Studies.FolderOf(id);
        Assert.All(SearchProgress.Winners(folder, study.Study), pair => Assert.Contains("training.learningRate=0.75", pair.Value.Settings!));
        var trials = study.Runs.Where(run => !study.Study.IsWinner(run.Run)).ToList();
        Assert.All(trials, run => Assert.Null(run.Summary!.Test));
        // Nothing looks at the test split before the last trial has ended, the yardsticks not before the winners.
        var chosen = trials.Max(run => run.Summary!.EndedUtc);
        var finals = study.Runs.Where(run => study.Study.IsWinner(run.Run)).ToList();
        Assert.All(finals, run => Assert.True(run.Summary!.StartedUtc >= chosen, $"{run.Run.Folder} began before all were chosen"));
        Assert.Equal(["Majority class", "Small 1-D CNN"], study.Yardsticks.Select(cell => cell.Model));
        Assert.All(study.Yardsticks, cell => Assert.Equal((1, 0.9375), (cell.Asked, cell.Of(test => test.Auroc)!.Value.Mean)));
        Assert.All(Directory.GetFiles(Path.Combine(folder, "yardsticks")), file => Assert.True(File.GetLastWriteTimeUtc(file) >= finals.Max(run => run.Summary!.EndedUtc)));
        Assert.Contains(services.Monitor.Runs, run => run.Name!.StartsWith("hubert-adapter trial 2 (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Yardsticks_that_fail_are_said_and_resuming_tries_them_again()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs, yardsticks: StubWorker.YardsticksWithoutData);
        services.Start();
        var id = services.Studies.Create(new() { Base = Base, Seeds = [1, 2], Yardsticks = ["majority"] });
        var study = await Until(services, id, StudyStatus.Failed);
        Assert.Equal("There is no file /data/segments.csv.", study.Trouble);
        Assert.Equal((2, 0), (study.Completed, study.Yardsticks[0].Test.Count));

        File.WriteAllText(Path.Combine(services.Studies.FolderOf(id), "data"), "");
        services.Studies.Resume(id);
        study = await Until(services, id, StudyStatus.Completed);
        Assert.Null(study.Trouble);
        Assert.Equal((2, 0.9375, 0.0), (study.Yardsticks[0].Test.Count, study.Yardsticks[0].Of(test => test.Auroc)!.Value.Mean, study.Yardsticks[0].Of(test => test.Auroc)!.Value.Deviation));
    }

    [Fact]
    public void A_study_that_another_process_works_on_is_left_to_it()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs);
        var id = services.Studies.Create(new() { Base = Base, Methods = ["lora", "adapter"] });
        var folder = services.Studies.FolderOf(id);
        Assert.Contains("Another EcgPeft is at work on the study", Assert.Throws<UserInputException>(() => StudyLock.Take(folder)).Message, StringComparison.Ordinal);
        services.Studies.Stop(id);
        services.Studies.Tick(); // nothing of it goes on, so it is free
        using (StudyLock.Take(folder))
        {
            Assert.Contains("Another EcgPeft is at work on the study", Assert.Throws<UserInputException>(() => services.Studies.Resume(id)).Message, StringComparison.Ordinal);
            Assert.All(services.Studies.Find(id).Runs, run => Assert.Equal(RunStatus.Stopped, run.Summary!.Status));
        }
        services.Studies.Resume(id);
        Assert.Equal(StudyStatus.Running, services.Studies.Find(id).Status);
    }

    [Fact]
    public async Task A_completed_study_of_the_same_runs_is_found_however_it_was_asked_for()
    {
        using var services = RunServices.Open(_root, StubWorker.Epochs, 2);
        services.Start();
        var asked = new StudyRequest { Base = Base, Methods = ["lora", "adapter"], Seeds = [1, 2] };
        Assert.Null(services.Studies.TwinOf(asked.ToStudy(name => name)));
        var id = services.Studies.Create(asked);
        await Until(services, id, StudyStatus.Completed);
        string? Twin(StudyRequest request) => services.Studies.TwinOf(request.ToStudy(name => name))?.Id;
        Assert.Equal(id, Twin(asked with { Name = "again", Methods = ["adapter", "lora"], Seeds = [2, 1] }));
        Assert.Null(Twin(asked with { Seeds = [1, 3] }));
        Assert.Null(Twin(asked with { Seeds = [1] }));
        Assert.Null(Twin(asked with { Base = Base with { Data = new() { Path = "/data/segments.csv", Hash = "other" } } }));
        Assert.Null(Twin(asked with { Yardsticks = ["majority"] }));
        Assert.Null(Twin(asked with { Seeds = [], Methods = [], Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.1..0.9")], 4) }));
    }

    [Fact]
    public void A_search_of_an_earlier_version_with_its_one_winner_is_read()
    {
        var folder = TestData.TemporaryFolder();
        new StudyRequest { Base = Base, Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.1..0.9")], 2) }.ToStudy(name => name).WriteTo(folder);
        var file = Path.Combine(folder, Study.FileName);
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        json["final"] = json["winners"]![0]!.DeepClone();
        json.Remove("winners");
        File.WriteAllText(file, json.ToJsonString());
        var read = Study.Read(folder);
        Assert.Equal("winner", Assert.Single(read.Winners!).Folder);
        Assert.Equal("search winner", StudyRecipes.NameOf(read, read.Winners![0]));
    }

    [Fact]
    public void What_cannot_be_made_leaves_nothing_behind()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        string Sentence(StudyRequest request) => Assert.Throws<UserInputException>(() => services.Studies.Create(request)).Message;
        Assert.Contains("does not belong to the method adapter", Sentence(new() { Base = Base, Methods = ["lora", "adapter"], Grid = [StudyAxis.Parse("peft.rank=4,8")] }), StringComparison.Ordinal);
        Assert.Contains("training.epochs is 0", Sentence(new() { Base = Base, Grid = [StudyAxis.Parse("training.epochs=0,1")] }), StringComparison.Ordinal);
        Assert.Contains("at most 1000", Sentence(new() { Base = Base, Seeds = [.. Enumerable.Range(1, 1001)] }), StringComparison.Ordinal);
        Assert.Contains("Nothing of the search space belongs to the method lora", Sentence(new() { Base = Base, Methods = ["lora", "adapter"], Search = new(SearchKind.Grid, [SearchDimension.Parse("peft.bottleneckSize=4,8")], 1) }), StringComparison.Ordinal);
        Assert.Contains("no yardstick 'yard'", Sentence(new() { Base = Base, Yardsticks = ["yard"] }), StringComparison.Ordinal);
        Assert.Contains("no/model", Sentence(new() { Base = Base, Models = ["no/model"] }), StringComparison.Ordinal);
        Assert.Empty(services.Studies.List());
        Assert.Empty(Directory.GetDirectories(_root.Runs));
        Assert.Contains("no study", Assert.Throws<UserInputException>(() => services.Studies.Stop("../runs")).Message, StringComparison.Ordinal);
    }

    private static string[] RunIds(RunServices services, string id) => [.. services.Studies.Find(id).Runs.Select(run => run.Run.In(services.Studies.FolderOf(id)).Id)];

    private static async Task<StudyState> Until(RunServices services, string id, StudyStatus status)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (services.Studies.Find(id).Status == status) found.TrySetResult();
        }
        using var subscription = services.Feed.SubscribeAll(_ => Look());
        // A search's last word is no event of a run.
        using var timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        await found.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);
        return services.Studies.Find(id);
    }
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class StudyServiceTestsOnPostgres() : StudyServiceTests(PostgresServer.Root());
