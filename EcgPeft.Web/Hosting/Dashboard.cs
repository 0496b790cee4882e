using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Exports;
using EcgPeft.Web.Api;
using EcgPeft.Web.Components;
using EcgPeft.Web.Components.Shared;
using EcgPeft.Web.Hubs;
using EcgPeft.Web.Live;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.AspNetCore.HttpOverrides;
using MudBlazor;
using MudBlazor.Services;

namespace EcgPeft.Web.Hosting;

/// <summary>Puts the web process together.</summary>
internal static class Dashboard
{
    /// <summary>Services and request pipeline; opens the data folder.</summary>
    /// <exception cref="UserInputException">An address, the data folder or its database cannot be used.</exception>
    public static WebApplication Build(string[] args)
    {
        // Files are found beside the program, whatever the current folder is.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var token = AccessToken.Read(builder.Configuration);
        builder.WebHost.UseUrls([.. ListenAddresses.Of(builder.Configuration, token is not null)]);
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        // A build (not published) serves assets from where they were built, in every environment.
        StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
        // Nor does a browser ask again and again for those of a build whose names change with their content.
        builder.WebHost.UseSetting("EnableStaticAssetsDevelopmentCaching", "true");

        var root = DataRoot.Resolve(builder.Configuration["EcgPeft:DataRoot"], builder.Configuration["EcgPeft:Store"]);
        root.CheckWritable();
        var settings = WebSettings.Read(builder.Configuration);
        var users = ProxyUsers.Read(builder.Configuration);
        var prefix = PathPrefix.Read(builder.Configuration);
        AddProduct(builder.Services, root, settings);
        AddWeb(builder, root);
        builder.Services.AddSingleton(new UserSettings(users is not null));
        builder.Services.AddSingleton(prefix);
        builder.Services.AddScoped<CurrentUser>();
        if (users is not null) builder.Services.AddScoped<CircuitHandler, CircuitActor>();
        builder.Services.AddApiDocument(token is not null, prefix);
        builder.Services.AddHealth(root);
        builder.AddTelemetry();

        var app = builder.Build();
        app.Services.GetRequiredService<RunServices>(); // takes the data folder now: a second dashboard is refused before it listens
        app.Services.GetRequiredService<DataSetLibrary>().EnsureDemo();

        prefix.Use(app);
        users?.Use(app);
        // A reverse proxy on this machine says who asks and how; other peers are not believed.
        if (token is not null) app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.UseRequestGuard(token is not null);
        app.UseAccessGate(token);
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            // A program that asks the hub gets the bare status; a page is for people.
            if (context.Request.Path.StartsWithSegments("/hubs") && context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
            return next(context);
        });
        // Numbers as the browser's language writes them (Show.Culture); everything that is parsed again stays invariant.
        app.UseRequestLocalization(options =>
        {
            options.SetDefaultCulture("en-US").AddSupportedCultures("en-US").AddSupportedUICultures("en-US", "de-DE", "de");
            options.RequestCultureProviders = [new Microsoft.AspNetCore.Localization.AcceptLanguageHeaderRequestCultureProvider()];
        });
        app.UseApiErrors();
        app.UseAntiforgery();
        app.UseApiDocument();
        app.MapStaticAssets();
        app.MapGet("/favicon.ico", () => Results.Redirect("/favicon.svg")).ExcludeFromDescription(); // asked for beside answers that are no pages, such as the API's
        app.MapHub<RunHub>("/hubs/runs");
        app.MapHealth();
        app.MapDataSets();
        app.MapModels();
        app.MapRuns();
        app.MapRunFiles();
        app.MapRunEvents();
        app.MapExports();
        app.MapStudies();
        app.MapUploads();
        app.MapReports();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    /// <summary>Listens until the process is told to stop. Runs go on without it.</summary>
    /// <exception cref="UserInputException">The address is taken.</exception>
    public static async Task RunAsync(WebApplication app)
    {
        app.Services.GetRequiredService<RunServices>().Start();
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.Message.Contains("address", StringComparison.OrdinalIgnoreCase))
        {
            throw new UserInputException($"{e.Message.TrimEnd('.')}; close the program that uses it, or choose another with --urls http://127.0.0.1:PORT.", e);
        }
        var ready = $"EcgPeft is at {string.Join(" and ", app.Urls.Select(url => url + app.Services.GetRequiredService<PathPrefix>().Path))} (data in {app.Services.GetRequiredService<DataRoot>().Path}). Ctrl+C ends the dashboard; runs go on.";
        // Whoever reads the console as JSON wants no other line in it.
        if (app.Configuration["Logging:Console:FormatterName"] is null or "simple") Console.WriteLine(ready);
        else app.Logger.LogInformation("{Ready}", ready);
        await app.WaitForShutdownAsync();
    }

    private static void AddProduct(IServiceCollection services, DataRoot root, WebSettings settings)
    {
        services.AddSingleton(root);
        services.AddSingleton(settings);
        services.AddSingleton<DataSetLibrary>();
        services.AddSingleton(new ModelCatalogue(root));
        services.AddSingleton<ModelDownloads>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<RunImport>();
        services.AddSingleton<ReportShelf>();
        services.AddSingleton<RunWatches>();
        services.AddSingleton(new RunEstimates(root, Worker.Command([])));
        services.AddSingleton<RunExplanations>();
        services.AddSingleton<RunEvaluations>();
        services.AddSingleton<RunStudies>();
        services.AddSingleton(provider => RunServices.Open(root, Worker.Command(), settings.Workers, provider.GetRequiredService<ILoggerFactory>().CreateLogger("EcgPeft.Runs"), Worker.Command("yardsticks", "--study"), settings.Slurm));
        services.AddSingleton(provider => provider.GetRequiredService<RunServices>().Feed);
        services.AddSingleton(provider => provider.GetRequiredService<RunServices>().Queue);
        services.AddSingleton(provider => provider.GetRequiredService<RunServices>().Library);
        services.AddSingleton(provider => provider.GetRequiredService<RunServices>().Monitor);
        services.AddSingleton(provider => provider.GetRequiredService<RunServices>().Studies);
        services.AddScoped<RunCommands>();
        services.AddScoped<PageAddress>();
    }

    private static void AddWeb(WebApplicationBuilder builder, DataRoot root)
    {
        // The keys of form tokens; they lie where everything lies that the product writes, readable for this account like all of it.
        builder.Services.AddDataProtection().SetApplicationName("EcgPeft").PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(root.Path, "keys")));
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // Where a browser comes back later than that, its page is loaded anew (reconnect.js): nothing is lost, it only takes a moment longer.
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(Math.Max(0, builder.Configuration.GetValue("EcgPeft:DisconnectedSeconds", 180))));
        builder.Services.AddSignalR().AddJsonProtocol(options => options.PayloadSerializerOptions = new(ProductJson.Line));
        builder.Services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            options.SnackbarConfiguration.VisibleStateDuration = 12_000; // milliseconds: time to read it and to reach its button by keyboard
        });
    }
}
