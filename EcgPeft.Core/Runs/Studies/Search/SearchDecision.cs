namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>What a search does next.</summary>
public enum SearchAction
{
    /// <summary>Nothing before a trial at work has ended.</summary>
    Wait,

    /// <summary>A run is trained, from its beginning or on from where it is.</summary>
    Train,

    /// <summary>It has ended.</summary>
    Done,
}

/// <summary>The next step of a search.</summary>
/// <param name="Action">What.</param>
/// <param name="Run">Of <see cref="SearchAction.Train"/>: which run.</param>
public sealed record SearchDecision(SearchAction Action, StudyRun? Run = null);
