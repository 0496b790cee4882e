using System.Diagnostics;

namespace EcgPeft.Core.Runs;

/// <summary>How long something on a shared folder may be explained by a view that is late: a network file system shows changes after seconds.</summary>
/// <param name="limit">The longest; null for <see cref="Usual"/>.</param>
internal sealed class LateView(TimeSpan? limit = null)
{
    private long _since;

    /// <summary>As long as a client of NFS keeps what it knows of a file, by default.</summary>
    public static TimeSpan Usual { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether what is seen may still be a late view; the time counts from when it was seen first.</summary>
    /// <param name="seen">Whether it is seen now.</param>
    public bool Excuses(bool seen)
    {
        if (!seen)
        {
            _since = 0;
            return false;
        }
        if (_since == 0) _since = Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(_since) < (limit ?? Usual);
    }
}
