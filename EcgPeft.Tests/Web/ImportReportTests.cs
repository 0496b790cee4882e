using System.Text.Json;
using Bunit;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Web.Api;
using EcgPeft.Web.Components.Pages.Data;
using EcgPeft.Web.Hosting;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace EcgPeft.Tests.Web;

public sealed class ImportReportTests
{
    [Fact]
    public async Task Every_bad_file_of_the_real_ecg_folder_gets_its_sentence_with_row_and_column()
    {
        using var defects = JsonDocument.Parse(File.ReadAllText(TestData.RealEcgFile("bad/defects.json")));
        await using var context = Context();
        foreach (var defect in defects.RootElement.EnumerateArray())
        {
            var file = defect.GetProperty("file").GetString()!;
            var refused = defect.GetProperty("kind").GetString() == "error";
            var report = context.Render<ImportReport>(p => p.Add(r => r.Draft, new ImportDraft { Path = TestData.RealEcgFile("bad/" + file) }));
            var said = await report.WaitForElementAsync(refused ? "#import-error" : ".defects li", TestData.Patience);
            foreach (var where in new[] { ("row", "ow "), ("column", "column ") })
                if (defect.GetProperty(where.Item1).ValueKind == JsonValueKind.Number)
                    Assert.Contains($"{where.Item2}{defect.GetProperty(where.Item1).GetInt32()}", said.TextContent, StringComparison.Ordinal);
            Assert.InRange(said.TextContent.Length, 20, 400);
            var import = report.FindAll("button").Single(button => button.TextContent.Contains("Import", StringComparison.Ordinal));
            Assert.Equal((file, refused), (file, import.HasAttribute("disabled")));
        }
    }

    private static BunitContext Context()
    {
        var root = new DataRoot(TestData.TemporaryFolder());
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        context.Services.AddSingleton(new DataSetLibrary(root));
        context.Services.AddSingleton(new Uploads(root, new WebSettings(100, 1, new())));
        return context;
    }
}
