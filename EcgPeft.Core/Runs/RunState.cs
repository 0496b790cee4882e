using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What the events of a run add up to.</summary>
internal sealed class RunState
{
    private const int LogLines = 200;

    private readonly List<StepEvent> _steps = [];
    private readonly List<EpochEvent> _epochs = [];
    private readonly Queue<LogEvent> _log = new();
    private readonly List<StepEvent> _redone = [];
    private readonly List<ResumePoint> _resumes = [];
    private readonly List<SystemEvent> _system = [];
    private StatusEvent? _status;
    private PlanEvent? _plan;
    private EpochEvent? _best;
    private DateTime _created, _last;
    private DateTime? _started;
    private long _step;
    private int _epoch;
    private double? _loss;
    private double _activeSeconds;

    public RunStatus? Status => _status?.Status;

    public DateTime LastEventUtc => _last;

    public IReadOnlyList<StepEvent> Steps => _steps;

    public IReadOnlyList<StepEvent> Redone => _redone;

    public IReadOnlyList<ResumePoint> Resumes => _resumes;

    public IReadOnlyList<EpochEvent> Epochs => _epochs;

    public PlanEvent? Plan => _plan;

    public void Apply(RunEvent runEvent)
    {
        var time = runEvent.Time.ToUniversalTime();
        if (_created == default) _created = time;
        // How long a dead worker lay undiscovered is not time at work; a clock set back adds nothing.
        if (_status is not null && RunLife.HasWorker(_status.Status) && runEvent is not StatusEvent { Status: RunStatus.Interrupted })
            _activeSeconds += Math.Max(0, (time - _last).TotalSeconds);
        _last = time;
        switch (runEvent)
        {
            case StatusEvent status:
                _status = status;
                _step = status.Step;
                if (status.Status == RunStatus.Running && _started is not null) _resumes.Add(new(status.Step, time, _activeSeconds));
                if (status.Status == RunStatus.Running) _started ??= time;
                break;
            case PlanEvent plan:
                _plan = plan;
                break;
            case StepEvent step:
                (_step, _epoch, _loss) = (step.Step, step.Epoch, step.Loss);
                if (Put(_steps, step, s => s.Step) is { } before) _redone.Add(before);
                break;
            case EpochEvent epoch:
                _epoch = epoch.Epoch;
                if (epoch.Best) _best = epoch;
                Put(_epochs, epoch, e => e.Epoch);
                break;
            case SystemEvent use:
                _system.Add(use);
                break;
            case LogEvent line:
                _log.Enqueue(line);
                if (_log.Count > LogLines) _log.Dequeue();
                break;
        }
    }

    /// <summary>Null before the first status.</summary>
    public RunSummary? Summary(string id, Recipe recipe, RunMetrics? metrics) => _status is null ? null : new()
    {
        Id = id,
        Name = string.IsNullOrWhiteSpace(recipe.Name) ? id : recipe.Name,
        Status = _status.Status,
        StatusMessage = _status.Message,
        StatusTime = _status.Time.ToUniversalTime(),
        CreatedUtc = _created,
        StartedUtc = _started,
        EndedUtc = RunLife.HasWorker(_status.Status) || _status.Status == RunStatus.Queued ? null : _status.Time.ToUniversalTime(),
        LastEventUtc = _last,
        Model = recipe.Backbone.Model,
        Method = recipe.MethodName,
        DataSet = Path.GetFileName(Path.TrimEndingDirectorySeparator(recipe.Data.Path ?? "")),
        Recipe = recipe,
        Step = _step,
        TotalSteps = _plan?.TotalSteps,
        Epoch = _epoch,
        Epochs = _plan?.Epochs ?? recipe.Training.Epochs,
        TrainableParameters = _plan?.TrainableParameters ?? metrics?.Resources.TrainableParameters,
        TotalParameters = _plan?.TotalParameters ?? metrics?.Resources.TotalParameters,
        ActiveSeconds = _activeSeconds,
        LastLoss = _loss,
        BestEpoch = _best?.Epoch,
        BestValidationLoss = _best?.ValidationLoss,
        BestValidation = _best?.Validation,
        Validation = metrics?.Validation,
        Test = metrics?.Tested,
        Resources = metrics?.Resources,
        System = _system.Count == 0 ? null : _system[^1],
    };

    public RunSnapshot Snapshot(RunSummary summary, long sequence) => new(summary, [.. _steps], [.. _epochs], [.. _log], sequence)
    {
        Redone = [.. _redone],
        Resumes = [.. _resumes],
        System = [.. _system],
        Plan = _plan,
    };

    /// <summary>Appends, or replaces the one that a resumed run did again, which is given back.</summary>
    private static T? Put<T>(List<T> list, T item, Func<T, long> key)
        where T : class
    {
        var at = list.Count;
        while (at > 0 && key(list[at - 1]) > key(item)) at--;
        if (at == 0 || key(list[at - 1]) != key(item))
        {
            list.Insert(at, item);
            return null;
        }
        var before = list[at - 1];
        list[at - 1] = item;
        return before;
    }
}
