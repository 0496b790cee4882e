namespace EcgPeft.Core.Runs;

/// <summary>
/// One command at a time on a data folder, so that none overwrites what another has just written; also among several dashboards, where a store
/// is shared. A thread may enter again while it is inside.
/// </summary>
/// <param name="root">The data folder.</param>
internal sealed class CommandGate(DataRoot root)
{
    private const string FileName = "commands.lock";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private int _depth;
    private FileStream? _file;

    /// <summary>Waits for its turn.</summary>
    /// <returns>Leaves when disposed.</returns>
    /// <exception cref="UserInputException">Another dashboard stays inside.</exception>
    public Turn Enter()
    {
        _lock.Enter();
        try
        {
            if (_depth == 0 && root.Store.IsPostgres) _file = TakeFile();
            _depth++;
            return new Turn(this);
        }
        catch
        {
            _lock.Exit();
            throw;
        }
    }

    private FileStream TakeFile()
    {
        for (var began = Environment.TickCount64; ;)
        {
            if (FileLock.TryTake(Path.Combine(root.Path, FileName)) is { } file) return file;
            if (Environment.TickCount64 - began > Patience.TotalMilliseconds) throw new UserInputException($"Another dashboard on the data folder {root.Path} has been busy with one command for {Patience.TotalSeconds:0} seconds; try again, or look at what it does.");
            Thread.Sleep(5);
        }
    }

    private void Leave()
    {
        if (--_depth == 0)
        {
            _file?.Dispose();
            _file = null;
        }
        _lock.Exit();
    }

    /// <summary>Being inside.</summary>
    public readonly struct Turn(CommandGate gate) : IDisposable
    {
        /// <summary>Leaves.</summary>
        public void Dispose() => gate.Leave();
    }
}
