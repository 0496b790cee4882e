using System.Text.Json.Serialization;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>How settings are searched.</summary>
public enum SearchKind
{
    /// <summary>Every combination of the listed values, trained to the end.</summary>
    Grid,

    /// <summary>Settings drawn at random, trained to the end (Bergstra and Bengio 2012).</summary>
    Random,

    /// <summary>Settings drawn at random, of which only the best go on to more epochs: asynchronous successive halving (Li et al. 2020).</summary>
    Asha,
}

/// <summary>A search for settings. The trials never see the test split; the winner is chosen on validation and tested once.</summary>
/// <param name="Kind">How.</param>
/// <param name="Space">The settings that are searched.</param>
/// <param name="Trials">How many settings are tried; of a grid, as many as it has points.</param>
/// <param name="Seed">Draws the settings.</param>
/// <param name="Eta">Of successive halving: one in so many goes on to the next rung, with so many times the epochs.</param>
/// <param name="FirstRung">Of successive halving: epochs that every trial gets at the least.</param>
public sealed record SearchPlan(SearchKind Kind, IReadOnlyList<SearchDimension> Space, int Trials, int Seed = 1, int Eta = 3, int FirstRung = 1)
{
    /// <summary>Most trials of a search.</summary>
    public const int MostTrials = 500;

    /// <summary>Epochs at which trials are compared, the last one the full budget: R, R/eta, R/eta² … as long as the first rung is kept, from the smallest.</summary>
    /// <param name="epochs">Epochs of a full training, R.</param>
    public IReadOnlyList<int> Rungs(int epochs)
    {
        if (Kind != SearchKind.Asha) return [epochs];
        var rungs = new List<int> { epochs };
        for (double next = (double)epochs / Eta; Math.Round(next) >= FirstRung && Math.Round(next) >= 1 && (int)Math.Round(next) < rungs[^1]; next /= Eta) rungs.Add((int)Math.Round(next));
        rungs.Reverse();
        return rungs;
    }

    /// <summary>Refuses a plan that makes no sense.</summary>
    /// <exception cref="UserInputException">A number is out of its range, or the space is empty or does not fit the kind.</exception>
    public void Check()
    {
        if (Space.Count == 0) throw new UserInputException("A search needs at least one setting to search, for example training.learningRate=0.0001..0.01:log.");
        if (Space.GroupBy(d => d.Path, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new UserInputException($"{twice.Key} is searched twice; name it once.");
        foreach (var dimension in Space) dimension.Check();
        if (Kind == SearchKind.Grid)
        {
            if (Space.FirstOrDefault(d => d.Values is null) is { } range) throw new UserInputException($"{range.Path} is a range, but a grid needs its values one by one; list them, or search at random.");
            if (Space.Aggregate(1L, (points, d) => points * d.Values!.Count) is > MostTrials and var points) throw new UserInputException($"The grid has {points} points; at most {MostTrials} are searched, so list fewer values or search at random.");
            return;
        }
        if (Trials is < 1 or > MostTrials) throw new UserInputException($"The number of trials is {Trials}; it must be between 1 and {MostTrials}.");
        if (Kind != SearchKind.Asha) return;
        if (Eta is < 2 or > 10) throw new UserInputException($"eta is {Eta}; it must be between 2 and 10.");
        if (FirstRung < 1) throw new UserInputException($"The first rung is {FirstRung} epochs; it must be at least 1.");
        if (Space.Any(d => string.Equals(d.Path, "training.epochs", StringComparison.OrdinalIgnoreCase))) throw new UserInputException("Successive halving gives out epochs itself, so training.epochs cannot be searched with it; search it at random.");
    }
}

/// <summary>One setting of a search space: listed values, or a range.</summary>
/// <param name="Path">Dotted path.</param>
/// <param name="Values">Listed values as <c>--set</c> takes them; null for a range.</param>
/// <param name="Low">Lowest value of a range.</param>
/// <param name="High">Highest value of a range.</param>
/// <param name="Log">Whether the range is drawn from evenly in its logarithm.</param>
/// <param name="Whole">Whether only whole numbers are drawn.</param>
public sealed record SearchDimension(
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Values = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High = null,
    bool Log = false, bool Whole = false)
{
    private const string Between = "..", LogSuffix = ":log";

    /// <summary>Reads <c>path=a,b,c</c>, <c>path=low..high</c> or <c>path=low..high:log</c>; a range between whole numbers draws whole numbers, unless one is written with a point.</summary>
    /// <param name="text">What was typed.</param>
    /// <exception cref="UserInputException">It is not of these forms.</exception>
    public static SearchDimension Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains(Between, StringComparison.Ordinal))
        {
            var axis = StudyAxis.Parse(text);
            return new SearchDimension(axis.Path, axis.Values);
        }
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new UserInputException($"'{text}' is not of the form path=low..high, for example training.learningRate=0.0001..0.01:log.");
        var (path, range) = (text[..equals].Trim(), text[(equals + 1)..].Trim());
        StudyAxis.CheckPath(path);
        var log = range.EndsWith(LogSuffix, StringComparison.OrdinalIgnoreCase);
        var ends = (log ? range[..^LogSuffix.Length] : range).Split(Between, StringSplitOptions.TrimEntries);
        var dimension = ends.Length == 2 && Number(ends[0]) is { } low && Number(ends[1]) is { } high
            ? new SearchDimension(path, null, low, high, log, ends.All(end => end.All(char.IsAsciiDigit)) && !(low == 0 && high == 1))
            : throw new UserInputException($"'{range}' is no range of {path}; write it as 0.0001..0.01, with :log behind it to draw evenly in its logarithm.");
        dimension.Check();
        return dimension;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() => Values is not null ? $"{Path}={string.Join(',', Values)}" : FormattableString.Invariant($"{Path}={Low}{Between}{High}{(Log ? LogSuffix : "")}");

    internal void Check()
    {
        if (Values is { Count: 0 } || (Values is null && (Low is null || High is null))) throw new UserInputException($"{Path} has nothing to search; list values or give a range.");
        if (Values is not null) return;
        if (!(double.IsFinite(Low!.Value) && double.IsFinite(High!.Value) && Low < High)) throw new UserInputException(FormattableString.Invariant($"The range of {Path} is {Low} to {High}; the lower end must be below the upper."));
        if (Log && Low <= 0) throw new UserInputException(FormattableString.Invariant($"The range of {Path} begins at {Low}; a logarithm needs it above 0."));
    }

    private static double? Number(string text) => double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}
