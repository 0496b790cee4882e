using EcgPeft.Core;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Web.Components.Pages.Compare;
using EcgPeft.Web.Live;

namespace EcgPeft.Web.Api;

/// <summary><c>GET /api/compare.csv?runs=a,b&amp;baseline=a</c>, and the reports' files: <c>GET /api/reports/{id}/{file}</c>.</summary>
internal static class ReportsApi
{
    public static void MapReports(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/compare.csv", (string? runs, string? baseline, DataRoot root) => Answer(() =>
            Results.File(System.Text.Encoding.UTF8.GetBytes(ComparisonText.Csv(RunComparison.Of(RunIds.Folders(root, runs ?? ""), baseline))), "text/csv", "comparison.csv"))).WithTags("Results").WithSummary("Runs side by side as CSV").Produces<string>(StatusCodes.Status200OK, "text/csv").ProducesProblem(StatusCodes.Status400BadRequest);
        routes.MapGet("/api/reports/{id}/{file}", (string id, string file, bool? download, ReportShelf shelf) =>
            Answer(() => shelf.Find(id, file) is { } path ? Results.File(path, Kind(file), download == true ? $"{id}-{file}" : null) : ApiErrors.Missing($"There is no report {id} with a file {file}."))).WithTags("Results").WithSummary("A file of a report").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static string Kind(string file) => Path.GetExtension(file) switch { ".html" => "text/html; charset=utf-8", ".md" => "text/markdown; charset=utf-8", ".zip" => "application/zip", ".pdf" => "application/pdf", _ => "application/octet-stream" };

    private static IResult Answer(Func<IResult> answer)
    {
        try
        {
            return answer();
        }
        catch (UserInputException e)
        {
            return ApiErrors.Problem(StatusCodes.Status400BadRequest, e.Message);
        }
    }
}
