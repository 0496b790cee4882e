using System.Diagnostics;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Cli;

/// <summary>
/// A disk without room. The limit on the size of a file (<c>ulimit -f</c>, with its signal ignored) refuses writes as a full disk does, for one
/// process only and without special rights.
/// </summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_worker_without_room_says_so_and_its_run_goes_on_when_there_is_some()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no limit on the size of files.");
        var folder = TestData.TemporaryFolder();
        var data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(120, 8, 5), cancel: TestContext.Current.CancellationToken);
        (string, string)[] environment = [("EcgPeft__DataRoot", Path.Combine(folder, "root"))];
        string[] arguments = ["train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--set", "training.epochs=2", "--set", "training.cacheFrames=false"];

        var whole = new RunFolder(Path.Combine(folder, "whole"));
        Assert.Equal(0, (await CliProcess.RunAsync(environment, [.. arguments, "--out", whole.Path])).ExitCode);

        var run = new RunFolder(Path.Combine(folder, "run"));
        // 40 blocks of 512 bytes (or of 1,024): room for the recipe and the events, not for a checkpoint's tensors.
        Assert.True(new FileInfo(Path.Combine(whole.CheckpointFolder, "state.safetensors")).Length > 41 * 1024);
        var start = new ProcessStartInfo("sh") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", "trap '' XFSZ; ulimit -f 40; exec dotnet \"$@\"", "sh", Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. arguments, "--out", run.Path]) start.ArgumentList.Add(argument);
        start.Environment["EcgPeft__DataRoot"] = environment[0].Item2;
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // the runtime's own memory would count as a file
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("The disk is full after step ", await error, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Failed, RunLife.Current(run));

        Assert.Equal(0, (await CliProcess.RunAsync(environment, "train", "--resume", run.Path)).ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.AdapterFolder, PeftModel.WeightsFile)), File.ReadAllBytes(Path.Combine(run.AdapterFolder, PeftModel.WeightsFile)));
        Assert.Equal(File.ReadAllText(whole.PredictionsFile), File.ReadAllText(run.PredictionsFile));
    }
}
