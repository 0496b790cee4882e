namespace EcgPeft.Core.Benchmarks;

/// <summary>Memory of one worker while it trains, in megabytes, as Linux counts it.</summary>
/// <param name="Resident">All pages in memory, those of mapped files included.</param>
/// <param name="Proportional">The same, with pages that several processes share divided among them.</param>
/// <param name="Own">Pages that are this process's alone.</param>
public sealed record WorkerMemory(double Resident, double Proportional, double Own);

/// <summary>What <c>ecgpeft bench start</c> prints.</summary>
/// <param name="Processor">Name of the processor.</param>
/// <param name="ColdSeconds">From the start of the worker's process to its first finished step, with an empty cache.</param>
/// <param name="WarmSeconds">The same with a full cache, sorted.</param>
/// <param name="Alone">Memory of one worker; null outside Linux.</param>
/// <param name="Together">Memory of each of two workers at once; null outside Linux.</param>
public sealed record StartReport(string Processor, double ColdSeconds, IReadOnlyList<double> WarmSeconds, WorkerMemory? Alone, IReadOnlyList<WorkerMemory>? Together);
