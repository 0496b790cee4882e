using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Web.Live;

/// <summary>Which study of the data folder a run belongs to: read from the studies' own files, again when one has changed.</summary>
internal sealed class RunStudies(DataRoot root)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Dictionary<string, string> _studyOf = [];
    private string _seen = "";
    private DateTime _looked;

    /// <summary>The same runs, with their studies.</summary>
    public IEnumerable<RunSummary> Named(IEnumerable<RunSummary> runs)
    {
        var studyOf = StudyOf();
        return studyOf.Count == 0 ? runs : runs.Select(run => studyOf.TryGetValue(run.Id, out var study) ? run with { Study = study } : run);
    }

    private Dictionary<string, string> StudyOf()
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
            foreach (var folder in folders)
            {
                try
                {
                    foreach (var run in Study.Read(folder).AllRuns) _studyOf[run.In(folder).Id] = Path.GetFileName(folder);
                }
                catch (UserInputException)
                {
                    // One damaged study must not hide the others.
                }
            }
            return _studyOf;
        }
    }
}
