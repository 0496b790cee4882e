namespace EcgPeft.Core.Runs;

/// <summary>What a run will cost on this machine: what is known exactly, and what a few measured steps say.</summary>
/// <param name="TrainableParameters">PEFT parameters and head.</param>
/// <param name="TotalParameters">All parameters, frozen ones included.</param>
/// <param name="AdapterBytes">Size of the saved adapter; at the most where a method makes it smaller in training.</param>
/// <param name="TrainingSegments">Size of the training split.</param>
/// <param name="ValidationSegments">Size of the validation split.</param>
/// <param name="StepsPerEpoch">Optimiser steps in an epoch.</param>
/// <param name="MeasuredSteps">Steps that were measured, after a first one that only warms up.</param>
/// <param name="SecondsPerStep">Their median.</param>
/// <param name="SecondsPerEpoch">Steps and validation of an epoch, from the measured speeds.</param>
/// <param name="SecondsBefore">Frozen frames of all segments, computed once, from the measured speed; 0 where nothing is kept.</param>
/// <param name="PeakMemoryBytes">Measured peak of the measuring process, and what the whole data set adds to it: a lower bound, since allocators hold back more over a whole run.</param>
/// <param name="Threads">Threads that one operation used.</param>
/// <param name="MeasuredUtc">When it was measured, UTC.</param>
public sealed record RunEstimate(
    long TrainableParameters, long TotalParameters, long AdapterBytes, int TrainingSegments, int ValidationSegments, long StepsPerEpoch,
    int MeasuredSteps, double SecondsPerStep, double SecondsPerEpoch, double SecondsBefore, long PeakMemoryBytes, int Threads, DateTime MeasuredUtc);
