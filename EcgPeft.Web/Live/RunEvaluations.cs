using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Live;

/// <summary>Evaluations of the runs whose pages were opened last, so that a page that opens again need not resample again.</summary>
internal sealed class RunEvaluations
{
    private const int Kept = 24;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, Task<RunEvaluation> Task)> _recent = new();

    /// <summary>Reads the run's predictions and resamples its test split, on a thread of its own.</summary>
    /// <exception cref="EcgPeft.Core.UserInputException">A file is damaged, or the metrics do not follow from the predictions.</exception>
    public Task<RunEvaluation> OfAsync(RunFolder folder)
    {
        var key = $"{folder.Path}|{File.GetLastWriteTimeUtc(folder.MetricsFile).Ticks}|{File.GetLastWriteTimeUtc(folder.PredictionsFile).Ticks}";
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key || node.Value.Task.IsFaulted) continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Task;
            }
            var task = Task.Run(() => RunEvaluation.Of(folder));
            _recent.AddFirst((key, task));
            if (_recent.Count > Kept) _recent.RemoveLast();
            return task;
        }
    }
}
