using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Pages.NewRun;

namespace EcgPeft.Tests.Web;

/// <summary>What is entered about a study or a search: each problem stands at its own field.</summary>
public sealed class StudyDraftTests
{
    private static readonly Recipe Base = new() { Data = new() { Path = "segments.csv" } };

    [Fact]
    public void Each_problem_stands_at_its_field()
    {
        var study = new StudyDraft { Kind = LaunchKind.Study, Seeds = "1, x", Folds = "2" };
        Assert.Equal(["study.folds", "study.seeds"], study.Read(Base).Problems.Keys.Order(StringComparer.Ordinal));
        study = new StudyDraft { Kind = LaunchKind.Study, Grid = { ["training.learningRate"] = "0.001, 5", ["training.batchSize"] = "16" } };
        Assert.Contains("must be above 0 and at most 1", Assert.Single(study.Read(Base).Problems, problem => problem.Key == "training.learningRate").Value, StringComparison.Ordinal);

        foreach (var (field, draft) in new[]
        {
            ("search.trials", new StudyDraft { Trials = "0" }), ("search.trials", new StudyDraft { Trials = "501" }), ("search.seed", new StudyDraft { SearchSeed = "one" }),
            ("search.eta", new StudyDraft { Eta = "11" }), ("search.firstRung", new StudyDraft { FirstRung = "0" }),
        })
        {
            draft.Kind = LaunchKind.Search;
            Assert.Equal([field], draft.Read(Base).Problems.Keys);
            draft.Search = SearchKind.Grid; // which has none of these fields
            draft.Space["training.learningRate"] = "0.001, 0.01";
            Assert.Empty(draft.Read(Base).Problems);
        }
    }

    [Fact]
    public void What_can_be_varied_says_its_range()
    {
        var draft = new StudyDraft { Kind = LaunchKind.Study, Methods = { "lora", "adapter" } };
        Assert.All(draft.Dimensions(Base), dimension => Assert.NotEqual("", draft.RangeOf(dimension.Path, Base)));
        Assert.Equal("0 (excluded) to 1.", draft.RangeOf("training.learningRate", Base));
        Assert.Equal("1 to 1024.", new StudyDraft { Kind = LaunchKind.Search }.RangeOf("peft.rank", Base));
    }
}
