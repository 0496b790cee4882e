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
        var winner = SearchProgress.Winner(next.Studies.FolderOf(id), study.Study)!;
        var best = study.Study.Runs.MaxBy(run => double.Parse(run.Settings![0].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture))!;
        Assert.Equal(best.Folder, winner.Folder);
        // Asynchronous: one that led early may have been trained to the end as well.
        var ended = study.Runs.Where(run => run.Run != study.Study.Final && run.Summary!.Status == RunStatus.Completed).ToList();
        Assert.InRange(ended.Count, 1, 3);
        Assert.Contains(ended, run => run.Run.Folder == best.Folder);
        Assert.All(study.Runs.Where(run => run.Run != study.Study.Final), run => Assert.Null(run.Summary!.Test));
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
    public void What_cannot_be_made_leaves_nothing_behind()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        string Sentence(StudyRequest request) => Assert.Throws<UserInputException>(() => services.Studies.Create(request)).Message;
        Assert.Contains("does not belong to the method adapter", Sentence(new() { Base = Base, Methods = ["lora", "adapter"], Grid = [StudyAxis.Parse("peft.rank=4,8")] }), StringComparison.Ordinal);
        Assert.Contains("training.epochs is 0", Sentence(new() { Base = Base, Grid = [StudyAxis.Parse("training.epochs=0,1")] }), StringComparison.Ordinal);
        Assert.Contains("at most 1000", Sentence(new() { Base = Base, Seeds = [.. Enumerable.Range(1, 1001)] }), StringComparison.Ordinal);
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
        await found.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return services.Studies.Find(id);
    }
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class StudyServiceTestsOnPostgres() : StudyServiceTests(PostgresServer.Root());
