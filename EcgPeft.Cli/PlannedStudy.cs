using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary>A study before it begins, and what the command says of it.</summary>
/// <param name="Folder">Where it is, or will be.</param>
/// <param name="Study">The study.</param>
/// <param name="Present">Whether it is there already and goes on.</param>
/// <param name="First">The first run's recipe of each model and method.</param>
/// <param name="Budget">What it trains.</param>
/// <param name="Recipes">Where recipes come from.</param>
/// <param name="Segments">Its data.</param>
internal sealed record PlannedStudy(string Folder, Study Study, bool Present, IReadOnlyDictionary<(string Model, string Method), Recipe> First, StudyBudget Budget, StudyRecipes Recipes, SegmentSet Segments)
{
    /// <summary>What is trained, in a sentence.</summary>
    public string Size()
    {
        var recipe = First[(Study.Runs[0].Model, Study.Runs[0].Method)];
        var split = Splits.Divide(Segments, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, recipe.Split.Seed ?? recipe.Seed, recipe.Split.Folds, recipe.Split.Fold);
        var halving = Study.Search is { Kind: SearchKind.Asha };
        var count = Study.Models.Count * Study.Methods.Count;
        var pairs = Study.Search is not null && count > 1 ? $" ({count} models and methods)" : "";
        var seeds = Study.Search is not null && Study.Seeds.Count > 1 ? $" and each winner again with {Study.Seeds.Count - 1} more seed{(Study.Seeds.Count == 2 ? "" : "s")}" : "";
        var rungs = halving ? $", compared after {string.Join(", ", Study.Search!.Rungs(recipe.Training.Epochs))} epochs" : "";
        var promise = Study.Search is null ? "" : "; trials leave the test split alone, each winner on validation is tested once, at the end";
        return string.Create(CultureInfo.InvariantCulture, $"{(Study.Search is null ? "study" : "search")}: {Budget.Runs} {(Study.Search is null ? "runs" : "trials")}{pairs}{rungs}{seeds}, {(halving ? "about" : "at most")} {Budget.Epochs} epochs together, {Budget.Steps(split.Training.Length):N0} steps, {Budget.Epochs * split.Training.Length:N0} segments x epochs{promise}");
    }

    /// <summary>How long it takes, in a sentence.</summary>
    /// <param name="measure">Whether what has not been measured on this machine is measured now.</param>
    public string Time(bool measure)
    {
        using var estimates = new RunEstimates(ProductSettings.DataRoot(), OwnWorker.Program());
        var cost = StudyCost.Of(Study, Budget, Recipes, estimates);
        foreach (var (pair, recipe) in measure ? cost.Missing : [])
        {
            Console.Out.WriteLine($"Measuring a few steps of {pair.Model} with {pair.Method}.");
            estimates.MeasureAsync(recipe, CancellationToken.None).GetAwaiter().GetResult();
        }
        if (measure) cost = StudyCost.Of(Study, Budget, Recipes, estimates);
        if (cost.Measured == 0) return "time: not known, since no model and method of it has been measured on this machine; --estimate measures a few steps of each first";
        var of = cost.Missing.Count == 0 ? "" : $" for {cost.Measured} of {cost.Measured + cost.Missing.Count} models and methods, the others have not been measured (--estimate measures them)";
        return $"time: about {Duration(cost.Seconds)}{of}, one run after the other, from measured steps; early stopping makes it less";
    }

    /// <summary>The batch script of a study that goes to Slurm, as it is submitted; null for one that is trained here.</summary>
    /// <exception cref="UserInputException">It is for Slurm, and there is none.</exception>
    public string? Script()
    {
        var recipe = First[(Study.Runs[0].Model, Study.Runs[0].Method)];
        return recipe.OnSlurm ? ExecutorOption.Script(recipe, Study.Search is null ? Study.Runs.Count : Math.Min(Study.Runs.Count, ExecutorOption.Slurm().TrialsAtOnce)) : null;
    }

    /// <summary>A completed study of the data folder that this one would repeat, in a sentence; null where there is none.</summary>
    public string? Twin()
    {
        var root = ProductSettings.DataRoot();
        if (!Directory.Exists(root.Studies)) return null;
        foreach (var folder in Directory.EnumerateDirectories(root.Studies).Where(Study.Is).Where(folder => folder != Folder))
        {
            try
            {
                var study = Study.Read(folder);
                if (study.Compared.All(run => run.In(folder) is var place && Directory.Exists(place.Path) && RunLife.Current(place) == RunStatus.Completed) && StudyTwin.Is(Study, study, Recipes))
                    return $"The study in {folder} had exactly this design and is completed; running it again gives the same numbers.";
            }
            catch (UserInputException)
            {
                // A damaged study is nobody's twin.
            }
        }
        return null;
    }

    private static string Duration(double seconds) => seconds < 90 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, seconds):0} s") : seconds < 5400 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min") : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h");
}
