using System.Globalization;

namespace EcgPeft.Web.Live;

/// <summary>
/// Many signals, few renders: what happens within a pause is shown once. Signals may come from any thread; nothing is called after disposal.
/// </summary>
/// <param name="act">Called on a thread pool thread; a component passes on to its dispatcher in it.</param>
/// <param name="pause">Least time between two calls.</param>
internal sealed class Coalescer(Func<Task> act, TimeSpan pause) : IDisposable
{
    // Signals come from threads that know nothing of the reader.
    private readonly CultureInfo _reader = CultureInfo.CurrentUICulture;
    private volatile bool _disposed;
    private int _waiting;

    public void Signal()
    {
        if (_disposed || Interlocked.Exchange(ref _waiting, 1) == 1) return;
        _ = ActAsync();
    }

    public void Dispose() => _disposed = true;

    private async Task ActAsync()
    {
        await Task.Delay(pause).ConfigureAwait(false);
        Volatile.Write(ref _waiting, 0);
        CultureInfo.CurrentUICulture = _reader;
        if (!_disposed) await act().ConfigureAwait(false);
    }
}
