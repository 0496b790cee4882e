using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Tests.Runs;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Web;

/// <summary>Searching, filtering, sorting and paging do not depend on which database keeps the table.</summary>
public sealed class ApiOnPostgresTests
{
    private static readonly string[] Questions =
    [
        "/api/runs", "/api/runs?limit=2", "/api/runs?limit=2&offset=2", "/api/runs?offset=99", "/api/runs?search=LORA", "/api/runs?search=%C3%84%C3%9Frig", "/api/runs?search=%C3%A4%C3%9F", "/api/runs?search=%25", "/api/runs?search=_",
        "/api/runs?search=O'Hara", "/api/runs?search=%F0%9F%AB%80", "/api/runs?status=COMPLETED", "/api/runs?status=failed", "/api/runs?tag=Paper", "/api/runs?tag=paper", "/api/runs?owner=Zo%C3%AB", "/api/runs?owner=zo%C3%AB", "/api/runs?archived=true",
        "/api/runs?method=lora&model=nothing", "/api/trash", "/api/queue", "/api/studies",
    ];

    [Fact]
    public async Task Every_question_has_the_same_answer_on_both()
    {
        var root = RunSamples.Root();
        foreach (var name in new[] { "LoRA", "äßrig ÄSSRIG", "100% of_it", "O'Hara \"x\" \\", "🫀" + new string('x', 5000), "İstanbul" })
        {
            var folder = RunSamples.NewRun(root, name);
            RunLife.Move(folder, RunStatus.Queued, 0, null);
            RunLife.Move(folder, RunStatus.Stopped, 0, "Taken out of the queue; resume it to put it back.");
        }
        var (paper, failed) = (RunSamples.Completed(root), RunSamples.Failed(root));
        File.WriteAllText(paper.NotesFile, """{ "tags": ["Paper", "größer"], "owner": "Zoë", "note": "later" }""");
        File.WriteAllText(failed.NotesFile, """{ "archived": true }""");

        var here = await AnswersAsync(root, "");
        var there = await AnswersAsync(root, PostgresServer.Store().Connection);
        Assert.All(here, answer => Assert.StartsWith("200 ", answer, StringComparison.Ordinal));
        Assert.Equal(here, there);
        Assert.Contains("\"total\":7", here[0], StringComparison.Ordinal); // the archived one is left out
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(DataRoot root, string store)
    {
        await using var web = await WebProcess.StartAsync(root, settings: ("EcgPeft__Store", store));
        using var client = new HttpClient { BaseAddress = new Uri(web.Address) };
        var answers = new List<string>();
        foreach (var question in Questions)
        {
            using var answer = await client.GetAsync(new Uri(question, UriKind.Relative), TestContext.Current.CancellationToken);
            answers.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
        return answers;
    }
}
