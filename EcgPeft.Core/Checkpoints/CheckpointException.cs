namespace EcgPeft.Core.Checkpoints;

/// <summary>A checkpoint file is missing, damaged, hostile or lacks what was asked of it. The message names the file and the tensor, key or opcode.</summary>
public sealed class CheckpointException : UserInputException
{
    /// <summary>Creates the error for one file.</summary>
    /// <param name="file">The file's path or label.</param>
    /// <param name="problem">What is wrong and what to do, as the rest of a sentence after the file's name, without the full stop.</param>
    public CheckpointException(string file, string problem) : base($"{file}: {problem}.") { }

    /// <summary>Creates the error for one file with what caused it.</summary>
    /// <param name="file">The file's path or label.</param>
    /// <param name="problem">What is wrong and what to do, as the rest of a sentence after the file's name, without the full stop.</param>
    /// <param name="inner">The technical cause, for logs only.</param>
    public CheckpointException(string file, string problem, Exception inner) : base($"{file}: {problem}.", inner) { }
}
