using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EcgPeft.Web.Api;

/// <summary>What people say of a run; a field that is absent stays as it is.</summary>
/// <param name="Tags">All its tags.</param>
/// <param name="Note">Free text.</param>
/// <param name="Archived">Whether lists leave it out.</param>
/// <param name="Priority">How urgent it is while it waits.</param>
/// <param name="Place">Its place in the queue, 0 for the next to start.</param>
/// <param name="Look">Its colour and dash.</param>
internal sealed record RunChange(IReadOnlyList<string>? Tags = null, string? Note = null, bool? Archived = null, RunPriority? Priority = null, int? Place = null, LookChange? Look = null);

/// <summary>How a run looks in every picture; a field that is absent stays as it is.</summary>
/// <param name="Color">0 to 5.</param>
/// <param name="Dash">0 to 4: solid, dashed, dotted, long dashes, short dashes.</param>
internal sealed record LookChange(int? Color = null, int? Dash = null)
{
    /// <summary>The look of a run after the change.</summary>
    /// <param name="now">Its look before.</param>
    public RunLook On(RunLook now) => new(Color ?? now.Color, Dash ?? now.Dash);
}

/// <summary>The queue.</summary>
/// <param name="Concurrency">How many runs may train at once.</param>
/// <param name="Waiting">Ids of the waiting runs, the next one first.</param>
internal sealed record QueueState(int Concurrency, IReadOnlyList<string> Waiting);

/// <summary>How many runs may train at once.</summary>
internal sealed record QueueChange(int Concurrency);

/// <summary><c>/api/runs</c>: the same <see cref="RunQueue"/> and <see cref="RunLibrary"/> that the pages use.</summary>
internal static class RunsApi
{
    /// <summary>In an address: whoever asks.</summary>
    public const string Me = "@me";

