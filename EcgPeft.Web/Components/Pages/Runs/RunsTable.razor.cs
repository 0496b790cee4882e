using System.Globalization;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;
using EcgPeft.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>The table of runs: what is in sight, and how wide its columns are. Widths are pixels of text of the usual size, and grow with it.</summary>
public sealed partial class RunsTable
{
    private const int CheckWidth = 44, ActionsWidth = 76, NameWidth = 172, GroupedNameWidth = 260, FullNameWidth = 400, WidthsApart = 200, RowsAtFirst = 30, MostRows = 400;

    /// <summary>As wide as so many letters are the dot and the edges of a status.</summary>
    private const int ChipLetters = 3;

    // The line below a status is in small letters.
    private const double SmallLetter = 0.8;

    private const double RowHeight = 44, WidthAtFirst = 1400;

    private readonly Dictionary<RunColumn, int> _widthOf = [];
    private IReadOnlyList<RunsTableLine> _lines = [];
    private int[] _widths = [];
    private ColumnWindow _window = new(0, 0, 0, 0);
    private RunsView? _known;
    private ElementReference _wrap;
    private IJSObjectReference? _module, _grid;
    private DotNetObjectReference<RunsTable>? _self;
    private bool _disposed, _anew;
    private int _first, _count = RowsAtFirst;
    private double _height = RowHeight, _left, _width = WidthAtFirst;

    [Parameter, EditorRequired] public RunsView View { get; set; } = RunsView.Usual;

    /// <summary>The runs that pass the filters, in order.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<RunSummary> Runs { get; set; } = [];

    /// <summary>The same in their groups, where the view asks for groups.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<RunGroup> Groups { get; set; } = [];

    /// <summary>The best value of a column among runs on the same data, where it knows a better and a worse.</summary>
    [Parameter, EditorRequired] public IReadOnlyDictionary<(RunColumn Column, string Data), double> Best { get; set; } = new Dictionary<(RunColumn, string), double>();

    /// <summary>Ids of the chosen runs.</summary>
    [Parameter, EditorRequired] public IReadOnlySet<string> Chosen { get; set; } = new HashSet<string>();

    /// <summary>Places in the queue, from 1, by id.</summary>
    [Parameter, EditorRequired] public IReadOnlyDictionary<string, int> Waiting { get; set; } = new Dictionary<string, int>();

    /// <summary>A column shall decide the order.</summary>
    [Parameter, EditorRequired] public EventCallback<RunColumn> Sorted { get; set; }

    /// <summary>A group shall be folded or unfolded.</summary>
    [Parameter, EditorRequired] public EventCallback<string> Folded { get; set; }

    /// <summary>A run is chosen, or no longer.</summary>
    [Parameter, EditorRequired] public EventCallback<RunSummary> ChosenChanged { get; set; }

    /// <summary>All runs are chosen, or none.</summary>
    [Parameter, EditorRequired] public EventCallback<bool> AllChosen { get; set; }

    [Inject] private RunCommands Commands { get; set; } = null!;

    /// <summary>Whether the other columns leave more than names need; widths are told rounded up.</summary>
    private bool NameIsFull => _width - WidthsApart - CheckWidth - _widths.Skip(1).Sum() - ActionsWidth > FullNameWidth;

    private IReadOnlyList<RunsTableLine> Rows => [.. _lines.Skip(_first).Take(_count)];

    /// <summary>Columns in the page with their places among all: the name, the pinned ones, those in sight.</summary>
    private IEnumerable<(RunColumn Column, int At)> Shown =>
        Enumerable.Range(0, Math.Min(View.Pinned + 1, View.Columns.Count)).Concat(Enumerable.Range(_window.First, _window.End - _window.First)).Select(at => (View.Columns[at], at));

