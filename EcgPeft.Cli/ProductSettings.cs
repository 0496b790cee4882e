using EcgPeft.Core;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training.Caching;
using Microsoft.Extensions.Configuration;

namespace EcgPeft.Cli;

/// <summary>The product's configuration: <c>appsettings.json</c> beside the program, then the environment.</summary>
internal static class ProductSettings
{
    private static readonly Lazy<IConfiguration> Configuration = new(() => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false)
        .AddEnvironmentVariables()
        .Build());

    public static DataRoot DataRoot() => EcgPeft.Core.DataRoot.Resolve(Configuration.Value["EcgPeft:DataRoot"], Configuration.Value["EcgPeft:Store"]);

    /// <summary>Most that cached frozen outputs may take on disk.</summary>
    public static int CacheMegabytes() => Configuration.Value.GetValue("EcgPeft:CacheMegabytes", FrameCache.DefaultMegabytes);

    /// <summary>The dashboard's access token, or null.</summary>
    public static string? AccessToken() => Configuration.Value["EcgPeft:AccessToken"] is { Length: > 0 } token ? token : null;

    /// <summary>How runs go to a Slurm cluster.</summary>
    public static SlurmSettings Slurm() => SlurmSettings.Read(key => Configuration.Value[key]);

    /// <summary>How many workers train at once.</summary>
    public static int Workers() => Configuration.Value.GetValue("EcgPeft:Workers", 1);
}
