using System.Globalization;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>What becomes of archived runs.</summary>
public enum ArchiveFilter
{
    Hidden,
    Shown,
    Only,
}

/// <summary>What the table of runs shows and how; it stands in the page's address, so a link shows the same.</summary>
/// <param name="Search">Words that name, model, method, data set, tags, note or id must contain, all of them.</param>
/// <param name="Model">Only runs of this model; null for all.</param>
/// <param name="Method">Only runs of this method.</param>
/// <param name="Data">Only runs on this data set.</param>
/// <param name="Status">Only runs of this status.</param>
/// <param name="Columns">The columns in order.</param>
/// <param name="Sort">The column that decides the order.</param>
/// <param name="Descending">Whether the largest stands first.</param>
/// <param name="Grouping">What runs are gathered by.</param>
/// <param name="Tag">Only runs with this tag; null for all.</param>
/// <param name="Archive">Whether archived runs are among them.</param>
/// <param name="Study">Only runs of this study; null for all.</param>
/// <param name="Owner">Only runs of this user, <see cref="Me"/> for whoever looks; null for all.</param>
/// <param name="Pinned">How many columns after the name stay where they are when the table is scrolled.</param>
public sealed record RunsView(string Search, string? Model, string? Method, string? Data, RunStatus? Status, IReadOnlyList<RunColumn> Columns, RunColumn Sort, bool Descending, RunGrouping Grouping, string? Tag = null, ArchiveFilter Archive = ArchiveFilter.Hidden, string? Study = null, int Pinned = 0, string? Owner = null)
{
    /// <summary>More would leave no room for the others.</summary>
    public const int MostPinned = 3;

    /// <summary>Stands between titles in an address; no title has it.</summary>
    private const char Between = '\n';

    /// <summary>In an address: whoever looks at it, so that a link to "mine" is everybody's own.</summary>
    public const string Me = "@me";

    /// <summary>Titles of the groups that are folded.</summary>
    public IReadOnlyList<string> Folded { get; init; } = [];

    /// <summary>The columns that stand there before a person chooses.</summary>
    public IReadOnlyList<RunColumn> UsualColumns { get; init; } = RunColumns.Usual;

    public static RunsView Usual { get; } = new("", null, null, null, null, RunColumns.Usual, RunColumns.Created, true, RunGrouping.None);

    public bool HasFilter => Search.Length > 0 || Model is not null || Method is not null || Data is not null || Status is not null || Tag is not null || Archive != ArchiveFilter.Hidden || Study is not null || Owner is not null;

    /// <summary>Reads the address's query; what it does not know is left out.</summary>
    /// <param name="query">The query.</param>
    /// <param name="users">Whether users are known here; else nothing speaks of owners.</param>
    public static RunsView Parse(IReadOnlyDictionary<string, string> query, bool users = false)
    {
        var usual = users ? RunColumns.UsualWithOwner : RunColumns.Usual;
        string? Text(string name) => query.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
        var columns = Text("columns")?.Split(',').Select(RunColumns.Find).OfType<RunColumn>().Where(column => users || column != RunColumns.Owner).Distinct().ToList();
        var sort = Text("sort") ?? "-" + RunColumns.Created.Id;
        return new RunsView(
            Text("q") ?? "", Text("model"), Text("method"), Text("data"),
            Enum.TryParse<RunStatus>(Text("status"), ignoreCase: true, out var status) ? status : null,
            columns is { Count: > 0 } ? columns : usual,
            RunColumns.Find(sort.TrimStart('-')) ?? RunColumns.Created, sort.StartsWith('-'),
            Enum.TryParse<RunGrouping>(Text("group"), ignoreCase: true, out var grouping) ? grouping : RunGrouping.None,
            Text("tag"), Enum.TryParse<ArchiveFilter>(Text("archive"), ignoreCase: true, out var archive) ? archive : ArchiveFilter.Hidden,
            Text("study"), int.TryParse(Text("pinned"), NumberStyles.None, CultureInfo.InvariantCulture, out var pinned) ? Math.Min(pinned, MostPinned) : 0, users ? Text("owner") : null) { UsualColumns = usual, Folded = Text("folded")?.Split(Between) ?? [] };
    }

