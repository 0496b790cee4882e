using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Checkpoints.Hub;

namespace EcgPeft.Core.Backbones;

/// <summary>The models that recipes can name, what is known of them, and where their files are. Safe to use from several threads.</summary>
/// <param name="root">The product's data folder.</param>
/// <param name="hub">Hub and cache; null for those of the environment.</param>
public sealed class ModelCatalogue(DataRoot root, HubOptions? hub = null)
{
    private readonly ModelRegistry registry = new(root);

    /// <summary>Every model: those of the product, published ones, and those that a person has added.</summary>
    public IReadOnlyList<ModelCard> Models =>
        [.. BuiltIn, .. KnownModels.All, .. registry.All().Where(added => !IsNamed(added.Id)).Select(added => new ModelCard(added.Id, TitleOf(added), added.Family, "not known here", ""))];

    /// <summary>Why the models and folders that a person has added are not known, in a sentence; null where nothing is wrong.</summary>
    public string? Problem => registry.Problem;

    private static IReadOnlyList<ModelCard> BuiltIn => DemoBackbone.Cards;

    private HubOptions Hub => hub ?? HubOptions.FromEnvironment();

    /// <summary>The card of a model.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Null for an id that no card has; folders need none.</returns>
    public ModelCard? Find(string id) => Models.FirstOrDefault(card => card.Id == id);

    /// <summary>The models whose files are here and fit.</summary>
    public IReadOnlyList<ModelCard> Ready() => [.. Models.Where(card => StateOf(card.Id).Kind == ModelStateKind.Ready)];

    /// <summary>Where a model's files are: a folder, or a checkpoint file.</summary>
    /// <param name="model">An id of the catalogue or of the hub, or the path of a model folder or <c>.pt</c> file.</param>
    /// <exception cref="UserInputException">There is no such model on this machine; the message says how to get it.</exception>
    public string FolderOf(string model)
    {
        if (Locate(model) is { } path) return path;
        if (Problem is { } problem) throw new UserInputException($"The model {model} was not found. {problem}");
        if (HubModel.Parse(model) is not null || Find(model) is not null)
            throw new UserInputException($"The model {model} is not on this machine; get it with 'ecgpeft models pull {model}' or on the page Models, or name a folder with its files.");
        throw new UserInputException($"The model '{model}' is neither a folder with config.json nor one of {string.Join(", ", Models.Select(m => m.Id))}.");
    }

    /// <summary>Whether a model can be used.</summary>
    /// <param name="model">As for <see cref="FolderOf"/>.</param>
    /// <param name="content">
    /// Whether files of the hub's cache are read whole and compared with their SHA-256; otherwise names, shapes and sizes are compared
    /// with the configuration, and no weight is read.
    /// </param>
    public ModelState StateOf(string model, bool content = false)
    {
        string? path = null;
        try
        {
            path = Locate(model);
            if (path is null) return ModelState.NotHere;
            var ignored = ModelFolder.Check(path);
            var files = ModelFiles.Find(path).All().ToList();
            if (content && files.FirstOrDefault(HubCache.IsCorrupt) is { } corrupt) throw new UserInputException($"{corrupt} does not have the content that the hub announced (its SHA-256 differs); delete it and pull the model again.");
            return new ModelState(ModelStateKind.Ready, path, files.Sum(SizeOf), ignored, null);
        }
        catch (UserInputException e)
        {
            return new ModelState(ModelStateKind.Damaged, path, null, [], e.Message);
        }
    }

    /// <summary>What a model's configuration says: its own where it is here, else the one that is known of it.</summary>
    /// <param name="model">As for <see cref="FolderOf"/>.</param>
    /// <returns>Null where neither is to be had.</returns>
    public ModelFacts? FactsOf(string model)
    {
        try
        {
            if (Locate(model) is { } path) return Facts(() => ModelFolder.Describe(path));
        }
        catch (UserInputException)
        {
            // Its state says what is wrong; the card still shows what the model should be.
        }
        return Find(model)?.Config is { } config ? Facts(() => ModelFolder.Describe(KnownConfig.Read(config))) : null;
    }

