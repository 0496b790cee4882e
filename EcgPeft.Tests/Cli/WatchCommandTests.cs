using System.Diagnostics;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Tests.Runs;
using EcgPeft.Tests.Web;

namespace EcgPeft.Tests.Cli;

public sealed class WatchCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_followed_to_its_end_and_its_status_is_the_exit_code()
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__AccessToken", GuardedWeb.Token));
        var folder = RunSamples.NewRun(web.Root);
        var worker = new LiveWorker(folder, RunSamples.Plan);
        worker.Steps(1, 1);
        using (var client = new HttpClient { BaseAddress = new Uri(web.Address) })
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", GuardedWeb.Token);
            while (!(await client.GetAsync(new Uri($"/api/runs/{folder.Id}", UriKind.Relative), Cancel)).IsSuccessStatusCode) await Task.Delay(50, Cancel);
        }
        var following = CliProcess.RunAsync("watch", folder.Id, "--url", web.Address, "--token", GuardedWeb.Token);
        worker.Steps(2, 4);
        worker.Report(RunSamples.Epoch(1, best: true));
        await worker.EndAsync();
        var (exit, output, error) = await following.WaitAsync(TestData.Patience, Cancel);
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("epoch 1 of 2: training loss 0.5000", output, StringComparison.Ordinal);
        Assert.Contains("test: accuracy 0.300", output, StringComparison.Ordinal);
        Assert.EndsWith("completed", output.TrimEnd(), StringComparison.Ordinal);

        foreach (var (arguments, sentence) in new[]
        {
            (new[] { "watch", "nobody", "--url", web.Address, "--token", GuardedWeb.Token }, "There is no run nobody"),
            (["watch", folder.Id, "--url", web.Address], "asks for its access token"),
            (["watch", folder.Id, "--url", web.Address, "--token", "wrong-wrong-wrong-wrong"], "does not know this access token"),
            (["watch", folder.Id, "--url", "http://127.0.0.1:1"], "no dashboard to be reached"),
            (["watch", folder.Id, "--url", "lab"], "no address"),
        })
        {
            var (refused, _, said) = await CliProcess.RunAsync(arguments);
            Assert.True(refused == 2 && said.Contains(sentence, StringComparison.Ordinal), $"{string.Join(' ', arguments)}: {refused} {said}");
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_the_watching_with_130_and_leaves_the_run_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "env --default-signal is GNU's: where this suite runs behind a shell's &, Ctrl+C would be ignored.");
        await using var web = await WebProcess.StartAsync();
        var folder = RunSamples.NewRun(web.Root);
        var worker = new LiveWorker(folder, RunSamples.Plan);
        worker.Steps(1, 1);
        using (var client = new HttpClient { BaseAddress = new Uri(web.Address) })
            while (!(await client.GetAsync(new Uri($"/api/runs/{folder.Id}", UriKind.Relative), Cancel)).IsSuccessStatusCode) await Task.Delay(50, Cancel);

        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), "watch", folder.Id, "--url", web.Address }) start.ArgumentList.Add(argument);
        using var watching = Process.Start(start)!;
        string? line;
        while ((line = await watching.StandardOutput.ReadLineAsync(Cancel)) is not null && !line.StartsWith("step 1", StringComparison.Ordinal)) ; // it follows
        Assert.NotNull(line);
        using (var signal = Process.Start("kill", $"-INT {watching.Id}")!) await signal.WaitForExitAsync(Cancel);
        await watching.WaitForExitAsync(Cancel);
        Assert.Equal((RunWorker.StoppedExitCode, ""), (watching.ExitCode, await watching.StandardError.ReadToEndAsync(Cancel)));
        Assert.Equal(RunStatus.Running, RunLife.Current(folder));
        await worker.EndAsync();
    }

    [Fact]
    public async Task A_run_that_was_stopped_or_lost_its_worker_says_so_by_its_code()
    {
        await using var web = await WebProcess.StartAsync();
        var lost = RunSamples.Abandoned(web.Root, 2);
        using (var client = new HttpClient { BaseAddress = new Uri(web.Address) })
            while (!(await client.GetStringAsync(new Uri($"/api/runs?status=interrupted", UriKind.Relative), Cancel)).Contains(lost.Id, StringComparison.Ordinal)) await Task.Delay(50, Cancel);
        var (exit, output, _) = await CliProcess.RunAsync("watch", lost.Id, "--url", web.Address);
        Assert.Equal(1, exit);
        Assert.Contains("interrupted: ", output, StringComparison.Ordinal);
    }
}