    private const int LargestRecipe = 1 << 20;

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/runs").WithTags("Runs").ProducesProblem(StatusCodes.Status404NotFound);
        runs.MapGet("/", List).WithSummary("Runs, the newest first").Produces<Page<RunSummary>>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithDescription("search looks in id, name, model, method, data set and tags. Archived runs are left out unless archived=true. owner is a user whom the proxy names, or @me.");
        runs.MapPost("/", StartAsync).WithSummary("Start a run").Accepts<Recipe>("application/json").Produces<RunSummary>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .WithDescription("The body is a recipe, as in recipes/*.json. set replaces a setting (set=training.epochs=3) and may be given several times; data.path may be the id of a data set. The run waits in the queue like one that was started on a page.")
            .WithMetadata(new RequestSizeLimitAttribute(LargestRecipe));
        runs.MapGet("/{id}", (string id, RunMonitor monitor) => Found(monitor, id) is { } run ? new Tagged(run) : NoRun(id)).WithSummary("A run").Produces<RunSummary>();
        runs.MapPatch("/{id}", Change).WithSummary("Change tags, note, colour and dash, archive, priority or place in the queue").Produces<RunSummary>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .WithDescription($"A field that is absent stays as it is. look.color is 0 to {RunLook.Colors - 1}, look.dash 0 to {RunLook.Dashes - 1} (solid, dashed, dotted, long dashes, short dashes): the run's own on every page and in every report.");
        runs.MapDelete("/{id}", (string id, RunQueue queue, RunMonitor monitor) => On(monitor, id, () => TypedResults.Ok(queue.Delete(id)))).WithSummary("Delete a run; it goes to the trash").Produces<DeletedRun>().ProducesProblem(StatusCodes.Status409Conflict);
        runs.MapPost("/{id}/stop", (string id, RunQueue queue, RunMonitor monitor) => On(monitor, id, () => Done(monitor, id, queue.Stop, StatusCodes.Status202Accepted)))
            .WithSummary("Stop a run: it finishes its step and writes a checkpoint").Produces<RunSummary>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status409Conflict);
        runs.MapPost("/{id}/resume", (string id, RunQueue queue, RunMonitor monitor) => On(monitor, id, () => Done(monitor, id, queue.Resume, StatusCodes.Status202Accepted)))
            .WithSummary("Put a stopped, failed or interrupted run into the queue again").Produces<RunSummary>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status409Conflict);
        runs.MapPost("/{id}/clone", CloneAsync).WithSummary("Start a new run with this run's recipe").Produces<RunSummary>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .WithDescription("set replaces a setting (set=seed=2) and may be given several times. Tags and priority are taken along.");

        var queue = routes.MapGroup("/api/queue").WithTags("Queue");
        queue.MapGet("/", (RunQueue queue) => new Tagged(State(queue))).WithSummary("The queue").Produces<QueueState>();
        queue.MapPut("/", (Body<QueueChange> change, RunQueue queue) =>
        {
            var concurrency = change.Value.Concurrency;
            if (concurrency is < 1 or > RunQueue.MostConcurrency) throw new UserInputException($"concurrency is {concurrency}; it must be between 1 and {RunQueue.MostConcurrency}.");
            queue.Concurrency = concurrency;
            return TypedResults.Ok(State(queue));
        }).WithSummary("Change how many runs train at once").ProducesProblem(StatusCodes.Status400BadRequest);

        var trash = routes.MapGroup("/api/trash").WithTags("Trash");
        trash.MapGet("/", (RunLibrary library) => new Tagged(library.Trash())).WithSummary("Deleted runs, the latest first").Produces<IReadOnlyList<DeletedRun>>();
        trash.MapPost("/{name}/restore", (string name, RunLibrary library, RunMonitor monitor) => library.IsInTrash(name)
            ? ApiErrors.Try(() => TypedResults.Ok(Found(monitor, library.Restore(name))))
            : Task.FromResult(ApiErrors.Missing($"{name} is not in the trash; GET /api/trash lists it."))).WithSummary("Give a deleted run back").Produces<RunSummary>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Whom an address means.</summary>
    /// <exception cref="UserInputException">It means whoever asks, and nobody knows who that is.</exception>
    public static string? User(string? owner) => owner != Me ? owner : Actor.Current?.Name ?? throw new UserInputException($"owner is {Me}, but this request names no user; users are known behind a proxy that logs them in.");

    /// <summary>The run's folder, or null: an id that is no plain name finds nothing.</summary>
    public static RunFolder? Folder(DataRoot root, string id) => RunFolder.Find(root.Runs, id);

    public static IResult NoRun(string id) => ApiErrors.Missing($"There is no run {id}; GET /api/runs lists them.");

    public static RunSummary? Found(RunMonitor monitor, string id) => monitor.Runs.FirstOrDefault(run => run.Id == id);

    private static Tagged List(string? search, string? status, string? model, string? method, string? dataSet, string? tag, string? owner, bool? archived, int? offset, int? limit, RunMonitor monitor)
    {
        var wanted = Word<RunStatus>("status", status);
        owner = User(owner);
        bool Fits(string? asked, string value) => string.IsNullOrEmpty(asked) || asked.Equals(value, StringComparison.OrdinalIgnoreCase);
        bool Has(RunSummary run, string text) => new[] { run.Id, run.Name, run.Model, run.Method, run.DataSet }.Concat(run.Notes.Tags).Any(value => value.Contains(text, StringComparison.OrdinalIgnoreCase));
        var found = monitor.Runs
            .Where(run => (wanted is null || run.Status == wanted) && Fits(model, run.Model) && Fits(method, run.Method) && Fits(dataSet, run.DataSet) && (archived == true || !run.Notes.Archived)
                && (string.IsNullOrEmpty(owner) || run.Notes.Owner == owner) && (string.IsNullOrEmpty(tag) || run.Notes.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase)) && (string.IsNullOrEmpty(search) || Has(run, search)))
            .OrderByDescending(run => run.CreatedUtc).ThenByDescending(run => run.Id, StringComparer.Ordinal).ToList();
        return new Tagged(Page<RunSummary>.Of(found, offset, limit));
    }

    private static async Task<IResult> StartAsync(HttpRequest request, [FromQuery] string[]? set, [FromQuery] string[]? tag, string? priority, RunQueue queue, RunMonitor monitor, DataSetLibrary library, ModelCatalogue models)
    {
        if (!request.HasJsonContentType()) return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        var text = await new StreamReader(request.Body).ReadToEndAsync(request.HttpContext.RequestAborted);
        var recipe = Checked(RecipeFile.Parse("The recipe", text, set ?? []), library, models);
        var notes = new RunNotes { Tags = RunNotes.CleanTags(tag ?? []), Priority = Word<RunPriority>("priority", priority) ?? RunPriority.Normal };
        return Created(monitor, await Task.Run(() => queue.Enqueue(recipe, notes)));
    }

    private static async Task<IResult> CloneAsync(string id, [FromQuery] string[]? set, RunQueue queue, RunMonitor monitor, DataRoot root, DataSetLibrary library, ModelCatalogue models)
    {
        if (Folder(root, id) is not { } folder) return NoRun(id);
        if (set is not { Length: > 0 }) return Created(monitor, await Task.Run(() => queue.Clone(id)));
        // Other data or another model are not held to the hash of those before.
        string[] forgotten = [.. new[] { ("data.path=", "data.hash=null"), ("backbone.model=", "backbone.hash=null") }.Where(pair => set.Any(setting => setting.StartsWith(pair.Item1, StringComparison.OrdinalIgnoreCase))).Select(pair => pair.Item2)];
        var recipe = Checked(RecipeFile.Read(folder.RecipeFile, [.. forgotten, .. set]), library, models);
        var notes = RunNotes.Read(folder);
        return Created(monitor, await Task.Run(() => queue.Enqueue(recipe, new RunNotes { Tags = notes.Tags, Priority = notes.Priority })));
    }

    private static Task<IResult> Change(string id, Body<RunChange> body, RunLibrary library, RunQueue queue, RunMonitor monitor)
    {
        var change = body.Value;
        change.Look?.On(RunLook.Numbered(0)).Demand(); // before anything is changed
        return On(monitor, id, () =>
        {
            if (change.Tags is { } tags) library.SetTags(id, tags);
            if (change.Note is { } note) library.SetNote(id, note);
            if (change.Look is { } look) library.ChangeLook(id, look.On);
            if (change.Archived is { } archived) library.SetArchived(id, archived);
            if (change.Priority is { } priority) queue.SetPriority(id, priority);
            if (change.Place is { } place) queue.Move(id, place);
            return TypedResults.Ok(Found(monitor, id));
        });
    }

    /// <summary>A data set's id becomes its folder; data and model have to be here, so that a run does not fail at its start.</summary>
    public static Recipe Checked(Recipe recipe, DataSetLibrary library, ModelCatalogue models)
    {
        var path = recipe.Data.Path ?? throw new UserInputException("The recipe names no data; set data.path to the id of a data set, or to a file on the dashboard's machine.");
        if (library.List().Any(set => set.Id == path)) path = library.FolderOf(path);
        if (!File.Exists(path) && !Directory.Exists(path)) throw new UserInputException($"data.path is '{path}', but there is neither a data set nor a file or folder of that name on the dashboard's machine; GET /api/datasets lists the data sets.");
        models.FolderOf(recipe.Backbone.Model);
        return recipe with { Data = recipe.Data with { Path = path } };
    }

    /// <summary>A word of an address, whatever the case of its letters.</summary>
    private static T? Word<T>(string name, string? text) where T : struct, Enum =>
        string.IsNullOrEmpty(text) ? null
        : Enum.GetNames<T>().FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found ? Enum.Parse<T>(found)
        : throw new UserInputException($"{name} is '{text}'; it must be {string.Join(", ", Enum.GetNames<T>().Select(known => known.ToLowerInvariant()))}.");

    private static Task<IResult> On(RunMonitor monitor, string id, Func<IResult> work) => Found(monitor, id) is null ? Task.FromResult(NoRun(id)) : ApiErrors.Try(work);

    private static JsonHttpResult<RunSummary> Done(RunMonitor monitor, string id, Action<string> command, int status)
    {
        command(id);
        return TypedResults.Json(Found(monitor, id), ProductJson.Line, statusCode: status);
    }

    private static Created<RunSummary> Created(RunMonitor monitor, string id) => TypedResults.Created($"/api/runs/{id}", Found(monitor, id));

    private static QueueState State(RunQueue queue) => new(queue.Concurrency, [.. queue.Waiting.Select(run => run.Id)]);
}
