namespace EcgPeft.Core.Runs.Store;

/// <summary>The database of runs is no database, or damaged: it can be put aside and filled again from the run folders.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The technical cause.</param>
public sealed class DamagedDatabaseException(string message, Exception inner) : UserInputException(message, inner);
