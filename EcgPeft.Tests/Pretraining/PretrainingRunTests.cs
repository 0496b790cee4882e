using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Pretraining;

/// <summary>Whole pre-trainings as a worker does them, on a few segments.</summary>
public sealed class PretrainingRunTests
{
    private readonly DataRoot root = new(TestData.TemporaryFolder());
    private readonly string csv;
    private readonly string groups;

    public PretrainingRunTests()
    {
        csv = Path.Combine(root.Path, "segments.csv");
        groups = Path.Combine(root.Path, "groups.csv");
        var segments = SyntheticEcg.Generate(48, 6, 5);
        SegmentCsv.Write(csv, segments, cancel: TestContext.Current.CancellationToken);
        GroupsCsv.Write(groups, segments.Groups!);
    }

    public static TheoryData<string> Families => ["wav2vec2", "hubert", "ecg-fm"];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_recipe_of_a_demo_model_learns_and_makes_a_model_that_can_be_fine_tuned(string family)
    {
        var (folder, events) = Run(Recipe(family, "training.epochs=3", "split.validation=0.15"));

        var losses = events.OfType<EpochEvent>().Select(e => e.ValidationLoss).ToList();
        var perIteration = losses.Chunk(3).ToList();
        Assert.Equal(family == "hubert" ? 2 : 1, perIteration.Count);
        Assert.All(perIteration, iteration => Assert.True(iteration[^1] < iteration[0], $"held-out loss went from {iteration[0]} to {iteration[^1]}"));
        Assert.Equal(Enumerable.Range(1, events.OfType<StepEvent>().Count()).Select(i => (long)i), events.OfType<StepEvent>().Select(s => s.Step));

        var fine = new Recipe { Data = new DataRecipe { Path = csv }, Backbone = new BackboneRecipe { Model = folder.ModelFolder }, Peft = new LoraConfig(), Training = new TrainingRecipe { Epochs = 1 } };
        var tuned = RunFolder.Create(root.Runs, fine);
        Assert.Equal(0, RunWorker.Run(tuned, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken));
        Assert.Equal(ModelFolder.Hash(folder.ModelFolder), tuned.ReadRecipe().Backbone.Hash);
    }

