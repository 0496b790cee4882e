using EcgPeft.Core.Runs.Executors;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// The only door for what runs do: puts runs into the queue, asks workers to stop, resumes and deletes. Executors carry the waiting runs
/// out: worker processes here, one at a time by default and in <see cref="QueueOrder"/>, and jobs of a Slurm cluster. Thread-safe.
/// </summary>
public sealed class RunQueue
{
    /// <summary>Most workers at once that can be asked for.</summary>
    public const int MostConcurrency = 64;

    private readonly Dictionary<ExecutorKind, IRunExecutor> _executors = [];
    private readonly DataRoot _root;
    private readonly RunMonitor _monitor;
    private readonly RunLibrary _library;
    private readonly LocalExecutor _local;
    private readonly int _configured;
    private volatile int _concurrency;
    private DateTime _settingsUtc;

    /// <summary>Creates the queue; no worker starts before the first <see cref="Tick"/>.</summary>
    /// <param name="root">The data folder; runs lie in <see cref="DataRoot.Runs"/>.</param>
    /// <param name="monitor">Knows where each run stands.</param>
    /// <param name="library">Keeps priorities and places, and the trash.</param>
    /// <param name="worker">Starts a worker.</param>
    /// <param name="concurrency">How many workers may be at work at once, unless a person has set it (<see cref="Concurrency"/>).</param>
    /// <param name="log">Where starts of workers are noted.</param>
    /// <param name="slurm">How runs go to a Slurm cluster; null for no Slurm.</param>
    /// <exception cref="UserInputException"><c>queue.json</c> is damaged.</exception>
    public RunQueue(DataRoot root, RunMonitor monitor, RunLibrary library, WorkerCommand worker, int concurrency = 1, ILogger? log = null, SlurmSettings? slurm = null)
    {
        (_root, _monitor, _library) = (root, monitor, library);
        _configured = concurrency;
        _settingsUtc = QueueSettings.ChangedUtc(root);
        _concurrency = Math.Clamp(QueueSettings.Read(root).Concurrency ?? concurrency, 1, MostConcurrency);
        _executors[ExecutorKind.Local] = _local = new LocalExecutor(root, monitor, worker, () => _concurrency, log);
        if (slurm is { Enabled: true }) _executors[ExecutorKind.Slurm] = Slurm = new SlurmExecutor(root, monitor, slurm, worker.Program(), log);
    }

    /// <summary>One command at a time.</summary>
    internal CommandGate Gate => _library.Gate;

    /// <summary>The Slurm cluster, or null where none is set up.</summary>
    public SlurmExecutor? Slurm { get; }

    /// <summary>How many workers may be at work at once; workers that start share the processors by it. Setting it is remembered in the data folder.</summary>
    /// <exception cref="UserInputException">The number is not between 1 and <see cref="MostConcurrency"/>.</exception>
    public int Concurrency
    {
        get => _concurrency;
        set
        {
            if (value is < 1 or > MostConcurrency) throw new UserInputException($"{value} runs at once cannot be; give a number from 1 to {MostConcurrency}.");
            using (Gate.Enter())
            {
                new QueueSettings(value).WriteTo(_root);
                _concurrency = value;
            }
        }
    }

    /// <summary>Places of workers that are kept free for other work on the processors.</summary>
    internal int Reserved
    {
        get => _local.Reserved;
        set => _local.Reserved = value;
    }

    /// <summary>Workers at work here when the queue last looked.</summary>
    internal int Busy => _local.Busy;

    /// <summary>How many runs of a study are carried out at once at the most.</summary>
    internal int PlacesOf(Studies.Study study) => study.Base?.OnSlurm != true || Slurm is null ? Concurrency
        : study.Search is not null ? Slurm.Settings.TrialsAtOnce
        : Slurm.Settings.JobsAtOnce is > 0 and var most ? most : study.Runs.Count;

    /// <summary>The runs that wait for a worker here, the next one first; a cluster has an order of its own.</summary>
    public IReadOnlyList<RunSummary> Waiting => QueueOrder.Of(_monitor.Runs.Where(run => KindOf(run.Recipe) == ExecutorKind.Local));

