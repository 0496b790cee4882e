using System.Reflection;
using EcgPeft.Core;
using Microsoft.OpenApi;

namespace EcgPeft.Web.Hosting;

/// <summary>The OpenAPI document of <c>/api</c> (<c>/openapi/v1.json</c>) and the page that shows it (<c>/openapi</c>, from files of this machine alone).</summary>
internal static class ApiDocument
{
    private static readonly string[] Order = ["Runs", "Results", "Events", "Artefacts", "Studies", "Data sets", "Models", "Queue", "Trash"];

    public static void AddApiDocument(this IServiceCollection services, bool hasToken, PathPrefix prefix)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            var (product, web) = (ProductJson.Line, options.SerializerOptions);
            web.NumberHandling = product.NumberHandling;
            web.UnmappedMemberHandling = product.UnmappedMemberHandling;
            web.AllowOutOfOrderMetadataProperties = product.AllowOutOfOrderMetadataProperties;
            foreach (var converter in product.Converters) web.Converters.Add(converter);
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true); // a refusal has a sentence; see ApiErrors
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = description => description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "EcgPeft",
                    Version = typeof(DataRoot).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
                    Description = "Data sets, models, runs, studies and their results. Every refusal is application/problem+json whose detail is one sentence. Lists come in parts (offset, limit). Answers carry an ETag; with If-None-Match an unchanged one is 304. Live curves come over SignalR at /hubs/runs.",
                };
                document.Tags = new HashSet<OpenApiTag>(Order.Select(name => new OpenApiTag { Name = name }));
                document.Servers = prefix.IsNone ? [] : [new OpenApiServer { Url = prefix.Path }]; // whatever the reader's own address is
                if (!hasToken) return Task.CompletedTask;
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "EcgPeft:AccessToken; a browser that has logged in needs none." };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
                return Task.CompletedTask;
            });
        });
    }

    public static void UseApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "openapi";
            options.DocumentTitle = "API · EcgPeft";
            options.SwaggerEndpoint("v1.json", "EcgPeft"); // beside the page, wherever that is
            options.EnableTryItOutByDefault();
            options.ConfigObject.AdditionalItems["validatorUrl"] = null!; // it would ask another host
        });
    }
}