    [Theory]
    [InlineData("wav2vec2", 2)]
    [InlineData("ecg-fm", 5)]
    [InlineData("hubert", 3)] // the last step of the first iteration
    [InlineData("hubert", 4)] // the first step of the second
    public void A_stopped_pre_training_goes_on_exactly_where_it_was(string family, int stopAfter)
    {
        var recipe = Recipe(family, "training.epochs=1", family == "ecg-fm" ? "training.batchSize=8" : "training.batchSize=16");
        var (whole, allEvents) = Run(recipe);

        var folder = RunFolder.Create(root.Runs, recipe);
        using var stop = new CancellationTokenSource();
        var first = new List<RunEvent>();
        Assert.Equal(RunWorker.StoppedExitCode, RunWorker.Run(folder, new TrainRecipe(root).Execute, stop.Token, e =>
        {
            first.Add(e);
            if (e is StepEvent step && step.Step == stopAfter) stop.Cancel();
        }));
        Assert.Equal(stopAfter, first.OfType<StepEvent>().Count());
        var rest = new List<RunEvent>();
        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken, rest.Add));

        Assert.Equal(allEvents.OfType<StepEvent>().Select(s => (s.Step, s.Loss)), first.Concat(rest).OfType<StepEvent>().Select(s => (s.Step, s.Loss)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.ModelFolder, "model.safetensors")), File.ReadAllBytes(Path.Combine(folder.ModelFolder, "model.safetensors")));
    }

    [Theory]
    [InlineData("wav2vec2/base")]
    [InlineData("wav2vec2/large")]
    [InlineData("hubert/base")]
    [InlineData("ecg-fm/pretrained")]
    public void Pre_training_goes_on_from_a_checkpoint_of_any_family(string golden)
    {
        var model = Path.Combine(TestData.Golden, golden);
        if (golden.StartsWith("ecg-fm", StringComparison.Ordinal)) model = Path.Combine(model, "checkpoint.pt");
        var recipe = new Recipe
        {
            Data = new DataRecipe { Path = csv, Groups = groups },
            Backbone = new BackboneRecipe { Model = model },
            Preprocessing = new PreprocessingRecipe { InputLength = 2000 },
            Pretraining = new PretrainingRecipe { MaskLength = 2, Negatives = 5, Clusters = [8], ProjectionSize = 16, CodeSize = 16, CodebookEntries = 8 },
            Training = new TrainingRecipe { Epochs = 1, BatchSize = 8, LearningRate = 1e-4 },
        };
        var (folder, _) = Run(recipe);

        using var before = ModelFolder.Load(model, new SeededWeights(1));
        using var after = ModelFolder.Load(folder.ModelFolder, new SeededWeights(1));
        Assert.Equal(before.Backbone.named_parameters().Select(p => p.name), after.Backbone.named_parameters().Select(p => p.name));
        var changes = before.Backbone.named_parameters().Zip(after.Backbone.named_parameters(), (b, a) => (b.parameter - a.parameter).abs().max().item<float>()).ToList();
        Assert.All(changes, change => Assert.InRange(change, 0, 0.05f));
        Assert.True(changes.Count(change => change > 0) > changes.Count / 2);
    }

    [Fact]
    public void What_was_pre_trained_goes_on_with_its_own_quantiser()
    {
        var (folder, _) = Run(Recipe("wav2vec2", "training.epochs=1"));
        var (_, events) = Run(Recipe("wav2vec2", "training.epochs=1", "pretraining.fromScratch=false", $"backbone.model={folder.ModelFolder}"));
        Assert.DoesNotContain(events.OfType<LogEvent>(), log => log.Message.StartsWith("Begins anew", StringComparison.Ordinal));
        using var file = SafetensorsFile.Open(Path.Combine(folder.ModelFolder, "model.safetensors"));
        Assert.Contains("quantizer.codevectors", file.Entries.Keys);
        Assert.Contains("wav2vec2.masked_spec_embed", file.Entries.Keys);
    }

    [Fact]
    public void No_epoch_writes_the_weights_that_it_would_begin_with()
    {
        var (folder, _) = Run(Recipe("wav2vec2", "training.epochs=0"));
        using var written = ModelFolder.Load(folder.ModelFolder, new SeededWeights(9));
        using var fresh = ModelFolder.Build(folder.ModelFolder, new SeededWeights(1), new SeededWeights(9));
        Assert.All(written.named_parameters().Zip(fresh.named_parameters()), p => Assert.Equal(0, (p.First.parameter - p.Second.parameter).abs().max().item<float>()));
    }

    [Fact]
    public void A_file_without_labels_gives_the_same_pre_training()
    {
        var bare = Path.Combine(root.Path, "unlabelled.csv");
        File.WriteAllLines(bare, File.ReadLines(csv).Select(line => line[..line.LastIndexOf(',')]));
        var recipe = Recipe("wav2vec2", "training.epochs=1");
        var (labelled, _) = Run(recipe);
        var (unlabelled, _) = Run(recipe with { Data = new DataRecipe { Path = bare, Groups = groups, Labelled = false } });
        Assert.Equal(File.ReadAllBytes(Path.Combine(labelled.ModelFolder, "model.safetensors")), File.ReadAllBytes(Path.Combine(unlabelled.ModelFolder, "model.safetensors")));
        Assert.Equal("data.labelled", Assert.Single(RecipeFile.Problems(new Recipe { Data = new DataRecipe { Labelled = false } })).Path);
        Assert.DoesNotContain(root.Path, File.ReadAllText(Path.Combine(unlabelled.ModelFolder, "pretraining.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_groups_cmsc_is_left_out_and_said()
    {
        var recipe = Recipe("ecg-fm", "training.epochs=1");
        var (_, events) = Run(recipe with { Data = recipe.Data with { Groups = null } });
        Assert.Contains(events.OfType<LogEvent>(), log => log.Level == "warning" && log.Message.Contains("CMSC is left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pretraining.maskLength=0")]
    [InlineData("pretraining.codeSize=7")]
    [InlineData("pretraining.clusters=[1]")]
    [InlineData("pretraining.leadMaskProbability=1")]
    public void A_setting_out_of_range_is_refused_by_its_name(string setting)
    {
        var error = Assert.Throws<UserInputException>(() => Recipe("wav2vec2", setting));
        Assert.StartsWith(setting[..setting.IndexOf('=')], error.Message, StringComparison.Ordinal);
    }

    private Recipe Recipe(string family, params string[] settings) =>
        RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "pretrain", $"{family}.json"), settings) with { Data = new DataRecipe { Path = csv, Groups = groups } };

    private (RunFolder Folder, List<RunEvent> Events) Run(Recipe recipe)
    {
        var folder = RunFolder.Create(root.Runs, recipe);
        var events = new List<RunEvent>();
        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken, events.Add));
        return (folder, events);
    }
}
