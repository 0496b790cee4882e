namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>A model could not be had from the hub. The message says why and what to do.</summary>
public sealed class HubException : UserInputException
{
    /// <summary>Creates the error with its one sentence.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    public HubException(string message) : base(message) { }

    /// <summary>Creates the error with its one sentence and what caused it.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="inner">The technical cause, for logs only.</param>
    public HubException(string message, Exception inner) : base(message, inner) { }
}
