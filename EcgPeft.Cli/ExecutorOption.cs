using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary><c>--executor</c>: whether runs are trained here or on Slurm.</summary>
internal static class ExecutorOption
{
    /// <summary>The option.</summary>
    /// <param name="description">What it says in the help.</param>
    public static Option<string?> Create(string description) => new("--executor") { Description = description, HelpName = "KIND" };

    /// <summary>The setting that it stands for; none where recipe or settings say it themselves, or nobody says anything.</summary>
    /// <param name="asked">What was asked, or null.</param>
    /// <param name="settings">What <c>--set</c> says.</param>
    /// <param name="recipe">The recipe, or null.</param>
    /// <exception cref="UserInputException">It is neither local nor slurm.</exception>
    public static string[] Setting(string? asked, string[] settings, Recipe? recipe)
    {
        if (asked is null && (recipe?.Execution?.Executor is not null || settings.Any(setting => setting.StartsWith("execution.executor=", StringComparison.OrdinalIgnoreCase)))) return [];
        return Kind(asked) is { } kind ? [$"execution.executor={kind.ToString().ToLowerInvariant()}"] : [];
    }

    /// <summary>The choice for one run: what is asked, else what its recipe says, else the installation's usual way.</summary>
    /// <exception cref="UserInputException">What is asked is neither local nor slurm.</exception>
    public static Recipe Placed(Recipe recipe, string? asked) =>
        (asked is null ? recipe.Execution?.Executor : null) is null && Kind(asked) is { } kind ? recipe with { Execution = (recipe.Execution ?? new()) with { Executor = kind } } : recipe;

    /// <summary>The installation's Slurm.</summary>
    /// <exception cref="UserInputException">There is none.</exception>
    public static SlurmSettings Slurm()
    {
        var settings = ProductSettings.Slurm();
        if (!settings.Enabled) throw new UserInputException("This is for Slurm, but this installation has none; set EcgPeft:Slurm:Enabled, or train here with --executor local.");
        return SlurmSettings.Sbatch is not null ? settings : throw new UserInputException("This is for Slurm, but sbatch is not in PATH; install Slurm's client commands, or train here with --executor local.");
    }

    /// <summary>The batch script of runs that have no folders yet.</summary>
    /// <param name="recipe">Their recipe.</param>
    /// <param name="runs">How many there are.</param>
    public static string Script(Recipe recipe, int runs) => SlurmRunner.Preview(ProductSettings.DataRoot(), Slurm(), OwnWorker.Command(), recipe, runs);

    private static ExecutorKind? Kind(string? asked) => (asked ?? (ProductSettings.Slurm() is { Enabled: true, Usual: true } ? "slurm" : null))?.ToLowerInvariant() switch
    {
        null => null,
        "local" => ExecutorKind.Local,
        "slurm" => ExecutorKind.Slurm,
        _ => throw new UserInputException($"--executor is '{asked}'; it must be local or slurm."),
    };
}
