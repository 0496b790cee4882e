using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.Mvc;

namespace EcgPeft.Web.Api;

/// <summary><c>/api/studies</c>: the same <see cref="StudyService"/> that the pages use.</summary>
internal static class StudiesApi
{
    private const int LargestRequest = 1 << 20;

    public static void MapStudies(this IEndpointRouteBuilder routes)
    {
        var studies = routes.MapGroup("/api/studies").WithTags("Studies");
        studies.MapGet("/", List)
            .WithSummary("Studies and searches, the newest first").WithDescription("owner is a user whom the proxy names, or @me.").Produces<Page<StudyState>>().ProducesProblem(StatusCodes.Status400BadRequest);
        studies.MapPost("/", StartAsync).WithSummary("Start a study or a search").Accepts<StudyRequest>(JsonBody.Kind).Produces<StudyState>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest).WithMetadata(new RequestSizeLimitAttribute(LargestRequest))
            .WithDescription("base is a recipe; every combination of models, methods, seeds, folds and grid becomes a run in the queue. data.path may be the id of a data set.");
        studies.MapGet("/{id}", (string id, DataRoot root, StudyService service) => Exists(root, id) ? new Tagged(service.Find(id)) : NoStudy(id))
            .WithSummary("A study and its runs").Produces<StudyState>().ProducesProblem(StatusCodes.Status404NotFound);
        studies.MapPost("/{id}/stop", (string id, DataRoot root, StudyService service) => On(root, service, id, service.Stop)).WithSummary("Stop a study as one").Produces<StudyState>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        studies.MapPost("/{id}/resume", (string id, DataRoot root, StudyService service) => On(root, service, id, service.Resume)).WithSummary("Resume a study as one").Produces<StudyState>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        studies.MapGet("/{id}/export", (string id, string? format, DataRoot root, CancellationToken cancel) => ExportsApi.ExportAsync(Exists(root, id) && ExportSource.ById(root, id) is { StudyFolder: not null } study ? study : null, format, root, () => NoStudy(id), cancel))
            .WithSummary("A study for other tools or another installation").WithDescription("As for a run.").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static Tagged List(string? owner, int? offset, int? limit, StudyService service)
    {
        owner = RunsApi.User(owner);
        return new Tagged(Page<StudyState>.Of([.. service.List().Where(state => string.IsNullOrEmpty(owner) || state.Study.Owner == owner)], offset, limit));
    }

    private static async Task<IResult> StartAsync(HttpRequest http, StudyService service, DataSetLibrary library, ModelCatalogue models)
    {
        var body = await JsonBody.ReadAsync(http);
        // The recipe as everywhere, with its own sentences.
        if (body["base"] is JsonObject recipe) body["base"] = JsonSerializer.SerializeToNode(RecipeFile.Parse("The recipe in base", recipe.ToJsonString(), []), ProductJson.Line);
        var request = JsonBody.Of<StudyRequest>(body);
        var id = await Task.Run(() => service.Create(request with { Base = RunsApi.Checked(request.Base, library, models) }));
        return TypedResults.Created($"/api/studies/{id}", service.Find(id));
    }

    private static Task<IResult> On(DataRoot root, StudyService service, string id, Action<string> command) => !Exists(root, id) ? Task.FromResult(NoStudy(id)) : ApiErrors.Try(() =>
    {
        command(id);
        return TypedResults.Json(service.Find(id), ProductJson.Line, statusCode: StatusCodes.Status202Accepted);
    });

    /// <summary>An id that is no plain folder name finds nothing.</summary>
    private static bool Exists(DataRoot root, string id) => RunFolder.Find(root.Studies, id) is { } folder && Study.Is(folder.Path);

    private static IResult NoStudy(string id) => ApiErrors.Missing($"There is no study {id}; GET /api/studies lists them.");
}
