using System.Globalization;
using System.Text;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>What the classical methods of a study achieved: <c>yardsticks/{name}-seed{seed}.csv</c>, and <c>yardsticks/cost.csv</c>.</summary>
public static class StudyYardsticks
{
    private const string Folder = "yardsticks";
    private const string CostHeader = "name,seed,fold,parameters,seconds";

    /// <summary>Keeps a result.</summary>
    /// <param name="study">The study's folder.</param>
    /// <param name="result">The result.</param>
    /// <param name="fold">The fold that tests, or null.</param>
    public static void Write(string study, YardstickResult result, int? fold = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        Directory.CreateDirectory(Path.Combine(study, Folder));
        var costs = CostFile(study);
        var text = new StringBuilder(File.Exists(costs) ? File.ReadAllText(costs) : CostHeader + "\n");
        text.Append(CultureInfo.InvariantCulture, $"{result.Name},{result.Seed},{fold},{result.Parameters},{result.Seconds:R}\n");
        AtomicFile.WriteAllText(costs, text.ToString());
        // Last: who finds the predictions finds everything.
        AtomicFile.WriteAllText(FileOf(study, result.Name, result.Seed, fold), PredictionsFile.Text(result.Validation, result.Test));
    }

    /// <summary>A result of this study, or null where it has not been computed.</summary>
    /// <param name="study">The study's folder.</param>
    /// <param name="name">Name of the yardstick.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="fold">The fold that tests, or null.</param>
    /// <exception cref="UserInputException">A file is damaged.</exception>
    public static YardstickResult? Read(string study, string name, int seed, int? fold = null)
    {
        var file = FileOf(study, name, seed, fold);
        if (!File.Exists(file)) return null;
        var predictions = PredictionsFile.Read(file);
        var cost = File.ReadLines(CostFile(study)).Skip(1).Select(line => line.Split(',')).LastOrDefault(cells => cells.Length == 5 && cells[0] == name && cells[1] == seed.ToString(CultureInfo.InvariantCulture) && cells[2] == (fold?.ToString(CultureInfo.InvariantCulture) ?? ""));
        if (cost is null || !long.TryParse(cost[3], CultureInfo.InvariantCulture, out var parameters) || !double.TryParse(cost[4], CultureInfo.InvariantCulture, out var seconds))
            throw new UserInputException($"{CostFile(study)} does not say what {name} with seed {seed} cost; delete the folder {Folder} of the study and go on with it.");
        return new YardstickResult(name, seed, parameters, seconds, predictions.Validation, predictions.Test);
    }

    /// <summary>The predictions' file of a yardstick.</summary>
    internal static string FileOf(string study, string name, int seed, int? fold) => Path.Combine(study, Folder, $"{name}-seed{seed}{(fold is null ? "" : $"-fold{fold}")}.csv");

    private static string CostFile(string study) => Path.Combine(study, Folder, "cost.csv");
}
