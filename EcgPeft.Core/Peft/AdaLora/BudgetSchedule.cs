namespace EcgPeft.Core.Peft.AdaLora;

/// <summary>The budget of ranks at each step (Zhang et al. 2023, equation 12).</summary>
/// <param name="InitialBudget">Sum of all ranks at the start.</param>
/// <param name="TargetBudget">Sum of all ranks at the end.</param>
/// <param name="Tinit">Steps with the whole budget at the start.</param>
/// <param name="Tfinal">Steps with the final budget at the end.</param>
/// <param name="DeltaT">Steps between two allocations.</param>
/// <param name="TotalStep">Steps of the whole training.</param>
public sealed record BudgetSchedule(int InitialBudget, int TargetBudget, long Tinit, long Tfinal, int DeltaT, long TotalStep)
{
    /// <summary>The last step at which triplets are chosen; from then on the choice stands.</summary>
    public long LastAllocation => TotalStep - Tfinal;

    /// <summary>The budget after a step, and whether triplets are switched off by it.</summary>
    /// <param name="step">Step, from 1.</param>
    public (int Budget, bool Allocates) At(long step)
    {
        if (step <= Tinit) return (InitialBudget, false);
        if (step > LastAllocation) return (TargetBudget, true);
        var left = 1 - (double)(step - Tinit) / (LastAllocation - Tinit);
        return ((int)((InitialBudget - TargetBudget) * (left * left * left) + TargetBudget), step % DeltaT == 0);
    }

    /// <summary>The schedule of a training.</summary>
    /// <param name="config">Settings.</param>
    /// <param name="modules">Number of modules that have an update.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <exception cref="UserInputException">The steps at both ends leave none between them.</exception>
    internal static BudgetSchedule Of(AdaLoraConfig config, int modules, long totalSteps)
    {
        var (first, last) = (config.Tinit ?? totalSteps / 10, config.Tfinal ?? totalSteps * 3 / 10);
        if (first + last >= totalSteps)
            throw new UserInputException($"peft.tinit and peft.tfinal are {first} and {last}, but the training has only {totalSteps} steps; their sum must be below that.");
        return new BudgetSchedule(config.InitRank * modules, config.TargetRank * modules, first, last, config.DeltaT, totalSteps);
    }
}
