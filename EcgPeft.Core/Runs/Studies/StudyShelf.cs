using System.Globalization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>The studies of the data folder, and where each stands. Reads only.</summary>
internal sealed class StudyShelf(DataRoot root, RunMonitor monitor, RunQueue queue, ILogger? log)
{
    // Metrics of a yardstick's predictions, which never change once they are there.
    private readonly Dictionary<string, BinaryMetrics> _measured = [];

    /// <summary>All studies, the newest first; a damaged one is left out.</summary>
    public IReadOnlyList<StudyState> List()
    {
        var runs = Runs();
        var found = new List<StudyState>();
        foreach (var folder in Folders())
        {
            try
            {
                found.Add(StateOf(folder, Study.Read(folder), runs));
            }
            catch (UserInputException e)
            {
                log?.LogWarning("A study cannot be read: {Reason}", e.Message); // it must not hide the others
            }
        }
        return [.. found.OrderByDescending(state => state.Study.CreatedUtc).ThenByDescending(state => state.Id, StringComparer.Ordinal)];
    }

    public StudyState Find(string id)
    {
        var folder = FolderOf(id);
        return StateOf(folder, Study.Read(folder), Runs());
    }

    public string FolderOf(string id) => Folders().FirstOrDefault(folder => Path.GetFileName(folder) == id) ?? throw new UserInputException($"There is no study {id} in {root.Studies}.");

    public IEnumerable<string> Folders() => Directory.Exists(root.Studies) ? Directory.EnumerateDirectories(root.Studies).Where(Study.Is) : [];

    public string NewId()
    {
        var id = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var free = id;
        for (var number = 2; Directory.Exists(Path.Combine(root.Studies, free)); number++) free = FormattableString.Invariant($"{id}-{number}");
        return free;
    }

    /// <summary>Where the runs of a study stand.</summary>
    public IReadOnlyList<StudyRunState> RunsOf(string folder, Study study) => RunsOf(folder, study, Runs());

    /// <summary>Whether it waits or is at work, also an interrupted run whose job Slurm has put back, or is about to; one whose folder cannot be read does neither.</summary>
    public static bool AtWork(StudyRunState state) => state.Summary is { Broken: null } run && (run.Status == RunStatus.Queued || RunLife.HasWorker(run.Status) || run is { Status: RunStatus.Interrupted, Slurm.IsOut: true });

    private static IReadOnlyList<StudyRunState> RunsOf(string folder, Study study, Dictionary<string, RunSummary> runs) => [.. study.AllRuns.Select(run =>
    {
        var summary = runs.GetValueOrDefault(run.In(folder).Id);
        return new StudyRunState(run, summary, summary is not null && RunLife.HasWorker(summary.Status));
    })];

    private StudyState StateOf(string folder, Study study, Dictionary<string, RunSummary> runs)
    {
        var states = RunsOf(folder, study, runs);
        var asked = states.Where(state => study.Compared.Contains(state.Run)).ToList();
        var (done, left, seconds) = StudyPace.Of(study, states, queue.PlacesOf(study));
        var status = StatusOf(folder, study, states, asked);
        return new StudyState(Path.GetFileName(folder), study, status, states, done, left, status == StudyStatus.Running ? seconds : null)
        {
            Yardsticks = [.. study.Yardsticks.Select(name => new StudyCell(Yardstick.All.FirstOrDefault(y => y.Name == name)?.Title ?? name, "", "", study.Repeats.Count, Measured(folder, study, name)))],
            Trouble = StudyMeasuring.TroubleOf(folder),
            SearchTrouble = StudySearches.TroubleOf(folder),
            Lost = [.. LostPair.Of(study, states).Select(pair => pair.Sentence)],
        };
    }

    private static StudyStatus StatusOf(string folder, Study study, IReadOnlyList<StudyRunState> states, List<StudyRunState> asked)
    {
        var completed = asked.All(state => state.Summary?.Status == RunStatus.Completed);
        if (completed && YardstickWork.Missing(folder, study).Count == 0) return StudyStatus.Completed;
        if (states.Any(AtWork) || StudySearches.IsActive(folder) || StudyMeasuring.IsActive(folder)) return StudyStatus.Running;
        if (StudyMeasuring.TroubleOf(folder) is not null && completed) return StudyStatus.Failed;
        if (StudySearches.TroubleOf(folder) is not null || HasEndedWithoutSome(study, states, asked)) return StudyStatus.Failed;
        return states.Any(HasFailed) && states.All(state => HasFailed(state) || state.Summary?.Status is RunStatus.Completed or null) ? StudyStatus.Failed : StudyStatus.Stopped;
    }

    private static bool HasFailed(StudyRunState state) => state.Summary is { Status: RunStatus.Failed } or { Broken: not null };

    /// <summary>A search that has nothing more to do and yet not every winner.</summary>
    private static bool HasEndedWithoutSome(Study study, IReadOnlyList<StudyRunState> states, List<StudyRunState> asked)
    {
        if (study.Search is null) return false;
        var lost = LostPair.Of(study, states).Select(lost => (lost.Pair.Final.Model, lost.Pair.Final.Method)).ToHashSet();
        return asked.All(state => state.Summary?.Status is RunStatus.Completed or RunStatus.Failed || lost.Contains((state.Run.Model, state.Run.Method)));
    }

    private List<BinaryMetrics> Measured(string folder, Study study, string name)
    {
        var found = new List<BinaryMetrics>();
        foreach (var (seed, fold) in study.Repeats)
        {
            var file = StudyYardsticks.FileOf(folder, name, seed, fold);
            if (!File.Exists(file)) continue;
            lock (_measured)
            {
                if (!_measured.TryGetValue(file, out var metrics)) _measured[file] = metrics = PredictionsFile.Read(file).Test.Metrics(DecisionThreshold.Default);
                found.Add(metrics);
            }
        }
        return found;
    }

    private Dictionary<string, RunSummary> Runs() => monitor.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
}
