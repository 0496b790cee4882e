using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.AdaLora;

/// <summary>
/// Gives the budget of ranks to the triplets that matter (Zhang et al. 2023, section 3.2): importance is the smoothed
/// sensitivity |w dL/dw| times its smoothed uncertainty; a triplet's is that of its singular value plus the means over its two
/// vectors. The least important are set to zero until the budget holds.
/// </summary>
internal sealed class RankAllocator : ITrainingHook
{
    private readonly AdaLoraConfig config;
    private readonly BudgetSchedule schedule;
    private readonly IReadOnlyList<(string Path, AdaLoraUpdate Update)> modules;
    private readonly Dictionary<string, Tensor> state = new(StringComparer.Ordinal);

    public RankAllocator(AdaLoraConfig config, BudgetSchedule schedule, IReadOnlyList<(string Path, AdaLoraUpdate Update)> modules)
    {
        this.config = config;
        this.schedule = schedule;
        this.modules = modules;
        foreach (var (path, update) in modules)
        {
            foreach (var (name, parameter) in update.Parameters)
            {
                state[$"{path}.{name}.sensitivity"] = zeros(parameter.shape, device: parameter.device).DetachFromDisposeScope();
                state[$"{path}.{name}.uncertainty"] = zeros(parameter.shape, device: parameter.device).DetachFromDisposeScope();
            }
            state[$"{path}.kept"] = ones(update.Singular.shape, device: update.Singular.device).DetachFromDisposeScope();
        }
    }

    public IReadOnlyDictionary<string, Tensor> State => state;

    public Tensor ExtraLoss() => modules.Select(m => m.Update.OrthogonalPenalty()).Aggregate((a, b) => a + b) * (config.OrthogonalWeight / (2 * modules.Count));

    public bool AfterStep(long step)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (step > schedule.LastAllocation)
        {
            SwitchOff();
            return true;
        }
        UpdateImportance();
        var (budget, allocates) = schedule.At(step);
        if (!allocates && step != schedule.LastAllocation) return false;
        Choose(budget);
        SwitchOff();
        return true;
    }

    /// <summary>Weights from before the last choice have more rank than the budget allows.</summary>
    public bool MayKeep(long step) => step >= schedule.LastAllocation;

    public void Dispose()
    {
        foreach (var tensor in state.Values) tensor.Dispose();
    }

    private void UpdateImportance()
    {
        foreach (var (path, update) in modules)
        {
            foreach (var (name, parameter) in update.Parameters)
            {
                if (parameter.grad is not { } gradient) continue;
                var sensitivity = (parameter * gradient).abs();
                var smoothed = state[$"{path}.{name}.sensitivity"].mul_(config.Beta1).add_(sensitivity, alpha: 1 - config.Beta1);
                state[$"{path}.{name}.uncertainty"].mul_(config.Beta2).add_((sensitivity - smoothed).abs(), alpha: 1 - config.Beta2);
            }
        }
    }

    private void Choose(int budget)
    {
        var scores = modules.Select(m => Score(m.Path)).ToList();
        var off = schedule.InitialBudget - budget;
        if (off == 0) return;
        // As the PEFT library: everything at or below the off-th smallest score goes, so equal scores go together.
        var threshold = cat(scores).sort().Values[off - 1];
        foreach (var ((path, _), score) in modules.Zip(scores)) state[$"{path}.kept"].copy_(score.gt(threshold).unsqueeze(1));
    }

    private Tensor Score(string path)
    {
        Tensor Importance(string name) => state[$"{path}.{name}.sensitivity"] * state[$"{path}.{name}.uncertainty"];
        return Importance(AdaLoraUpdate.E).view(-1) + Importance("lora_A").mean([1L]) + Importance("lora_B").mean([0L]);
    }

    private void SwitchOff()
    {
        foreach (var (path, update) in modules) update.Singular.mul_(state[$"{path}.kept"]);
    }
}
