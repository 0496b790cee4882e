using System.Diagnostics;
using EcgPeft.Core;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>Batch scripts: what they ask for, and what their shell does with a worker. No Slurm is needed.</summary>
public sealed class SlurmScriptTests
{
    private readonly string folder = TestData.TemporaryFolder();

    [Fact]
    public void A_script_asks_for_what_settings_and_recipe_say_the_recipe_first()
    {
        var settings = new SlurmSettings { Resources = new() { Partition = "cpu", Account = "lab", Cpus = 4, TimeLimit = "60" }, Options = ["--constraint=avx512"], Setup = ["module load dotnet"], SignalSeconds = 90 };
        var asked = settings.Of(new Recipe { Execution = new() { Executor = ExecutorKind.Slurm, Partition = "gpu", Gpus = 1, MemoryMegabytes = 16_000 } });
        var text = SlurmScript.OfRun(Job(settings, asked, "ecgpeft"), "/data/it's a run");
        foreach (var line in new[] { "--partition=gpu", "--account=lab", "--cpus-per-task=4", "--mem=16000M", "--gres=gpu:1", "--time=60", "--signal=B:USR1@90", "--requeue", "--constraint=avx512", "--open-mode=append" })
            Assert.Contains($"\n#SBATCH {line}\n", text, StringComparison.Ordinal);
        Assert.Contains(@"run='/data/it'\''s a run'", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("module load dotnet", StringComparison.Ordinal) < text.IndexOf("train --slurm-resumes", StringComparison.Ordinal));
        Assert.Equal(text.LastIndexOf("#SBATCH", StringComparison.Ordinal), text[..text.IndexOf("\n\n", StringComparison.Ordinal)].LastIndexOf("#SBATCH", StringComparison.Ordinal)); // Slurm reads no option after a command
    }

    [Fact]
    public void An_array_has_a_task_a_run_waits_for_the_first_job_and_leaves_the_rest_to_the_cluster()
    {
        var settings = new SlurmSettings { JobsAtOnce = 4 };
        var text = SlurmScript.OfArray(Job(settings, new(), "ecgpeft"), "/s/list", 12, "/s/50%.log", "77");
        Assert.Contains("\n#SBATCH --array=0-11%4\n", text, StringComparison.Ordinal);
        Assert.Contains("\n#SBATCH --dependency=afterany:77\n", text, StringComparison.Ordinal);
        Assert.Contains("\n#SBATCH --output=\"/s/50%%.log\"\n", text, StringComparison.Ordinal);
        foreach (var option in new[] { "--partition", "--account", "--mem", "--time", "--gres", "--cpus-per-task" }) Assert.DoesNotContain(option, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 3", null, 3, "")]
    [InlineData("exit 130", null, 0, "")] // stopped by a person: no failure of the job
    [InlineData("exit 75", null, 0, "requeue 17")]
    [InlineData("trap 'exit 75' USR1; echo up; while :; do sleep 0.05; done", "USR1", 0, "requeue 17")]
    [InlineData("trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done", "TERM", 4, "")]
    [InlineData("trap 'exit 130' USR2; echo up; while :; do sleep 0.05; done", "USR2", 0, "")]
    public async Task The_shell_passes_signals_on_and_requeues_what_gave_way(string worker, string? signal, int code, string requeued)
    {
        Program("scontrol", $"echo \"$@\" >> {folder}/scontrol.log");
        var program = Program("worker", $"echo \"$@\" > {folder}/arguments\n{worker}");
        var script = Path.Combine(folder, "script.sh");
        File.WriteAllText(script, SlurmScript.OfRun(new("n", new(), new(), [program], "/data root", 5), folder));
        var start = new ProcessStartInfo("bash", [script]);
        start.Environment["PATH"] = $"{folder}:{start.Environment["PATH"]}";
        start.Environment["SLURM_JOB_ID"] = "17";
        start.Environment["SLURM_RESTART_COUNT"] = "2";
        using var shell = Process.Start(start)!;
        if (signal is not null)
        {
            var log = Path.Combine(folder, "worker.log");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TestData.Patience);
            while (!File.Exists(log) || !File.ReadAllText(log).Contains("up", StringComparison.Ordinal)) await Task.Delay(20, patience.Token);
            Process.Start("kill", ["-s", signal, shell.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        }
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(code, shell.ExitCode);
        Assert.Equal(requeued, File.Exists($"{folder}/scontrol.log") ? File.ReadAllText($"{folder}/scontrol.log").Trim() : "");
        Assert.Equal($"train --slurm-resumes 3 --resume {folder}", File.ReadAllText($"{folder}/arguments").Trim());
    }

    [Fact]
    public void What_would_break_out_of_a_script_is_refused()
    {
        foreach (var setting in new[] { "execution.partition=a b", "execution.account=x\ny", "execution.timeLimit=1h", "execution.cpus=0", "execution.memoryMegabytes=-1" })
            Assert.Contains(setting[..setting.IndexOf('=', StringComparison.Ordinal)], Assert.Throws<UserInputException>(() => RecipeFile.Parse("r", "{}", [setting])).Message, StringComparison.Ordinal);
        var recipe = RecipeFile.Parse("r", "{}", ["execution.executor=slurm", "execution.timeLimit=2-00:00:00"]);
        Assert.True(recipe.OnSlurm);
        Assert.Equal(RecipeIdentity.Of(new Recipe()), RecipeIdentity.Of(recipe)); // where it runs changes no number
    }

    private static SlurmScriptJob Job(SlurmSettings settings, ExecutionRecipe asked, string program) => new("n", asked, settings, [program], "/data", settings.AutomaticResumes);

    private string Program(string name, string body)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/bash\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
