using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>
/// Every method on every demo backbone, on real ECG: the loss falls, what is frozen stays bit for bit, a training that was stopped
/// and goes on ends like one that was not, and the saved adapter gives its predictions. New methods and demo models come in by
/// their registration alone.
/// </summary>
public sealed class RealEcgBatteryTests
{
    private const int Segments = 64;

    private static readonly ModelCatalogue Catalogue = new(new DataRoot(TestData.TemporaryFolder()));

    private static readonly Lazy<SegmentSet> Ecg = new(() => Balanced(SegmentCsv.Read(Path.Combine(TestData.RealEcg, "segments.csv")).Segments));

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var model in Catalogue.Models.Where(m => m.Id.StartsWith("demo/", StringComparison.Ordinal)))
                foreach (var method in PeftMethod.All) data.Add(model.Id, method.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_method_learns_from_real_ecg_and_goes_on_where_it_stopped(string backbone, string method)
    {
        TestData.RealEcgFile("segments.csv");
        using var scope = NewDisposeScope();
        var (folder, config) = (Catalogue.FolderOf(backbone), PeftMethod.Find(method)!.Defaults);

        using var whole = new Training(folder, config);
        var frozen = FrozenWeights.Hash(whole.Model);
        Assert.True(whole.Run(stopAfter: null).Completed);
        Assert.True(whole.Losses[^8..].Average() < whole.Losses[..8].Average(), $"The loss went from {whole.Losses[..8].Average():F4} to {whole.Losses[^8..].Average():F4}.");
        Assert.Equal(frozen, FrozenWeights.Hash(whole.Model));
        var predictions = whole.Predictions(whole.Model);

        using (var stopped = new Training(folder, config))
        {
            Assert.False(stopped.Run(stopAfter: 9).Completed);
            using var resumed = new Training(folder, config) { Checkpoint = stopped.Checkpoint };
            Assert.True(resumed.Run(stopAfter: null).Completed);
            Assert.Equal(predictions, resumed.Predictions(resumed.Model));
        }

        var adapter = TestData.TemporaryFolder();
        whole.Model.SaveAdapter(adapter, backbone);
        using var loaded = PeftModel.Load(ModelFolder.Load(folder, new SeededWeights(99)), adapter, backbone);
        Assert.Equal(predictions.Length, whole.Predictions(loaded).Zip(predictions, (a, b) => Math.Abs(a - b)).Count(difference => difference < 1e-5));
    }

    /// <summary>The first segments of each class, in turn.</summary>
    private static SegmentSet Balanced(SegmentSet all)
    {
        var byLabel = Enumerable.Range(0, 2).Select(label => Enumerable.Range(0, all.Count).Where(i => all.Labels.Span[i] == label).ToList()).ToList();
        var rows = Enumerable.Range(0, Segments).Select(i => byLabel[i % 2][i / 2]).ToList();
        return new SegmentSet([.. rows.SelectMany(row => all.Segment(row).ToArray())], [.. rows.Select(row => all.Labels.Span[row])], all.Length);
    }

    /// <summary>One training in this process: 5 epochs of 4 steps on inputs that are long enough for a few frames.</summary>
    private sealed class Training : IDisposable
    {
        private readonly Recipe recipe;
        private readonly SegmentInputs inputs;
        private FrozenFrames? frames;

        public Training(string folder, PeftConfig config)
        {
            Model = PeftModel.Inject(ModelFolder.Load(folder, new SeededWeights(3)), config, new SeededWeights(3));
            recipe = new Recipe { Peft = config, Seed = 3, Training = new TrainingRecipe { Epochs = 5, BatchSize = 16, LearningRate = 3e-3, Patience = 0 } };
            var contract = Model.Classifier.Backbone.Contract;
            var normalised = Normalization.Apply(Ecg.Value, NormalizationKind.Segment);
            inputs = new SegmentInputs(normalised.Values, Ecg.Value.Length, Ecg.Value.Labels, contract, contract.Leads == 1 ? 2400 : 700);
        }

        public PeftModel Model { get; }

        public string Checkpoint { get; init; } = Path.Combine(TestData.TemporaryFolder(), "checkpoint");

        public List<double> Losses { get; } = [];

        public TrainingResult Run(int? stopAfter)
        {
            frames = Model.TrainsBeforeLayers ? FrozenFrames.Trained(Model.Classifier.Backbone, inputs) : FrozenFrames.Compute(Model.Classifier.Backbone, inputs, 1 << 28, progress: null, CancellationToken.None);
            var rows = Enumerable.Range(0, Segments).ToArray();
            using var stop = new CancellationTokenSource();
            void Report(RunEvent runEvent)
            {
                if (runEvent is not StepEvent step) return;
                Losses.Add(step.Loss);
                if (step.Step == stopAfter) stop.Cancel();
            }
            return Trainer.Train(Model, frames, inputs, new DataSplit(rows, rows, rows, false), recipe, Checkpoint, Report, stop.Token);
        }

        public double[] Predictions(PeftModel model)
        {
            var rows = Enumerable.Range(0, Segments).ToArray();
            if (!model.TrainsBeforeLayers) return Predictor.Probabilities(model.Classifier, frames!, rows);
            using var own = FrozenFrames.Trained(model.Classifier.Backbone, inputs);
            return Predictor.Probabilities(model.Classifier, own, rows);
        }

        public void Dispose()
        {
            frames?.Dispose();
            Model.Dispose();
        }
    }
}
