using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>The folder that is a run: recipe in, events and results out. See "A run folder" in docs/architecture.md.</summary>
/// <param name="Path">Absolute path of the folder.</param>
public sealed record RunFolder(string Path)
{
    /// <summary>The run's id: the name of its folder.</summary>
    public string Id => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Every setting of the run.</summary>
    public string RecipeFile => In("recipe.json");

    /// <summary>What happened, one JSON object a line; append-only, written through <see cref="EventLog"/>.</summary>
    public string EventsFile => In("events.jsonl");

    /// <summary>Last resumable state of training; <c>state.json</c> in it holds the integer <c>step</c>.</summary>
    public string CheckpointFolder => In("checkpoint");

    /// <summary>Best weights in the PEFT library's layout.</summary>
    public string AdapterFolder => In("adapter");

    /// <summary>What pre-training made: a folder that <c>backbone.model</c> can name.</summary>
    public string ModelFolder => In("model");

    /// <summary>What moved the scores of segments, and maps of embeddings; see <see cref="Explanations.ExplanationFiles"/>. May be deleted.</summary>
    public string ExplanationsFolder => In("explanations");

    /// <summary><c>split,row,label,probability</c> of the validation and test splits.</summary>
    public string PredictionsFile => In("predictions.csv");

    /// <summary>Which rows train, validate and test; see <see cref="Runs.SplitsFile"/>.</summary>
    public string SplitsFile => In("splits.json");

    /// <summary>Mean and standard deviation of a global z-score; see <see cref="Runs.NormalizationFile"/>.</summary>
    public string NormalizationFile => In("normalization.json");

    /// <summary>What the run achieved; see <see cref="RunMetrics"/>.</summary>
    public string MetricsFile => In("metrics.json");

    /// <summary>Versions, processor, threads, precision, seeds.</summary>
    public string EnvironmentFile => In("environment.json");

    /// <summary>What a detached worker printed.</summary>
    public string WorkerLogFile => In("worker.log");

    /// <summary>Held exclusively by whoever appends to <see cref="EventsFile"/>; see <see cref="WorkerLock"/>.</summary>
    public string WorkerLockFile => In("worker.lock");

    /// <summary>Process id and start time of the holder of <see cref="WorkerLockFile"/>.</summary>
    public string WorkerOwnerFile => In("worker.json");

    /// <summary>Tags, note, archive and priority; see <see cref="RunNotes"/>.</summary>
    public string NotesFile => In("notes.json");

    /// <summary>Its colour and dash; see <see cref="RunLook"/>.</summary>
    public string LookFile => In("look.json");

    /// <summary>The Slurm job of the run; see <see cref="Slurm.SlurmJob"/>.</summary>
    public string SlurmFile => In("slurm.json");

    /// <summary>The batch script of the run's own job.</summary>
    public string SlurmScriptFile => In("slurm.sh");

    /// <summary>While this file exists, the worker is asked to stop: by a person where it is empty, else for the reason that stands in it.</summary>
    public string StopRequestFile => In("stop.request");

    /// <summary>Creates the folder of a new run below <paramref name="runsRoot"/>, with its recipe, in one move.</summary>
    /// <param name="runsRoot">The folder of all runs; created where absent.</param>
    /// <param name="recipe">Every setting; written to <c>recipe.json</c>.</param>
    /// <returns>A folder with a new id such as <c>20261123-232012-wav2vec2-lora-x7k2</c> (UTC, name or model and method, four random characters).</returns>
    public static RunFolder Create(string runsRoot, Recipe recipe)
    {
        var time = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var title = string.IsNullOrWhiteSpace(recipe.Name) ? $"{System.IO.Path.GetFileName(recipe.Backbone.Model.TrimEnd('/', '\\'))}-{recipe.MethodName}" : recipe.Name;
        var random = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 4);
        return Make(System.IO.Path.Combine(runsRoot, $"{time}-{Slug(title)}-{random}"), recipe, amongRuns: true);
    }

    /// <summary>Creates the folder of a new run at a place that a person chose, with its recipe, in one move.</summary>
    /// <param name="path">Where; must not exist, or be an empty folder.</param>
    /// <param name="recipe">Every setting; written to <c>recipe.json</c>.</param>
    /// <param name="owner">Whose it is (<see cref="RunNotes.Owner"/>); null for nobody's.</param>
    /// <exception cref="UserInputException">There is something at that place already.</exception>
    public static RunFolder CreateAt(string path, Recipe recipe, string? owner = null) => Make(path, recipe, amongRuns: false, owner);

    private static RunFolder Make(string path, Recipe recipe, bool amongRuns, string? owner = null)
    {
        var folder = new RunFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        if (File.Exists(folder.Path) || (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any()))
            throw new UserInputException($"{folder.Path} is not empty; choose a new folder for the run, or resume the run in it.");
        var parent = System.IO.Path.GetDirectoryName(folder.Path)!;
        Directory.CreateDirectory(parent);
        // Names that begin with a dot are not runs, so nobody sees the folder before it is whole.
        var temporary = new RunFolder(System.IO.Path.Combine(parent, $".new-{folder.Id}"));
        try
        {
            Directory.CreateDirectory(temporary.Path);
            temporary.WriteRecipe(recipe);
            RunLook.Assign(temporary, parent, counts: amongRuns);
            if (owner is not null) new RunNotes { Owner = owner }.WriteTo(temporary);
            if (Directory.Exists(folder.Path)) Directory.Delete(folder.Path);
            Directory.Move(temporary.Path, folder.Path);
            return folder;
        }
        catch (IOException)
        {
            if (Directory.Exists(temporary.Path)) Directory.Delete(temporary.Path, recursive: true); // a full disk leaves no half of a run
            throw;
        }
    }

    /// <summary>The run <paramref name="id"/> below <paramref name="runsRoot"/>, or null; an id that is no plain folder name finds nothing.</summary>
    /// <param name="runsRoot">The folder of all runs.</param>
    /// <param name="id">Name of the run's folder.</param>
    public static RunFolder? Find(string runsRoot, string id)
    {
        var isPlainName = id.Length > 0 && id[0] != '.' && id.AsSpan().IndexOfAny('/', '\\', ':') < 0 && id.IndexOf('\0', StringComparison.Ordinal) < 0;
        if (!isPlainName) return null;
        var folder = new RunFolder(System.IO.Path.Combine(runsRoot, id));
        return Directory.Exists(folder.Path) ? folder : null;
    }

    /// <summary>Reads <c>recipe.json</c>.</summary>
    /// <exception cref="UserInputException">It is missing, or is no recipe.</exception>
    public Recipe ReadRecipe()
    {
        try
        {
            using var file = new FileStream(RecipeFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize<Recipe>(file, ProductJson.Strict) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserInputException($"{Path} is no run folder: recipe.json is missing; name a folder that a run was made in.", e);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new UserInputException($"{RecipeFile} is no readable recipe ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); restore it or start a new run.", e);
        }
    }

    /// <summary>Replaces <c>recipe.json</c>, for example when content hashes have become known.</summary>
    /// <param name="recipe">Every setting.</param>
    public void WriteRecipe(Recipe recipe) => AtomicFile.WriteAllText(RecipeFile, JsonSerializer.Serialize(recipe, ProductJson.Indented) + "\n");

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static string Slug(string title)
    {
        var slug = new StringBuilder();
        foreach (var character in title.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(character)) slug.Append(character);
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }
        var text = slug.ToString(0, Math.Min(slug.Length, 40)).Trim('-');
        return text.Length == 0 ? "run" : text;
    }
}
