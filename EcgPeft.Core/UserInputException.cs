namespace EcgPeft.Core;

/// <summary>
/// The user's input is wrong: a file, a setting, an argument. The message is one sentence for that user: what is wrong, where,
/// and what to do. The command line prints it and exits with 2; a page shows it beside the control.
/// </summary>
public class UserInputException : Exception
{
    /// <summary>Creates the error with its one sentence.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    public UserInputException(string message) : base(message) { }

    /// <summary>Creates the error with its one sentence and what caused it.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="inner">The technical cause, for logs only.</param>
    public UserInputException(string message, Exception inner) : base(message, inner) { }
}
