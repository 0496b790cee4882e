using System.Diagnostics;
using System.Globalization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Core.Benchmarks;

/// <summary>How long a worker takes from the start of its process to its first step at base size, and what several workers share of their memory.</summary>
/// <param name="worker">How a worker is started.</param>
/// <param name="progress">Receives a line for people when something is measured.</param>
/// <param name="stop">Ends the measurement.</param>
public sealed class StartBenchmark(WorkerCommand worker, Action<string> progress, CancellationToken stop)
{
    private const int Rounds = 3;
    private const int Segments = 64;
    private const string Config = "wav2vec2-base.json";

    /// <summary>Enough for the layers' memory to have grown to what it stays at.</summary>
    private const int StepsBeforeMemory = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Measures everything.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public StartReport Run()
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-");
        try
        {
            var root = new DataRoot(Path.Combine(folder.FullName, "root"));
            var recipe = Recipe(folder.FullName);
            var cold = Seconds(root, recipe, "cold");
            progress(FormattableString.Invariant($"first step with an empty cache: {cold:F2} s"));
            List<double> warm = [.. Enumerable.Range(1, Rounds).Select(round => Seconds(root, recipe, $"warm-{round}"))];
            progress(FormattableString.Invariant($"with a full one: {string.Join(", ", warm.Select(s => FormattableString.Invariant($"{s:F2}")))} s"));
            var alone = OperatingSystem.IsLinux() ? Memory(root, recipe, 1)[0] : null;
            var together = OperatingSystem.IsLinux() ? Memory(root, recipe, 2) : null;
            return new StartReport(RunEnvironment.ProcessorName(), cold, [.. warm.Order()], alone, together);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A model of the published sizes with random weights, segments, and the recipe of both.</summary>
    private static Recipe Recipe(string folder)
    {
        var model = Path.Combine(folder, "model");
        Directory.CreateDirectory(model);
        File.WriteAllBytes(Path.Combine(model, "config.json"), KnownConfig.Bytes(Config));
        var weights = new SeededWeights(1);
        using (var classifier = ModelFolder.Build(model, weights, weights))
            SafetensorsWriter.Write(Path.Combine(model, "model.safetensors"), classifier.named_parameters().Select(p => KeyValuePair.Create<string, Tensor>(p.name, p.parameter)));
        var data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(Segments, 8, 1));
        return new Recipe
        {
            Data = new DataRecipe { Path = data },
            Backbone = new BackboneRecipe { Model = model },
            Peft = new LoraConfig { Rank = 8, Alpha = 16 },
            Training = new TrainingRecipe { BatchSize = 8, Epochs = 50, Patience = 0 },
        };
    }

    private double Seconds(DataRoot root, Recipe recipe, string name)
    {
        var folder = RunFolder.CreateAt(Path.Combine(root.Runs, name), recipe);
        var clock = Stopwatch.StartNew();
        using var process = worker.Start(folder, root, workers: 1);
        WaitForStep(folder, process, 1);
        var seconds = clock.Elapsed.TotalSeconds;
        End(folder, process);
        return seconds;
    }

    private List<WorkerMemory> Memory(DataRoot root, Recipe recipe, int workers)
    {
        var runs = Enumerable.Range(1, workers).Select(number => RunFolder.CreateAt(Path.Combine(root.Runs, $"memory-{workers}-{number}"), recipe)).Select(folder => (Folder: folder, Process: worker.Start(folder, root, workers))).ToList();
        foreach (var (folder, process) in runs) WaitForStep(folder, process, StepsBeforeMemory);
        var memory = runs.Select(run => MemoryOf(run.Process.Id)).ToList();
        foreach (var (folder, process) in runs)
        {
            End(folder, process);
            process.Dispose();
        }
        progress(FormattableString.Invariant($"{(workers == 1 ? "one worker" : $"each of {workers} workers at once")}: {string.Join(", ", memory.Select(m => FormattableString.Invariant($"{m.Resident:F0} MB resident, {m.Own:F0} of them its own")))}"));
        return memory;
    }

    private void WaitForStep(RunFolder folder, Process process, int steps)
    {
        var (clock, offset, seen) = (Stopwatch.StartNew(), 0L, 0);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var (events, next) = EventLog.Read(folder.EventsFile, offset);
            offset = next;
            seen += events.OfType<StepEvent>().Count();
            if (seen >= steps) return;
            if (process.HasExited || clock.Elapsed > Patience)
                throw new InvalidOperationException($"The worker did not come to its step {steps}: {events.OfType<StatusEvent>().LastOrDefault()?.Message ?? (File.Exists(folder.WorkerLogFile) ? File.ReadAllText(folder.WorkerLogFile) : "it wrote nothing")}");
            Thread.Sleep(5);
        }
    }

    private static void End(RunFolder folder, Process process)
    {
        File.WriteAllText(folder.StopRequestFile, "");
        if (!process.WaitForExit(Patience)) process.Kill();
    }

    private static WorkerMemory MemoryOf(int process)
    {
        var kilobytes = File.ReadLines($"/proc/{process}/smaps_rollup").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words is [_, _, "kB"])
            .ToDictionary(words => words[0].TrimEnd(':'), words => double.Parse(words[1], CultureInfo.InvariantCulture) * 1024 / 1e6);
        return new WorkerMemory(kilobytes["Rss"], kilobytes["Pss"], kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]);
    }
}
