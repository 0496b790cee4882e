using EcgPeft.Core;
using EcgPeft.Core.Runs;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EcgPeft.Web.Hosting;

/// <summary>
/// <c>/health</c>: whether the dashboard can do its work. It needs no token, so that a supervisor can ask, and therefore names checks and
/// their state only.
/// </summary>
internal static class Health
{
    public const string Path = "/health";

    /// <summary>A round of monitor and queue comes about five times a second; a slow disk may delay one.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(30);

    private const long LeastFreeBytes = 100_000_000;

    public static void AddHealth(this IServiceCollection services, DataRoot root) => services.AddHealthChecks()
        .AddCheck("data folder", () => CanWrite(root.Path) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy())
        .AddCheck("disk", () => Machine.Now(root).FreeDiskBytes < LeastFreeBytes ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy())
        .AddCheck<StoreCheck>("store")
        .AddCheck<QueueCheck>("queue");

    public static void MapHealth(this IEndpointRouteBuilder routes) => routes.MapHealthChecks(Path, new HealthCheckOptions
    {
        ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
        {
            status = report.Status.ToString().ToLowerInvariant(),
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString().ToLowerInvariant()),
        }),
    });

    private static bool CanWrite(string folder)
    {
        var probe = System.IO.Path.Combine(folder, $".health-{Guid.NewGuid():n}");
        try
        {
            using (File.Create(probe, 1, FileOptions.DeleteOnClose)) { }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class StoreCheck(RunServices services) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            services.Store.Find("");
            return Task.FromResult(HealthCheckResult.Healthy());
        }
    }

    private sealed class QueueCheck(RunServices services) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(services.LastRoundUtc is { } last && DateTime.UtcNow - last < LongestRound ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
    }
}
