using EcgPeft.Core.Runs.Slurm;

namespace EcgPeft.Web.Hosting;

/// <summary>The dashboard's own settings (<c>EcgPeft:</c> in <c>appsettings.json</c>).</summary>
/// <param name="MaxUploadMegabytes">Largest upload, groups file included (key <c>EcgPeft:MaxUploadMegabytes</c>).</param>
/// <param name="Workers">How many runs may train at once (key <c>EcgPeft:Workers</c>).</param>
/// <param name="Slurm">How runs go to a Slurm cluster (keys <c>EcgPeft:Slurm:*</c>).</param>
internal sealed record WebSettings(int MaxUploadMegabytes, int Workers, SlurmSettings Slurm)
{
    public long MaxUploadBytes => MaxUploadMegabytes * 1_000_000L;

    public static WebSettings Read(IConfiguration configuration) =>
        new(configuration.GetValue("EcgPeft:MaxUploadMegabytes", 2048), configuration.GetValue("EcgPeft:Workers", 1), SlurmSettings.Read(key => configuration[key]));
}