    /// <summary>The recipe with the choice made of what carries it out.</summary>
    /// <param name="recipe">Every setting; one that says nothing of it goes the installation's usual way.</param>
    /// <exception cref="UserInputException">It is for Slurm, and there is none.</exception>
    public Recipe Placed(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Execution?.Executor is null && Slurm is { Settings.Usual: true }) recipe = recipe with { Execution = (recipe.Execution ?? new()) with { Executor = ExecutorKind.Slurm } };
        if (recipe.OnSlurm) NeedsSlurm();
        return recipe;
    }

    /// <summary>Makes a new run and puts it into the queue.</summary>
    /// <param name="recipe">Every setting.</param>
    /// <param name="notes">Tags, note and priority to begin with; null for none.</param>
    /// <returns>The run's id.</returns>
    /// <exception cref="UserInputException">It is for Slurm, and there is none.</exception>
    /// <exception cref="NotYoursException">Users are known here, and this one is not.</exception>
    public string Enqueue(Recipe recipe, RunNotes? notes = null)
    {
        notes = (notes ?? RunNotes.None) with { Owner = Actor.OwnerOfNew() };
        recipe = Placed(recipe);
        var folder = RunFolder.Create(_root.Runs, recipe);
        if (notes != RunNotes.None) notes.WriteTo(folder);
        using (var taken = Take(folder))
        {
            ExecutorOf(folder)!.Accept(folder, null);
            RunLife.Move(folder, RunStatus.Queued, 0, null);
        }
        _monitor.Refresh(folder.Id);
        return folder.Id;
    }

    /// <summary>Puts a new run with the recipe of another into the queue; tags and priority are taken along, results and note are not.</summary>
    /// <param name="id">The run to repeat, whatever its status.</param>
    /// <returns>The new run's id.</returns>
    /// <exception cref="UserInputException">There is no such run, or its recipe cannot be read.</exception>
    public string Clone(string id)
    {
        var folder = Find(id);
        var notes = RunNotes.Read(folder);
        return Enqueue(folder.ReadRecipe(), new RunNotes { Tags = notes.Tags, Priority = notes.Priority });
    }

    /// <summary>Sets how urgent a run is; it goes to the end of the waiting runs of that priority.</summary>
    /// <param name="id">The run.</param>
    /// <param name="priority">The new priority.</param>
    /// <exception cref="UserInputException">There is no such run.</exception>
    public void SetPriority(string id, RunPriority priority) => _library.Change(id, notes => notes.Priority == priority ? notes : notes with { Priority = priority, Place = null });

    /// <summary>Moves a waiting run to another place of the queue. One that passes runs of another priority takes theirs on.</summary>
    /// <param name="id">The run.</param>
    /// <param name="place">Its new place, from 0 (the next to start); beyond the ends means the end.</param>
    /// <exception cref="UserInputException">There is no such run, or it does not wait.</exception>
    public void Move(string id, int place)
    {
        using (Gate.Enter())
        {
            FindOwn(id);
            var waiting = WaitingNow();
            if (waiting.All(run => run.Id != id)) throw new UserInputException($"Run {id} does not wait in the queue any more; only a waiting run has a place.");
            foreach (var (changed, notes) in QueueOrder.Moved(waiting, id, place)) _library.Change(changed, _ => notes, ofAnybody: true); // the others only make room
        }
    }

    /// <summary>Moves a waiting run some places towards the beginning (negative) or the end of the queue.</summary>
    /// <param name="id">The run.</param>
    /// <param name="places">How far.</param>
    /// <exception cref="UserInputException">There is no such run, or it does not wait.</exception>
    public void MoveBy(string id, int places)
    {
        using (Gate.Enter())
        {
            var at = WaitingNow().Select(run => run.Id).ToList().IndexOf(id);
            Move(id, at + places);
        }
    }

    /// <summary>Takes a waiting run out of the queue, or asks the worker of a run to finish its step, write a checkpoint and stop.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is neither waiting nor at work.</exception>
    public void Stop(string id)
    {
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            _monitor.Refresh(id); // a dead worker cannot stop
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is null || !(Waits(folder, last) || RunLife.HasWorker(last.Status)))
                throw new UserInputException($"Run {id} is {Name(last?.Status)}; only a run that waits or is at work can be stopped.");
            var executor = ExecutorOf(folder);
            // A worker that is just starting reads the request as soon as it has the run.
            using var taken = Waits(folder, last) && executor?.Withdraw(folder, last) != false ? WorkerLock.TryTake(folder) : null;
            if (taken is null)
            {
                File.WriteAllText(folder.StopRequestFile, "");
                executor?.AskedToStop(folder);
            }
            else if (RunLife.Current(folder) == RunStatus.Queued) RunLife.Move(folder, RunStatus.Stopped, last.Step, "Taken out of the queue; resume it to put it back.");
        }
        _monitor.Refresh(id);
    }

    /// <summary>Puts a stopped, failed or interrupted run into the queue again; its worker goes on from the last checkpoint.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is waiting, at work or completed.</exception>
    public void Resume(string id) => Resume(id, null);

    /// <summary>Puts runs of a study into the queue in one go, so that a cluster gets them as one.</summary>
    /// <param name="ids">The runs.</param>
    /// <param name="study">The study's folder.</param>
    /// <exception cref="UserInputException">One of them is not there, or is waiting, at work or completed.</exception>
    internal void ResumeTogether(IEnumerable<string> ids, string study)
    {
        using (Gate.Enter()) foreach (var id in ids) Resume(id, study);
    }

    /// <summary>Puts a run into the queue again.</summary>
    /// <param name="id">The run.</param>
    /// <param name="study">Folder of its study, whose waiting runs a cluster gets as one; null for a run by itself.</param>
    internal void Resume(string id, string? study)
    {
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            _monitor.Refresh(id);
            using var taken = Take(folder);
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is not null && !RunLife.MayResume(last.Status))
                throw new UserInputException($"Run {id} is {Name(last.Status)}; only a stopped, failed or interrupted run can be resumed.");
            (ExecutorOf(folder) ?? throw NoSlurm()).Accept(folder, study);
            File.Delete(folder.StopRequestFile);
            RunLife.Move(folder, RunStatus.Queued, last?.Step ?? 0, null);
            _library.Change(id, notes => notes with { Place = null, Archived = false }); // a new arrival, in sight
        }
        _monitor.Refresh(id);
    }

    /// <summary>Moves a run's folder to <c>trash</c> in the data folder; <see cref="RunLibrary.Restore"/> gives it back.</summary>
    /// <param name="id">The run.</param>
    /// <returns>What is in the trash now.</returns>
    /// <exception cref="UserInputException">There is no such run, or a worker has it.</exception>
    public DeletedRun Delete(string id)
    {
        DeletedRun deleted;
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            if (EventLog.LastStatus(folder.EventsFile) is { } last && Waits(folder, last) && ExecutorOf(folder)?.Withdraw(folder, last) == false) throw AtWork(id);
            Take(folder).Dispose(); // released before the move: some systems refuse to move a folder with an open file
            deleted = _library.PutIntoTrash(folder);
        }
        _monitor.Refresh(id);
        return deleted;
    }

    /// <summary>Takes over what another dashboard has set (<see cref="Concurrency"/>).</summary>
    /// <exception cref="UserInputException"><c>queue.json</c> is damaged.</exception>
    internal void Follow()
    {
        var changed = QueueSettings.ChangedUtc(_root);
        if (changed == _settingsUtc) return;
        _concurrency = Math.Clamp(QueueSettings.Read(_root).Concurrency ?? _configured, 1, MostConcurrency);
        _settingsUtc = changed;
    }

    /// <summary>One round, about five times a second: looks after what has ended and starts what is next where there is room.</summary>
    public void Tick()
    {
        using (Gate.Enter())
        {
            var runs = _monitor.Runs.Where(run => run.Broken is null).ToLookup(run => KindOf(run.Recipe));
            foreach (var (kind, executor) in _executors) executor.Tick([.. runs[kind]]);
        }
    }

    /// <summary>As the folders have it: another dashboard may have changed a place or a priority a moment ago, which must not be undone.</summary>
    private IReadOnlyList<RunSummary> WaitingNow()
    {
        if (_root.Store.IsPostgres)
            foreach (var run in Waiting) _monitor.Refresh(run.Id);
        return Waiting;
    }

    /// <summary>Whether it waits: in the queue, or interrupted with a job that Slurm has put back.</summary>
    private static bool Waits(RunFolder folder, StatusEvent last) => last.Status == RunStatus.Queued || (last.Status == RunStatus.Interrupted && SlurmJob.Read(folder) is { IsOut: true });

    private static ExecutorKind KindOf(Recipe? recipe) => recipe?.OnSlurm == true ? ExecutorKind.Slurm : ExecutorKind.Local;

    /// <summary>What carries a run out; null for a run on Slurm where there is none.</summary>
    private IRunExecutor? ExecutorOf(RunFolder folder)
    {
        try
        {
            return _executors.GetValueOrDefault(KindOf(folder.ReadRecipe()));
        }
        catch (UserInputException)
        {
            return _executors[ExecutorKind.Local]; // a broken folder can still be stopped and deleted
        }
    }

    private RunFolder Find(string id) => RunFolder.Find(_root.Runs, id) ?? throw new UserInputException($"There is no run {id} in {_root.Runs}; it may have been deleted.");

    /// <summary>A run that whoever acts may change.</summary>
    private RunFolder FindOwn(string id)
    {
        var folder = Find(id);
        if (Actor.Current is not null) Actor.Demand(RunNotes.Read(folder).Owner, "run", id);
        return folder;
    }

    private static WorkerLock Take(RunFolder folder) => WorkerLock.TryTake(folder) ?? throw AtWork(folder.Id);

    private void NeedsSlurm()
    {
        if (Slurm is null) throw NoSlurm();
        if (SlurmSettings.Sbatch is null) throw new UserInputException("The run is for Slurm, but sbatch is not in PATH on the dashboard's machine; install Slurm's client commands, or run it here (execution.executor local).");
    }

    private static UserInputException NoSlurm() => new("The run is for Slurm, but this installation has none (EcgPeft:Slurm:Enabled); run it here (execution.executor local).");

    private static UserInputException AtWork(string id) => new($"A worker is at work on run {id}; stop it first.");

    private static string Name(RunStatus? status) => status is { } known ? known.ToString().ToLowerInvariant() : "not in the queue";
}
