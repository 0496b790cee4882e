using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Web.Live;

namespace EcgPeft.Web.Api;

/// <summary>A study in a list.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Study">What it asks.</param>
/// <param name="Completed">How many of its runs are completed.</param>
internal sealed record StudyView(string Id, Study Study, int Completed);

/// <summary>A study with how its runs stand.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Study">What it asks.</param>
/// <param name="Runs">Its runs that have begun.</param>
internal sealed record StudyDetails(string Id, Study Study, IReadOnlyList<RunSummary> Runs);

/// <summary><c>/api/studies</c>.</summary>
internal static class StudiesApi
{
    public static void MapStudies(this IEndpointRouteBuilder routes)
    {
        var studies = routes.MapGroup("/api/studies").WithTags("Studies");
        studies.MapGet("/", (int? offset, int? limit, ReportShelf shelf) => new Tagged(Page<StudyView>.Of([.. shelf.Studies().Select(s => new StudyView(s.Id, s.Study, s.Completed))], offset, limit)))
            .WithSummary("Studies, the newest first").Produces<Page<StudyView>>().ProducesProblem(StatusCodes.Status400BadRequest);
        studies.MapGet("/{id}", (string id, DataRoot root) => Find(root, id) is { } source
            ? new Tagged(new StudyDetails(id, Study.Read(source.StudyFolder!), [.. source.Runs.Select(RunSummary.Read).OfType<RunSummary>()])) : NoStudy(id))
            .WithSummary("A study and its runs").Produces<StudyDetails>().ProducesProblem(StatusCodes.Status404NotFound);
        studies.MapGet("/{id}/export", (string id, string? format, DataRoot root, CancellationToken cancel) => ExportsApi.ExportAsync(Find(root, id), format, root, () => NoStudy(id), cancel))
            .WithSummary("A study for other tools or another installation").WithDescription("As for a run.").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static ExportSource? Find(DataRoot root, string id) => RunFolder.Find(root.Studies, id) is not null && ExportSource.ById(root, id) is { StudyFolder: not null } study ? study : null;

    private static IResult NoStudy(string id) => ApiErrors.Missing($"There is no study {id}; GET /api/studies lists them.");
}
