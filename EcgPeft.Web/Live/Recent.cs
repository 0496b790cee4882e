namespace EcgPeft.Web.Live;

/// <summary>What was worked out last, by keys that name all it was made of: a page that opens again need not work it out again. Thread-safe.</summary>
/// <param name="kept">How many results are kept.</param>
internal sealed class Recent<T>(int kept)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, Task<T> Task)> _recent = new();

    /// <summary>The result for a key: known, on its way for somebody else, or made on a thread of its own. A failure is not kept.</summary>
    public Task<T> Of(string key, Func<T> make)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key || node.Value.Task.IsFaulted) continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Task;
            }
            var task = Task.Run(make);
            _recent.AddFirst((key, task));
            if (_recent.Count > kept) _recent.RemoveLast();
            return task;
        }
    }
}
