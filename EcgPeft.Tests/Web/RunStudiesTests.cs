using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Reports;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Pages.Runs;
using EcgPeft.Web.Live;

namespace EcgPeft.Tests.Web;

/// <summary>Which study a run belongs to, and what that is called in the table of runs.</summary>
public sealed class RunStudiesTests
{
    [Fact]
    public void A_study_is_called_by_its_content_and_two_alike_are_told_apart()
    {
        var root = RunSamples.Root();
        var samples = new StudySamples(grouped: false);
        samples.Study(1, 0.9, 0.1, Path.Combine(root.Studies, "first"));
        var second = samples.Study(2, 0.9, 0.1, Path.Combine(root.Studies, "second"));
        var run = new RunSummary { Id = Study.Read(second).Runs.First(r => r.Seed == 2).In(second).Id, Name = "", Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default };
        const string Content = "wav2vec2, hubert with LoRA, Adapter";

        var named = Assert.Single(new RunStudies(root).Named([run]));
        Assert.Equal(("second", Content + " (second)"), (named.Study, named.StudyTitle));
        Assert.Equal(Content + " (second)", Assert.Single(RunGroup.Of([named], RunGrouping.Study)).Title);
        Assert.Equal(Content + " (second)", RunColumns.Find("study")!.Text(named));

        Directory.Delete(Path.Combine(root.Studies, "first"), recursive: true);
        named = Assert.Single(new RunStudies(root).Named([run]));
        Assert.Equal(("second", Content), (named.Study, named.StudyTitle));
        Assert.Equal([named], (RunsView.Usual with { Study = "second" }).Apply([named], null)); // addresses keep the id
    }
}
