using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Chapters;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports;

/// <summary>One field of the grid of models and methods.</summary>
/// <param name="Contender">Model, method and settings.</param>
/// <param name="Mean">Mean of the metric over repetitions; null where it is undefined.</param>
/// <param name="Spread">Standard deviation over repetitions; null with one.</param>
/// <param name="Interval">95 % interval of the mean; null where it is undefined or would mislead.</param>
public sealed record StudyCell(Contender Contender, double? Mean, double? Spread, Interval? Interval);

/// <summary>
/// The question that the product exists for as one picture: models x methods, what parameters, time and memory buy, how fast each converged, every difference with
/// its interval, and what the tests allow one to say. The report shows the same figures.
/// </summary>
public sealed class StudyPicture
{
    private readonly ReportData _data;
    private readonly Dictionary<Contender, IReadOnlyDictionary<Metric, Interval?>?> _intervals;

    /// <summary>Computes everything, resamples included; takes seconds where there are many runs.</summary>
    /// <param name="data">The runs.</param>
    public StudyPicture(ReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _data = data;
        Models = [.. data.Tuned.Select(c => c.Model).Distinct()];
        Methods = [.. data.Tuned.Select(c => c.Method).Distinct()];
        Title = Methods.Count < 2 ? $"{Contender.MethodTitle(Methods[0])} on {string.Join(", ", Models)}" : string.Join(" against ", Methods.Select(Contender.MethodTitle));
        Verdicts = [.. data.MethodPairs.Select(p => p.Verdict), .. AnswerChapter.Overall(data)];
        Yardsticks = [.. data.Pairs.Where(p => p.Second.IsYardstick).Select(p => p.Verdict), .. AnswerChapter.Yardsticks(data) is { } higher ? new[] { higher } : []];
        Differences = data.Pairs.Count == 0 ? null : ComparisonChapter.Forest(data);
        Costs = CostChapter.Figures(data);
        CostTable = CostChapter.Table(data);
        var looks = ContenderLooks.Of(data);
        Curves = [.. data.Tuned.GroupBy(c => c.Model).SelectMany(model => TrainingChapter.Figures([.. model], looks))];
        Convergences = TrainingChapter.Convergences(data);
        ConvergenceSentences = [.. TrainingChapter.Sentences(data)];
        _intervals = data.Contenders.ToDictionary<Contender, Contender, IReadOnlyDictionary<Metric, Interval?>?>(c => c, data.Intervals, ReferenceEqualityComparer.Instance);
    }

    /// <summary>The methods' names, one against the other.</summary>
    public string Title { get; }

    /// <summary>The models, in the order of their first run.</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>The PEFT methods, in the order of their first run.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>What the tests say of the methods on each model, and over all models; empty where no two methods can be compared.</summary>
    public IReadOnlyList<string> Verdicts { get; }

    /// <summary>What the tests say of the best model and method against classical methods.</summary>
    public IReadOnlyList<string> Yardsticks { get; }

    /// <summary>What a reader should know, for example runs that are not completed.</summary>
    public IReadOnlyList<string> Notes => _data.Notes;

    /// <summary>Forest plot of all differences; null where nothing can be compared pair by pair.</summary>
    public Figure? Differences { get; }

    /// <summary>Score against parameters, time and memory with the Pareto front.</summary>
    public IReadOnlyList<Figure> Costs { get; }

    /// <summary>Parameters, file size, time and memory in numbers.</summary>
    public TableBlock CostTable { get; }

    /// <summary>Loss and validation AUROC by epoch, one pair of figures a model.</summary>
    public IReadOnlyList<Figure> Curves { get; }

    /// <summary>Convergence in numbers.</summary>
    public TableBlock Convergences { get; }

    /// <summary>Convergence in words.</summary>
    public IReadOnlyList<string> ConvergenceSentences { get; }

    /// <summary>How many repetitions there are of the models and methods together.</summary>
    public int Repetitions => _data.Repeats.Count;

    /// <summary>What a cell's contender is short of: <c>2 of 3 repetitions</c>; null where it has all.</summary>
    /// <param name="cell">The cell.</param>
    public string? Lacking(StudyCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Contender.Trials.Count < Repetitions ? $"{cell.Contender.Trials.Count} of {Repetitions} repetitions" : null;
    }

    /// <summary>The contenders of one field, the settings in which they differ apart.</summary>
    /// <param name="model">The model.</param>
    /// <param name="method">The method.</param>
    /// <param name="metric">The metric.</param>
    public IReadOnlyList<StudyCell> Cells(string model, string method, Metric metric) => [.. _data.Tuned.Where(c => c.Model == model && c.Method == method).Select(c => Cell(c, metric))];

    /// <summary>The classical methods.</summary>
    /// <param name="metric">The metric.</param>
    public IReadOnlyList<StudyCell> YardstickCells(Metric metric) => [.. _data.Yardsticks.Select(c => Cell(c, metric))];

    /// <summary>The comparisons of two methods on one model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="metric">The metric. Of AUROC they are those of the verdicts, corrected over all that the report compares; of another, Holm's correction is over what the grid shows of it.</param>
    public IReadOnlyList<PairComparison> Pairs(string model, Metric metric) =>
        [.. (metric == Metric.Auroc ? _data.MethodPairs : _data.Comparisons.Compare(_data.MethodPairs.Select(p => (p.First, p.Second)), metric)).Where(p => p.First.Model == model)];

    private StudyCell Cell(Contender contender, Metric metric) => new(contender, contender.Mean(metric), contender.Spread(metric), _intervals[contender]?[metric]);
}
