using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

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

    /// <summary>Seeds; none for the recipe's own.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [];

    /// <summary>Folds that each seed divides the data into; null for one split a seed.</summary>
    public int? Folds { get; init; }

    /// <summary>Settings that vary; every combination is trained and tested.</summary>
    public IReadOnlyList<StudyAxis> Grid { get; init; } = [];

    /// <summary>A search instead of a study that compares all of its runs; for one model, method and seed.</summary>
    public SearchPlan? Search { get; init; }

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
        var runs = Search is { } search ? Trials(search, models, methods, seeds, runFolder) : StudyDesign.Runs(models, methods, seeds, Folds, Grid, runFolder);
        return new Study(DateTime.UtcNow, Base.Data, models, methods, seeds, [], runs, [], Folds)
        {
            Name = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim(),
            Base = Base with { Name = null },
            Grid = Grid.Count == 0 ? null : Grid,
            Search = Search,
            Final = Search is null ? null : new StudyRun(runFolder("winner"), models[0], methods[0], seeds[0]),
        };
    }

    private IReadOnlyList<StudyRun> Trials(SearchPlan search, string[] models, string[] methods, int[] seeds, Func<string, string> runFolder)
    {
        if (models.Length > 1 || methods.Length > 1 || seeds.Length > 1 || Folds is not null || Grid.Count > 0)
            throw new UserInputException("A search looks for the settings of one model and method with one seed and split; leave models, methods, seeds, folds and grid at one, or make a study.");
        return StudyDesign.Trials(models[0], methods[0], seeds[0], search, runFolder);
    }
}
