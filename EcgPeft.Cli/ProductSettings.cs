using EcgPeft.Core;
using Microsoft.Extensions.Configuration;

namespace EcgPeft.Cli;

/// <summary>The product's configuration: <c>appsettings.json</c> beside the program, then the environment.</summary>
internal static class ProductSettings
{
    public static DataRoot DataRoot()
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false)
            .AddEnvironmentVariables()
            .Build();
        return EcgPeft.Core.DataRoot.Resolve(configuration["EcgPeft:DataRoot"]);
    }
}
