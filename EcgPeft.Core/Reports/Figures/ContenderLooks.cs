using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>Colours and dashes of models and methods: where each of them is a single run, the run's own, as in every other picture of it; else one look for each.</summary>
internal static class ContenderLooks
{
    /// <summary>The looks by contender, the same in all figures of a report.</summary>
    public static IReadOnlyDictionary<Contender, RunLook> Of(ReportData data)
    {
        var runs = data.Tuned.Select(contender => contender.Runs.ToList()).ToList();
        var looks = runs.All(repetitions => repetitions.Count == 1)
            ? RunLook.Apart([.. runs.Select(repetitions => RunLook.Of(repetitions[0].Folder))])
            : [.. data.Tuned.Select((_, i) => new RunLook(i % SvgText.Colors, i / SvgText.Colors % RunLook.Dashes))];
        return data.Tuned.Zip(looks).ToDictionary<(Contender Contender, RunLook Look), Contender, RunLook>(pair => pair.Contender, pair => pair.Look, ReferenceEqualityComparer.Instance);
    }
}
