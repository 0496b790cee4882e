using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>The page that starts a run, a study or a search.</summary>
public sealed partial class NewRunPage
{
    private RunDraft _draft = new();
    private StudyDraft _study = new();
    private RunForm _form = null!;
    private Recipe _recipe = new();
    private StudyRequest? _request;
    private Study? _planned;
    private IReadOnlyList<DataSetInfo> _sets = [];
    private IReadOnlyList<ModelCard> _models = [];
    private IReadOnlyList<Recipe> _presets = [];
    private IReadOnlyList<string> _assignment = [];
    private IReadOnlyList<SettingRow> _changes = [];
    private ILookup<string, RunSummary> _done = Array.Empty<RunSummary>().ToLookup(run => run.Id);
    private RunSummary? _original, _twin;
    private StudyState? _studyTwin;
    private ParameterCounts? _counts;
    private Recipe? _costed;
    private string _json = "";
    private string? _error, _counted, _script;
    private bool _ready, _starting;
    private int _ahead;

    /// <summary>Id of a data set to begin with.</summary>
    [SupplyParameterFromQuery] public string? Data { get; set; }

    /// <summary>Id of a model to begin with.</summary>
    [SupplyParameterFromQuery] public string? Model { get; set; }

    /// <summary>Id of a run to begin as a copy of.</summary>
    [SupplyParameterFromQuery] public string? Clone { get; set; }

    /// <summary><c>study</c> or <c>search</c> to begin with that.</summary>
    [SupplyParameterFromQuery] public string? Kind { get; set; }

    [Inject] private DataSetLibrary Library { get; set; } = null!;

    [Inject] private ModelCatalogue Catalogue { get; set; } = null!;

    [Inject] private RunQueue Queue { get; set; } = null!;

    /// <summary>The cluster; null where runs cannot go to one.</summary>
    private Core.Runs.Slurm.SlurmExecutor? Slurm => Queue.Slurm is { Settings.Available: true } cluster ? cluster : null;

    [Inject] private StudyService Studies { get; set; } = null!;

    [Inject] private RunMonitor Monitor { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private ProtectedLocalStorage Storage { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _form = new RunForm(_draft, new Dictionary<string, string>(), new Dictionary<string, string>(), default);
        _sets = Library.List();
        _models = Catalogue.Ready();
        _presets = [.. Presets.All.Where(preset => _models.Any(model => model.Id == preset.Backbone.Model))];
        _assignment = [.. _presets.Select(preset => preset.Backbone.Model).Distinct()];
        var runs = Monitor.Runs;
        _ahead = runs.Count(run => run.Recipe?.OnSlurm != true && (run.Status == RunStatus.Queued || RunLife.HasWorker(run.Status)));
        _done = runs.Where(run => run is { Status: RunStatus.Completed, Recipe: not null }).ToLookup(run => RecipeIdentity.Of(run.Recipe!));
        _original = Clone is null ? null : runs.FirstOrDefault(run => run.Id == Clone && run.Recipe is { Pretraining: null });
        var saved = await SavedDraft.ReadAsync(Storage, _original?.Id);
        var draft = saved?.ToDraft(Library) ?? (_original is null ? new RunDraft() : new RunDraft(Free(_original.Recipe!)) { Data = _sets.FirstOrDefault(set => Library.FolderOf(set.Id) == _original.Recipe!.Data.Path) });
        if (draft.DataFile is null || Data is not null)
            draft.Data = _sets.FirstOrDefault(set => set.Id == Data) ?? draft.Data ?? _sets.FirstOrDefault(set => set.Id == DataSetLibrary.DemoId) ?? (_sets.Count > 0 ? _sets[0] : null);
        if (_models.Any(model => model.Id == Model)) draft.Model = Model!;
        _study = saved?.Study ?? new StudyDraft();
        if (Clone is not null) _study.Kind = LaunchKind.Run;
        if (Enum.TryParse<LaunchKind>(Kind, ignoreCase: true, out var kind)) _study.Kind = kind;
        (_draft, _ready) = (draft, true);
        await Changed();
        if (Clone is not null && _original is null) _error ??= $"There is no run {Clone} with a recipe for fine-tuning; these are the defaults.";
    }

    /// <summary>The recipe of a trial without what only its search needs.</summary>
    private static Recipe Free(Recipe recipe) => recipe with { Training = recipe.Training with { StopAfterEpoch = null }, Evaluation = recipe.Evaluation with { ValidationOnly = false } };

    /// <summary>Another recipe, on the same data.</summary>
    private Task Begin(Recipe recipe)
    {
        _draft = new RunDraft(_draft.Data is null ? recipe with { Data = _recipe.Data } : recipe) { Data = _draft.Data };
        return Changed();
    }

    private Task Reset()
    {
        _study = new StudyDraft { Kind = _study.Kind };
        return Begin(new Recipe());
    }

    private Task Switch(LaunchKind kind)
    {
        _study.Kind = kind;
        return Changed();
    }

    private async Task Changed()
    {
        _error = null;
        _recipe = _draft.ToRecipe(Library);
        var placed = Slurm is null ? _recipe : Queue.Placed(_recipe);
        _json = JsonSerializer.Serialize(_recipe, ProductJson.Indented);
        _changes = _original is null ? [] : [.. RecipeSettings.Compare([_original.Recipe!, _recipe]).Where(row => row.Differs && row.Path is not ("name" or "backbone.hash" or "data.hash"))];
        _form = new RunForm(_draft, Problems(), _changes.ToDictionary(row => row.Path, row => row.Values[0]), EventCallback.Factory.Create(this, Changed));
        _script = Slurm is not null && placed.OnSlurm && !placed.Execution!.Problems().Any() ? Slurm.Preview(placed, _study.Kind == LaunchKind.Study ? _planned?.Runs.Count ?? 1 : 1) : null;
        _twin = _done[RecipeIdentity.Of(_recipe)].FirstOrDefault(run => RecipeIdentity.Same(_recipe, run.Recipe!));
        _studyTwin = _planned is null ? null : Studies.TwinOf(_planned);
        _costed = _form.Problems.Count == 0 && !_starting ? _recipe : null;
        _ = SavedDraft.SaveAsync(Storage, _draft, _study, _recipe, _original?.Id);
        StateHasChanged(); // what is known is shown before parameters are counted
        await Count();
    }

    private Task ChooseMethod(string method)
    {
        _draft.Choose(method);
        return Changed();
    }

    private async Task Start()
    {
        if (_starting) return;
        (_starting, _error, _costed) = (true, null, null); // a measurement must not stand in the run's way
        try
        {
            RecipeFile.Check(_recipe);
            var address = _request is { } request ? $"studies/{await Task.Run(() => Studies.Create(request))}" : $"runs/{await Task.Run(() => Queue.Enqueue(_recipe))}";
            await SavedDraft.ForgetAsync(Storage);
            Navigation.NavigateTo(address); // _starting stays: a second click must not start a second run
        }
        catch (Exception e) when (FileTrouble.Explain(e) is { } sentence)
        {
            (_starting, _error) = (false, sentence);
        }
    }
}
