using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;

namespace EcgPeft.Web.Api;

/// <summary>A model, what is known of it and whether it can be used.</summary>
/// <param name="Card">What its authors say.</param>
/// <param name="Facts">What its configuration says; null where none is known.</param>
/// <param name="State">Whether it can be used here.</param>
/// <param name="Problem">What is wrong with its files, or why its last download failed; null where nothing is.</param>
/// <param name="Bytes">Size of its files.</param>
internal sealed record ModelView(ModelCard Card, ModelFacts? Facts, ModelStateKind State, string? Problem, long? Bytes);

/// <summary>Which model to get.</summary>
/// <param name="Id">For example <c>facebook/wav2vec2-base</c>.</param>
internal sealed record ModelPull(string Id);

/// <summary><c>/api/models</c>.</summary>
internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/models").WithTags("Models");
        models.MapGet("/", (ModelCatalogue catalogue, ModelDownloads downloads) => new Tagged(catalogue.Models.Select(card => View(card, catalogue, downloads)).ToList())).WithSummary("The models that recipes can name").Produces<IReadOnlyList<ModelView>>();
        models.MapGet("/{**id}", (string id, ModelCatalogue catalogue, ModelDownloads downloads) => catalogue.Find(id) is { } card ? new Tagged(View(card, catalogue, downloads)) : NoModel(id))
            .WithSummary("A model").Produces<ModelView>().ProducesProblem(StatusCodes.Status404NotFound);
        models.MapPost("/pull", (Body<ModelPull> pull, ModelCatalogue catalogue, ModelDownloads downloads) =>
        {
            if (catalogue.Find(pull.Value.Id) is not { } card) return NoModel(pull.Value.Id);
            if (ModelCatalogue.IsBuiltIn(card.Id)) throw new UserInputException($"{card.Id} comes with the product; there is nothing to download.");
            downloads.Start(card.Id);
            return TypedResults.Json(View(card, catalogue, downloads), ProductJson.Line, statusCode: StatusCodes.Status202Accepted);
        }).WithSummary("Download a model of the catalogue in the background").Produces<ModelView>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static ModelView View(ModelCard card, ModelCatalogue catalogue, ModelDownloads downloads)
    {
        var (state, download) = (catalogue.StateOf(card.Id), downloads.Of(card.Id));
        return new(card, catalogue.FactsOf(card.Id), download is { Failure: null } ? ModelStateKind.Downloading : state.Kind, download?.Failure ?? state.Problem, state.Bytes);
    }

    private static IResult NoModel(string id) => ApiErrors.Missing($"There is no model {id} in the catalogue; GET /api/models lists them.");
}
