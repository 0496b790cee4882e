using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What a person has entered on the page for a new run: a recipe to begin with, and what has been typed over it.</summary>
public sealed class RunDraft
{
    private static readonly Dictionary<string, RecipeField> Fields = RecipeFields.All.ToDictionary(field => field.Path, StringComparer.Ordinal);

    private readonly Recipe _start;
    private readonly JsonElement _startJson;
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unreadable = new(StringComparer.Ordinal);

    /// <summary>A draft with the recipe's defaults.</summary>
    public RunDraft() : this(new Recipe())
    {
    }

    /// <summary>A draft that begins as a recipe.</summary>
    public RunDraft(Recipe start)
    {
        (_start, _startJson) = (start, JsonSerializer.SerializeToElement(start, ProductJson.Line));
        (Model, Peft, Settings) = (start.Backbone.Model, MethodDraft.Of(start.Peft), start);
    }

    public string? Name { get; set; }

    /// <summary>The data set; null takes the file that the recipe it began with names.</summary>
    public DataSetInfo? Data { get; set; }

    /// <summary>The file that the recipe it began with names, or null.</summary>
    public string? DataFile => _start.Data.Path;

    public string Model { get; set; }

    /// <summary>The method with its settings.</summary>
    public MethodDraft Peft { get; private set; }

    /// <summary>The settings that have fields, as far as they can be read; data, backbone and method are those it began with.</summary>
    public Recipe Settings { get; private set; }

    /// <summary>What has been typed, by dotted path.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>Optimiser steps of an epoch, before the split is known exactly; null without data or with settings that make no sense.</summary>
    public long? StepsPerEpoch => Data is null || Settings.Training.BatchSize < 1 ? null : (long)Math.Ceiling((double)TrainingSegments!.Value / Settings.Training.BatchSize);

    /// <summary>Training segments of an epoch, before the split is known exactly; null without data.</summary>
    public long? TrainingSegments => Data is null ? null : (long)Math.Round(Data.Rows * Math.Max(0, Settings.Split.Kind is SplitKind.KFold or SplitKind.GroupedKFold
        ? 1 - 2.0 / Math.Max(3, Settings.Split.Folds) : 1 - Settings.Split.Validation - Settings.Split.Test));

    /// <summary>What stands in a field: what has been typed, else the value it began with.</summary>
    public string Text(RecipeField field) => _texts.TryGetValue(field.Path, out var text) ? text : SettingText.Write(field.Setting, RecipeField.At(_startJson, field.Path));

    /// <summary>Takes what has been typed.</summary>
    /// <param name="path">The setting's dotted path.</param>
    /// <param name="text">What stands in the field now; empty for the default.</param>
    public void Set(string path, string text)
    {
        if (!Fields.ContainsKey(path)) return; // a field of another version's draft
        _texts[path] = text;
        Read();
    }

    /// <summary>Another method, with its defaults.</summary>
    /// <param name="name">Its name in recipes.</param>
    public void Choose(string name)
    {
        if (Peft.Method.Name != name && PeftMethod.Find(name) is { } method) Peft = new MethodDraft(method);
    }

    /// <summary>The recipe as it stands.</summary>
    /// <param name="library">Knows where the data set lies.</param>
    public Recipe ToRecipe(DataSetLibrary library) => Settings with
    {
        Name = string.IsNullOrWhiteSpace(Name) ? $"{Path.GetFileName(Model.TrimEnd('/'))}-{Peft.Method.Name}" : Name.Trim(),
        Data = Data is null ? Settings.Data
            : library.FolderOf(Data.Id) is var path && path == _start.Data.Path ? Settings.Data with { Hash = Data.Hash }
            : new DataRecipe { Path = path, Hash = Data.Hash, SamplingRateHz = Settings.Data.SamplingRateHz },
        Backbone = Model == _start.Backbone.Model ? _start.Backbone : new BackboneRecipe { Model = Model },
        Peft = Peft.Config,
    };

    /// <summary>What is wrong, by the setting's dotted path.</summary>
    /// <param name="library">Knows where the data set lies.</param>
    public IReadOnlyDictionary<string, string> Problems(DataSetLibrary library)
    {
        var problems = new Dictionary<string, string>(Peft.Problems, StringComparer.Ordinal);
        foreach (var (path, sentence) in _unreadable) problems[path] = sentence;
        if (Data is null && _start.Data.Path is null) problems["data.path"] = "Choose a data set; import one on the page Data.";
        else if (Data is not null) foreach (var (path, sentence) in Misfits(Data)) problems[path] = sentence;
        foreach (var (path, sentence) in RecipeFile.Problems(ToRecipe(library))) problems.TryAdd(path, sentence);
        return problems;
    }

    /// <summary>What the chosen data set has not got.</summary>
    private IEnumerable<RecipeProblem> Misfits(DataSetInfo data)
    {
        var (split, preparation) = (Settings.Split, Settings.Preprocessing);
        if (Splits.NeedsGroups(split.Kind) && data.GroupCount is null) yield return new("split.kind", "This data set has no groups; import it again with a groups file, or split by label.");
        if (split.Kind == SplitKind.LeaveOneGroupOut && data.GroupCount is { } groups && split.Fold > groups) yield return new("split.fold", $"split.fold is {split.Fold}, but this data set has {groups} groups.");
        var filters = preparation.BandPassLowHz is not null || preparation.NotchHz is not null;
        if ((Settings.Data.SamplingRateHz ?? data.SamplingRateHz) is not { } rate)
        {
            if (filters || preparation.Resampling == ResamplingKind.Rate) yield return new("data.samplingRateHz", "Filters and resampling to a rate need the sampling rate, which this data set does not say; give it here.");
            yield break;
        }
        if (preparation.BandPassHighHz >= rate / 2) yield return new("preprocessing.bandPassHighHz", FormattableString.Invariant($"At a sampling rate of {rate} Hz it must be below {rate / 2}."));
        if (preparation.NotchHz >= rate / 2) yield return new("preprocessing.notchHz", FormattableString.Invariant($"At a sampling rate of {rate} Hz it must be below {rate / 2}."));
    }

    private void Read()
    {
        _unreadable.Clear();
        var json = JsonObject.Create(_startJson)!;
        foreach (var (path, text) in _texts)
        {
            try
            {
                Put(json, path.Split('.'), SettingText.Parse(Fields[path].Setting, text));
            }
            catch (FormatException e)
            {
                _unreadable[path] = e.Message;
            }
        }
        Settings = json.Deserialize<Recipe>(ProductJson.Line)!;
    }

    private static void Put(JsonObject json, string[] path, JsonNode? value)
    {
        foreach (var level in path[..^1])
        {
            if (json[level] is not JsonObject && value is null) return; // nothing to take away
            if (json[level] is not JsonObject next) json[level] = next = [];
            json = next;
        }
        if (value is null) json.Remove(path[^1]); // the recipe's default
        else json[path[^1]] = value;
    }
}
