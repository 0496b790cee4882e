using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>What somebody asks a study to be.</summary>
public sealed record StudyRequest
{
    /// <summary>A name for people, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The recipe that every run begins as, with its data.</summary>
    public required Recipe Base { get; init; }

    /// <summary>Models; none for the recipe's own.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>PEFT methods, another than the recipe's with its defaults; none for the recipe's own.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Seeds; none for the recipe's own. A search is done with the first; with the others its winners' settings are trained again, for mean and spread.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [];

    /// <summary>Folds that each seed divides the data into; null for one split a seed.</summary>
    public int? Folds { get; init; }

    /// <summary>Settings that vary; every combination is trained and tested.</summary>
    public IReadOnlyList<StudyAxis> Grid { get; init; } = [];

    /// <summary>A search instead of a study that compares all of its runs: the best settings of each model and method.</summary>
    public SearchPlan? Search { get; init; }

    /// <summary>Classical methods on the same splits, by name; those of a search are computed when its winners have been tested.</summary>
    public IReadOnlyList<string> Yardsticks { get; init; } = [];

    /// <summary>The study with its runs.</summary>
    /// <param name="runFolder">From a run's name to its folder, relative to the study's.</param>
    /// <exception cref="UserInputException">What is asked makes no sense.</exception>
    public Study ToStudy(Func<string, string> runFolder)
    {
        ArgumentNullException.ThrowIfNull(runFolder);
        string[] models = Models.Count == 0 ? [Base.Backbone.Model] : [.. Models.Distinct(StringComparer.Ordinal)];
        string[] methods = Methods.Count == 0 ? [Base.Peft.Method] : [.. Methods.Distinct(StringComparer.Ordinal)];
        int[] seeds = Seeds.Count == 0 ? [Base.Seed] : [.. Seeds.Distinct()];
        if (Base.Pretraining is not null) throw new UserInputException("A study compares fine-tuned runs; its recipe must not be one for pre-training.");
        if (Yardsticks.FirstOrDefault(name => Yardstick.All.All(yardstick => yardstick.Name != name)) is { } unknown)
            throw new UserInputException($"There is no yardstick '{unknown}'; there are {string.Join(", ", Yardstick.All.Select(yardstick => yardstick.Name))}.");
        if (Search is not null && (Folds is not null || Grid.Count > 0)) throw new UserInputException(StudyDesign.NoFoldsInSearch);
        var (runs, winners) = Search is { } search ? StudyDesign.Search(models, methods, seeds, search, runFolder) : (StudyDesign.Runs(models, methods, seeds, Folds, Grid, runFolder), null);
        return new Study(DateTime.UtcNow, Base.Data, models, methods, seeds, [], runs, [.. Yardsticks.Distinct(StringComparer.Ordinal)], Folds)
        {
            Name = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim(),
            Base = Base with { Name = null },
            Grid = Grid.Count == 0 ? null : Grid,
            Search = Search,
            Winners = winners,
        };
    }
}