    /// <summary>The page's address with everything that is not as usual.</summary>
    public string Address()
    {
        var sort = (Descending ? "-" : "") + Sort.Id;
        (string Name, string? Value)[] parts =
        [
            ("q", Search), ("model", Model), ("method", Method), ("data", Data), ("status", Status?.ToString().ToLowerInvariant()),
            ("owner", Owner), ("tag", Tag), ("study", Study), ("pinned", Pinned == 0 ? null : Pinned.ToString(CultureInfo.InvariantCulture)), ("archive", Archive == ArchiveFilter.Hidden ? null : Archive.ToString().ToLowerInvariant()),
            ("columns", Columns.SequenceEqual(UsualColumns) ? null : string.Join(',', Columns.Select(column => column.Id))),
            ("sort", sort == "-" + RunColumns.Created.Id ? null : sort),
            ("group", Grouping == RunGrouping.None ? null : Grouping.ToString().ToLower(CultureInfo.InvariantCulture)),
            ("folded", Grouping == RunGrouping.None || Folded.Count == 0 ? null : string.Join(Between, Folded)),
        ];
        var query = string.Join('&', parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
        return query.Length == 0 ? "runs" : "runs?" + query;
    }

    /// <summary>The runs that pass the filters, in order.</summary>
    /// <param name="runs">All runs.</param>
    /// <param name="me">The user who looks; null where users are not known.</param>
    public IReadOnlyList<RunSummary> Apply(IReadOnlyList<RunSummary> runs, string? me = null)
    {
        var words = Search.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool Passes(RunSummary run) =>
            (Model is null || run.Model == Model) && (Method is null || run.Method == Method) && (Data is null || run.DataSet == Data) && (Status is null || run.Status == Status)
            && (Tag is null || run.Notes.Tags.Contains(Tag, StringComparer.OrdinalIgnoreCase)) && (Archive == ArchiveFilter.Shown || run.Notes.Archived == (Archive == ArchiveFilter.Only))
            && (Study is null || run.Study == Study) && (Owner is null || (run.Notes.Owner is { } owner && owner == (Owner == Me ? me : Owner)))
            && words.All(word => RunCondition.Parse(word) is { } condition ? condition.Holds(run) : $"{run.Name} {run.Model} {run.Method} {run.DataSet} {run.Id} {string.Join(' ', run.Notes.Tags)} {run.Notes.Note}".Contains(word, StringComparison.OrdinalIgnoreCase));
        return RunColumn.Sort([.. runs.Where(Passes)], Sort, Descending);
    }

    /// <summary>The same with a group folded or unfolded.</summary>
    public RunsView Fold(string title) => this with { Folded = Folded.Contains(title) ? [.. Folded.Where(other => other != title)] : [.. Folded, title] };

    /// <summary>The same with a column shown or hidden; the name always stays.</summary>
    public RunsView Toggle(RunColumn column) =>
        column == RunColumns.Name ? this : this with { Pinned = IsPinned(column) ? Pinned - 1 : Pinned, Columns = Columns.Contains(column) ? [.. Columns.Where(other => other != column)] : [.. Columns, column] };

    /// <summary>Whether a column stays where it is when the table is scrolled.</summary>
    public bool IsPinned(RunColumn column) => column == RunColumns.Name || (Columns.ToList().IndexOf(column) is var at and > 0 && at <= Pinned);

    /// <summary>The same with a column pinned behind the ones that are, or let go; at most <see cref="MostPinned"/>.</summary>
    public RunsView Pin(RunColumn column)
    {
        if (column == RunColumns.Name || !Columns.Contains(column)) return this;
        var (was, columns) = (IsPinned(column), Columns.Where(other => other != column).ToList());
        if (!was && Pinned >= MostPinned) return this;
        columns.Insert(was ? Pinned : Pinned + 1, column);
        return this with { Columns = columns, Pinned = was ? Pinned - 1 : Pinned + 1 };
    }

    /// <summary>The same with a column one place further left.</summary>
    public RunsView MoveLeft(RunColumn column)
    {
        var columns = Columns.ToList();
        var at = columns.IndexOf(column);
        if (at < 2) return this; // the name stays first
        (columns[at - 1], columns[at]) = (columns[at], columns[at - 1]);
        return this with { Columns = columns };
    }

    /// <summary>What was done to the columns since another view, where somebody may want them back; null where nothing was taken away or moved.</summary>
    public string? LayoutChangeSince(RunsView before)
    {
        var (kept, hidden) = (before.Columns.Where(Columns.Contains).ToList(), before.Columns.Except(Columns).ToList());
        return hidden.Count == 1 ? $"{hidden[0].Title} is hidden."
            : hidden.Count > 1 ? $"{hidden.Count} columns are hidden."
            : Pinned != before.Pinned || !kept.SequenceEqual(Columns.Where(before.Columns.Contains)) ? "The columns are in another order."
            : null;
    }

    /// <summary>The same, sorted by a column; a second time the other way round. Numbers begin with the largest, losses with the smallest.</summary>
    public RunsView SortBy(RunColumn column) =>
        this with { Sort = column, Descending = Sort == column ? !Descending : column == RunColumns.Created || (column.IsNumber && column.Better != Better.Lower) };
}