    /// <summary>Downloads a model from the hub into the cache that the Python tools use too, and checks that it can be used.</summary>
    /// <param name="id">For example <c>facebook/wav2vec2-base</c>.</param>
    /// <param name="progress">Receives each file's progress.</param>
    /// <param name="cancel">Stops it; what has come is kept for the next attempt.</param>
    /// <returns>Where its files are.</returns>
    /// <exception cref="UserInputException">It cannot be had, or is not a model that can be used here.</exception>
    public async Task<string> PullAsync(string id, IProgress<HubProgress>? progress = null, CancellationToken cancel = default)
    {
        if (IsBuiltIn(id)) throw new UserInputException($"{id} comes with the product; there is nothing to download.");
        var model = HubModel.Parse(id) ?? throw new UserInputException($"'{id}' is not the name of a model on the hub; write it as organisation/name, for example {KnownModels.All[0].Id}.");
        using (var client = new HubClient(Hub)) await client.DownloadModelAsync(model.Repository, model.Revision, model.Checkpoint, progress, cancel).ConfigureAwait(false);
        var path = Cached(model)!;
        ModelFolder.Check(path);
        if (IsNamed(id)) registry.Remove(id);
        else registry.Set(new RegisteredModel(id, ModelFolder.FamilyOf(path), null));
        return path;
    }

    /// <summary>Takes a model from a folder, for machines without internet.</summary>
    /// <param name="path">Folder with the model's files, or a <c>.pt</c> file.</param>
    /// <param name="id">The known model that it is; null for another one, whose id is then its path.</param>
    /// <returns>The model's id.</returns>
    /// <exception cref="UserInputException">The folder holds no model, or another one.</exception>
    public string UseFolder(string path, string? id = null)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full) && !Directory.Exists(full)) throw new UserInputException($"There is no folder {full}; give one that holds config.json and weights, or a fairseq checkpoint (.pt).");
        if (id is not null && HubModel.Parse(id)?.Checkpoint is { } checkpoint && File.Exists(Path.Combine(full, checkpoint))) full = Path.Combine(full, checkpoint);
        ModelFolder.Check(full);
        var family = ModelFolder.FamilyOf(full);
        if (id is not null) CheckIsThat(full, family, id);
        registry.Set(new RegisteredModel(id ?? full, family, full));
        return id ?? full;
    }

    /// <summary>Stops using a folder, and takes a model that was added off the list. No file of it is deleted.</summary>
    /// <param name="id">The model's id.</param>
    public void Forget(string id) => registry.Remove(id);

    /// <summary>Whether a model comes with the product.</summary>
    /// <param name="id">The model's id.</param>
    public static bool IsBuiltIn(string id) => BuiltIn.Any(card => card.Id == id);

    /// <summary>Whether the model's files are taken from a folder that a person named.</summary>
    /// <param name="id">The model's id.</param>
    public bool IsFromFolder(string id) => registry.Find(id)?.Folder is not null;

    private string? Locate(string model)
    {
        if (IsBuiltIn(model)) return DemoBackbone.FolderOf(model);
        if (registry.Find(model)?.Folder is { } folder) return folder;
        var known = KnownModels.All.Any(card => card.Id == model);
        if (!known && (Directory.Exists(model) || (model.EndsWith(".pt", StringComparison.Ordinal) && File.Exists(model)))) return Path.GetFullPath(model);
        return HubModel.Parse(model) is { } onHub ? Cached(onHub) : null;
    }

    private string? Cached(HubModel model)
    {
        var cache = new HubCache(Hub.CacheFolder, model.Repository);
        if (cache.Commit(model.Revision) is not { } commit) return null;
        if (model.Checkpoint is { } checkpoint) return cache.Pointer(commit, checkpoint) is var file && HubCache.Find(file) is not null ? file : null;
        return ModelFiles.AnyWeights(cache.Snapshot(commit)) ? cache.Snapshot(commit) : null;
    }

    private void CheckIsThat(string path, string family, string id)
    {
        if (Find(id) is not { } card) throw new UserInputException($"There is no model {id} in the catalogue; 'ecgpeft models list' shows all, and a folder can be used without an id.");
        if (card.Config is null) return;
        var (found, known) = (Facts(() => ModelFolder.Describe(path)), Facts(() => ModelFolder.Describe(KnownConfig.Read(card.Config))));
        if (family != card.Family || found.Architecture != known.Architecture)
            throw new UserInputException($"{path} holds another model than {id}: {family} with {found.Architecture}, not {card.Family} with {known.Architecture}.");
    }

    private static bool IsNamed(string id) => IsBuiltIn(id) || KnownModels.All.Any(card => card.Id == id);

    private static string TitleOf(RegisteredModel added) => added.Folder is null ? added.Id : Path.GetFileName(Path.TrimEndingDirectorySeparator(added.Folder));

    private static ModelFacts Facts(Func<SequenceClassifier> describe)
    {
        using var classifier = describe();
        return ModelFacts.Of(classifier);
    }

    private static long SizeOf(string path) => HubCache.Find(path)?.Length ?? 0;
}
