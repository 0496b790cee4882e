using System.Text.RegularExpressions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The guide and its pictures, which a script takes from the running product; what browser tests do where there is no browser.</summary>
public sealed class GuideTests
{
    private static readonly string Docs = Path.Combine(Axe.Repository(), "docs");

    [Fact]
    public void Every_picture_of_guide_and_README_is_one_that_the_script_takes_and_none_is_left_over()
    {
        var taken = Regex.Matches(File.ReadAllText(Path.Combine(Docs, "pictures", "take.mjs")), @"await picture\(\w+, '([\w-]+)'\)").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        var shown = Pictures(Path.Combine(Docs, "guide.md")).Concat(Pictures(Path.Combine(Axe.Repository(), "README.md"))).Distinct().Order(StringComparer.Ordinal);
        Assert.InRange(taken.Count, 10, 30);
        Assert.Equal(taken, shown);
        Assert.Equal(taken, Directory.EnumerateFiles(Path.Combine(Docs, "images")).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_opens_with_what_it_is_for_one_picture_and_two_commands()
    {
        var readme = File.ReadAllText(Path.Combine(Axe.Repository(), "README.md"));
        Assert.Single(Pictures(Path.Combine(Axe.Repository(), "README.md")));
        string[] order = ["It answers:", "![", "## Two commands", "dotnet run --project EcgPeft.Web", "./scripts/test", "## First steps"];
        Assert.Equal(order.Order(Comparer<string>.Create((a, b) => readme.IndexOf(a, StringComparison.Ordinal).CompareTo(readme.IndexOf(b, StringComparison.Ordinal)))), order);
        Assert.All(order, part => Assert.Contains(part, readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_browser_a_test_fails_in_CI_and_is_skipped_elsewhere_and_the_test_command_installs_one()
    {
        foreach (var ci in new[] { "true", "1" }) Assert.Contains("No Chromium was found", Assert.Throws<Xunit.Sdk.FailException>(() => Chromium.Refuse(ci)).Message, StringComparison.Ordinal);
        try
        {
            Chromium.Refuse(null);
        }
        catch (Exception e) // Assert.Throws lets a skip through
        {
            Assert.StartsWith("$XunitDynamicSkip$", e.Message, StringComparison.Ordinal);
        }
        Assert.Contains("./scripts/install-browser || exit 1", File.ReadAllText(Path.Combine(Axe.Repository(), "scripts", "test")), StringComparison.Ordinal);
        Assert.Contains("CI=\"${CI:-true}\" exec ./scripts/test", File.ReadAllText(Path.Combine(Axe.Repository(), ".ci", "run")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Pictures(string page) => Regex.Matches(File.ReadAllText(page), @"!\[[^\]]*\]\((?:docs/)?images/([\w-]+)\.png\)").Select(match => match.Groups[1].Value);
}