    /// <summary>Tells which lines and which part of the width are in sight.</summary>
    /// <param name="first">The first line.</param>
    /// <param name="count">How many.</param>
    /// <param name="height">How high a line is, in pixels.</param>
    /// <param name="left">How far the table is scrolled, in pixels of text of the usual size.</param>
    /// <param name="width">How wide its place is, in the same.</param>
    [JSInvokable]
    public void Look(int first, int count, double height, double left, double width)
    {
        (_first, _count) = (first, Math.Clamp(count, RowsAtFirst, MostRows)); // a run that comes is there at once, and needs no second look
        (_height, _left, _width) = (double.IsFinite(height) && height > 1 ? height : RowHeight, left, width);
        Arrange();
        StateHasChanged();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return ReleaseAsync();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // Another order or choice begins at its first line; other columns leave one where one is.
        if (_known is { } known && (known with { Columns = View.Columns, Pinned = View.Pinned, Folded = View.Folded }) != View) (_anew, _first) = (true, 0);
        if (_known != View) _widthOf.Clear();
        _known = View;
        Arrange();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./dist/grid.js");
            if (!_disposed) _grid = await _module.InvokeAsync<IJSObjectReference>("follow", _wrap, _self);
            if (_disposed) await ReleaseAsync();
        }
        if (!_anew || _grid is not { } grid || _disposed) return;
        _anew = false;
        await JsCleanup.Run(() => grid.InvokeVoidAsync("top"));
    }

    private void Arrange()
    {
        _lines = RunsTableLine.Of(Runs, Groups, View.Folded);
        _first = Math.Clamp(_first, 0, Math.Max(0, _lines.Count - 1));
        _widths = [.. View.Columns.Select(WidthOf)];
        _window = ColumnWindow.Of(_widths, Math.Min(View.Pinned + 1, View.Columns.Count), _left, _width);
    }

    // What comes while one looks may be clipped; columns that jump would be worse.
    private int WidthOf(RunColumn column)
    {
        if (column == RunColumns.Name) return Groups.Count > 0 ? GroupedNameWidth : NameWidth;
        if (!_widthOf.TryGetValue(column, out var width)) _widthOf[column] = width = ColumnWindow.WidthOf(column, Runs, Groups, TextOf);
        return width;
    }

    private string TextOf(RunColumn column, RunSummary run) => column == RunColumns.Status ? new string('x', Math.Max(column.Text(run).Length + ChipLetters, (int)Math.Ceiling(SmallLetter * (More(run)?.Length ?? 0)))) : column.Text(run);

    /// <summary>What stands below the status: how far it is, its place in the queue, where it was interrupted.</summary>
    private string? More(RunSummary run) =>
        run.Status == RunStatus.Running && run.TotalSteps is > 0 ? $"{100 * run.Step / run.TotalSteps.Value} %"
        : Waiting.TryGetValue(run.Id, out var place) ? (place == 1 ? "next" : $"place {Show.Count(place)}") + (run.Notes.Priority == RunPriority.Normal ? "" : $", {run.Notes.Priority.ToString().ToLowerInvariant()}")
        : run is { Status: RunStatus.Interrupted, StartedUtc: null, Broken: null } ? "never started"
        : run is { Status: RunStatus.Interrupted, Broken: null } ? $"at step {Show.Count(run.Step)}, {Show.Clock(run.LastEventUtc)}"
        : null;

    /// <summary>Pinned columns stay beside each other at the left.</summary>
    private string? Place(int at) => at == 0 || at > View.Pinned ? null : string.Create(CultureInfo.InvariantCulture, $"--pin-left:{Rem(_widths.Take(at).Sum())}");

    private static string Rem(int pixels) => (pixels / 16.0).ToString("0.####", CultureInfo.InvariantCulture) + "rem";

    private string Pixels(int lines) => (lines * _height).ToString("F0", CultureInfo.InvariantCulture);

    private string CellClass(RunColumn column, int at, RunSummary run)
    {
        var best = Best.TryGetValue((column, RunColumn.DataOf(run)), out var value) && column.Number?.Invoke(run) == value;
        return $"{(column.IsNumber ? "num" : "")} {(column == RunColumns.Name ? "name wide-cell" : "")} {(at <= View.Pinned ? "pinned" : "")} {(best ? "best" : "")}".Trim();
    }

    private ValueTask ReleaseAsync() => JsCleanup.Run(async () =>
    {
        _self?.Dispose();
        if (_grid is { } grid)
        {
            _grid = null;
            await grid.InvokeVoidAsync("end");
            await grid.DisposeAsync();
        }
        if (_module is { } module)
        {
            _module = null;
            await module.DisposeAsync();
        }
    });
}
