using System.Data.Common;

namespace EcgPeft.Core.Runs.Store;

/// <summary>What differs between the databases that <see cref="RunStore"/> can lie in.</summary>
internal abstract class StoreProvider
{
    /// <summary>Whether other processes may write to it too.</summary>
    public abstract bool IsShared { get; }

    /// <summary>A context for one operation.</summary>
    public abstract RunDbContext Context();

    /// <summary>Creates the tables where absent, and brings them up to date.</summary>
    public abstract void Migrate();

    /// <summary>Makes sure that the tables are those of one data folder: two would take each other's rows away.</summary>
    /// <param name="root">The data folder.</param>
    /// <exception cref="UserInputException">They are those of another.</exception>
    public virtual void Claim(DataRoot root)
    {
    }

    /// <summary>Takes damaged tables away, so that <see cref="Migrate"/> makes them anew.</summary>
    public abstract void Discard();

    /// <summary>Closes connections that are kept open.</summary>
    public abstract void CloseConnections();

    /// <summary>Whether the tables are no tables of ours any more: only making them anew helps.</summary>
    public abstract bool IsDamage(DbException e);

    /// <summary>Whether another process has written the same row in this moment.</summary>
    public abstract bool IsConflict(DbException e);

    /// <summary>What a person can do, or null where nothing is known of this error.</summary>
    public abstract UserInputException? Explain(DbException e);

    /// <summary>The database's error within an exception of EF Core, or null where it is something else.</summary>
    public static DbException? Trouble(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            if (e is DbException trouble) return trouble;
        return null;
    }
}
