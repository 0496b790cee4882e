using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public void A_run_reports_its_plan_every_step_without_gaps_and_every_epoch()
    {
        var run = new SmallRun();
        var result = run.Run();

        var plan = Assert.IsType<PlanEvent>(run.Events[0]);
        Assert.Equal(plan.TotalSteps, plan.StepsPerEpoch * 3);
        Assert.Equal(Enumerable.Range(1, (int)plan.TotalSteps).Select(i => (long)i), run.Events.OfType<StepEvent>().Select(s => s.Step));
        Assert.Equal([1, 2, 3], run.Events.OfType<EpochEvent>().Select(e => e.Epoch));
        Assert.True(run.Events.OfType<EpochEvent>().First().Best);
        Assert.Equal((true, 3, plan.TotalSteps), (result.Completed, result.EpochsTrained, result.Step));
        Assert.Equal(run.Events.OfType<EpochEvent>().Last(e => e.Best).Epoch, result.BestEpoch);
    }

    [Fact]
    public void The_same_recipe_gives_the_same_run_and_another_seed_another()
    {
        var (first, second) = (new SmallRun(), new SmallRun());
        var other = new SmallRun(SmallRun.DefaultRecipe with { Seed = 2 });
        foreach (var run in new[] { first, second, other }) run.Run();

        Assert.Equal(Losses(first), Losses(second));
        Assert.Equal(first.Trained, second.Trained);
        Assert.NotEqual(Losses(first), Losses(other));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    public void A_stopped_run_goes_on_exactly_where_it_was(int stopAfter)
    {
        var whole = new SmallRun();
        whole.Run();

        using var stop = new CancellationTokenSource();
        var part = new SmallRun(stop: stop.Token);
        part.OnEvent = e =>
        {
            if (e is StepEvent step && step.Step == stopAfter) stop.Cancel();
        };
        var stopped = part.Run();
        Assert.False(stopped.Completed);
        var rest = new SmallRun { CheckpointFolder = part.CheckpointFolder };
        Assert.True(rest.Run().Completed);

        Assert.Equal(Losses(whole), Losses(part).Concat(Losses(rest)));
        Assert.Equal(whole.Trained, rest.Trained);
        Assert.Equal(
            whole.Events.OfType<EpochEvent>().Select(e => (e.Epoch, e.TrainingLoss, e.Validation)),
            part.Events.Concat(rest.Events).OfType<EpochEvent>().Select(e => (e.Epoch, e.TrainingLoss, e.Validation)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(11)]
    public void A_stopped_adalora_run_goes_on_with_its_importances_and_its_choice(int stopAfter)
    {
        var recipe = SmallRun.DefaultRecipe with { Peft = new AdaLoraConfig { InitRank = 4, TargetRank = 2, Dropout = 0.1 } };
        var whole = new SmallRun(recipe);
        whole.Run();
        Assert.Equal(2 * 3 * 4, whole.Trained.Where(t => t.Key.EndsWith(AdaLoraUpdate.E, StringComparison.Ordinal)).Sum(t => t.Value.Count(v => v != 0)));

        using var stop = new CancellationTokenSource();
        var part = new SmallRun(recipe, stop.Token);
        part.OnEvent = e =>
        {
            if (e is StepEvent step && step.Step == stopAfter) stop.Cancel();
        };
        Assert.False(part.Run().Completed);
        var rest = new SmallRun(recipe) { CheckpointFolder = part.CheckpointFolder };
        rest.Run();
        Assert.Equal(whole.Trained, rest.Trained);
    }

    public static TheoryData<string, PeftConfig> Checkpointed => new()
    {
        { "LoRA", new LoraConfig { Rank = 4, Dropout = 0.1 } },
        { "adapter", new AdapterConfig { Kind = AdapterKind.Houlsby, BottleneckSize = 8 } },
        { "AdaLoRA, whose loss has a term of its own", new AdaLoraConfig { InitRank = 4, TargetRank = 2, Dropout = 0.1 } },
        { "prefix", new PrefixConfig() },
        { "LoRA in the last layer, frames kept after the others", new LoraConfig { Rank = 4, Dropout = 0, LayersToTransform = [1] } },
    };

    [Theory]
    [MemberData(nameof(Checkpointed))]
    public void Activation_checkpointing_trains_the_same_bit_for_bit(string name, PeftConfig method)
    {
        Assert.NotEmpty(name);
        var recipe = SmallRun.DefaultRecipe with { Peft = method, Training = SmallRun.DefaultRecipe.Training with { Epochs = 1 } };
        var (plain, checkpointed) = (new SmallRun(recipe), new SmallRun(recipe with { Training = recipe.Training with { ActivationCheckpointing = true } }));
        plain.Run();
        checkpointed.Run();
        Assert.Equal(Losses(plain), Losses(checkpointed));
        Assert.Equal(plain.Trained, checkpointed.Trained);
    }

    [Fact]
    public void Activation_checkpointing_keeps_no_graph_of_the_layers()
    {
        using var scope = NewDisposeScope();
        using var classifier = ModelFolder.Load(Path.Combine(TestData.Golden, "wav2vec2", "base"), new SeededWeights(1));
        foreach (var parameter in classifier.Backbone.Layers.SelectMany(l => l.parameters())) parameter.requires_grad = true;
        classifier.train();
        var frames = new Frames(rand(2, 9, classifier.Backbone.Layers[0].HiddenSize), FrameMask: null);
        var layers = new CheckpointedLayers(classifier.Backbone, frames);
        Assert.Throws<InvalidOperationException>(layers.Backward);
        layers.Hidden.sum().backward();
        Assert.All(classifier.Backbone.Layers.SelectMany(l => l.parameters()), parameter => Assert.Null(parameter.grad));
        layers.Backward();
        Assert.All(classifier.Backbone.Layers.SelectMany(l => l.parameters()), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void Damage_of_any_file_of_a_checkpoint_is_found_and_the_one_before_is_used()
    {
        var whole = new SmallRun();
        whole.Run();
        using var stop = new CancellationTokenSource();
        var part = new SmallRun(stop: stop.Token);
        part.OnEvent = e =>
        {
            if (e is EpochEvent { Epoch: 2 }) stop.Cancel();
        };
        part.Run();
        var files = Directory.GetFiles(part.CheckpointFolder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["SHA256SUMS", "state.json", "state.safetensors"], files);

        foreach (var (name, damage) in from name in files from damage in new[] { "a bit", "its end", "all of it" } select (name, damage))
        {
            var place = Path.Combine(TestData.TemporaryFolder(), "checkpoint");
            foreach (var suffix in new[] { "", ".previous" })
            {
                Directory.CreateDirectory(place + suffix);
                foreach (var file in Directory.GetFiles(part.CheckpointFolder + suffix)) File.Copy(file, Path.Combine(place + suffix, Path.GetFileName(file)));
            }
            var damaged = Path.Combine(place, name);
            var bytes = File.ReadAllBytes(damaged);
            // A digit: the file stays as readable as before.
            var at = name == "state.safetensors" ? bytes.Length - 1 : Array.FindLastIndex(bytes, b => char.IsAsciiDigit((char)b));
            bytes[at] ^= 1;
            if (damage == "all of it") File.Delete(damaged);
            else File.WriteAllBytes(damaged, damage == "a bit" ? bytes : bytes[..^20]);

            var rest = new SmallRun { CheckpointFolder = place };
            rest.Run();
            Assert.True(rest.Events.OfType<LogEvent>().Any(log => log.Level == "warning" && log.Message.StartsWith("The checkpoint checkpoint is damaged (", StringComparison.Ordinal)), $"{damage} of {name} was not found");
            Assert.True(rest.Events.OfType<StepEvent>().First().Step > 1, "The one before was not used.");
            Assert.Equal(whole.Trained, rest.Trained);
        }
    }

    [Fact]
    public void Memory_is_flat_over_epochs()
    {
        // What earlier tests left to the collector must not go while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var counts = new List<long>();
        var run = new SmallRun(SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { Epochs = 6, SelectionMetric = SelectionMetric.Loss } });
        run.OnEvent = e =>
        {
            if (e is EpochEvent) counts.Add(Tensor.TotalCount);
        };
        run.Run();
        // The first epoch makes the gradients' and the best weights' buffers.
        Assert.True(counts.Skip(1).Distinct().Count() == 1, string.Join(" ", counts));
    }

    [Fact]
    public void Training_stops_early_when_the_metric_no_longer_improves()
    {
        var run = new SmallRun(SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { Epochs = 40, LearningRate = 1e-9, Patience = 2, SelectionMetric = SelectionMetric.Accuracy } });
        var result = run.Run();
        Assert.Equal(result.BestEpoch + 2, result.EpochsTrained);
        Assert.True(result.EpochsTrained < 40);
        Assert.Contains(run.Events.OfType<LogEvent>(), log => log.Message.StartsWith("Stopped early", StringComparison.Ordinal));
    }

    [Fact]
    public void A_diverging_loss_ends_the_run_with_step_and_learning_rate()
    {
        var run = new SmallRun(SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { LearningRate = 1e30, WarmupFraction = 0, MaxGradientNorm = 0 } });
        var error = Assert.Throws<TrainingDivergedException>(() => run.Run());
        var steps = run.Events.OfType<StepEvent>().ToList();
        Assert.False(double.IsFinite(steps[^1].Loss));
        Assert.All(steps[..^1], step => Assert.True(double.IsFinite(step.Loss)));
        Assert.Contains($"at step {steps[^1].Step} with learning rate", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<double> Losses(SmallRun run) => run.Events.OfType<StepEvent>().Select(s => s.Loss);
}
