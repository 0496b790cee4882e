using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Web.Components.Pages.Studies;

namespace EcgPeft.Web.Live;

/// <summary>Which study of the data folder a run belongs to, and what that is called: read from the studies' own files, again when one has changed.</summary>
internal sealed class RunStudies(DataRoot root)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Dictionary<string, (string Id, string Title)> _studyOf = [];
    private string _seen = "";
    private DateTime _looked;

    /// <summary>The same runs, with their studies.</summary>
    public IEnumerable<RunSummary> Named(IEnumerable<RunSummary> runs)
    {
        var studyOf = StudyOf();
        return studyOf.Count == 0 ? runs : runs.Select(run => studyOf.TryGetValue(run.Id, out var study) ? run with { Study = study.Id, StudyTitle = study.Title } : run);
    }

    private Dictionary<string, (string Id, string Title)> StudyOf()
    {
        lock (_lock)
        {
            if (DateTime.UtcNow - _looked < Look) return _studyOf;
            _looked = DateTime.UtcNow;
            if (!Directory.Exists(root.Studies)) return _studyOf = [];
            var folders = Directory.GetDirectories(root.Studies).Where(Study.Is).Order(StringComparer.Ordinal).ToList();
            var seen = string.Join('|', folders.Select(folder => $"{folder} {File.GetLastWriteTimeUtc(Path.Combine(folder, Study.FileName)).Ticks}"));
            if (seen == _seen) return _studyOf;
            (_seen, _studyOf) = (seen, []);
            foreach (var alike in folders.Select(Read).OfType<(string Id, Study Study, IReadOnlyList<string> Runs)>().GroupBy(study => StudyText.Title(study.Study)))
            {
                var alone = alike.Count() == 1;
                foreach (var (id, _, runs) in alike)
                    foreach (var run in runs) _studyOf[run] = (id, alone ? alike.Key : $"{alike.Key} ({id})");
            }
            return _studyOf;
        }
    }

    /// <summary>A study with the ids of its runs; null for a damaged one, which must not hide the others.</summary>
    private static (string Id, Study Study, IReadOnlyList<string> Runs)? Read(string folder)
    {
        try
        {
            var study = Study.Read(folder);
            return (Path.GetFileName(folder), study, [.. study.AllRuns.Select(run => run.In(folder).Id)]);
        }
        catch (UserInputException)
        {
            return null;
        }
    }
}
