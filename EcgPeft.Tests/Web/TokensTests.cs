using System.Text.RegularExpressions;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Web.Components.Layout;
using MudBlazor;
using MudBlazor.Utilities;

namespace EcgPeft.Tests.Web;

/// <summary>Colour, type and space are written once (<c>tokens.css</c>); MudBlazor's theme has the same.</summary>
public sealed class TokensTests
{
    private static readonly string Styles = Path.Combine(Axe.Repository(), "wwwroot-assets", "src", "css"), Tokens = File.ReadAllText(Path.Combine(Styles, "tokens.css"));

    [Fact]
    public void The_theme_of_the_components_has_the_tokens_values()
    {
        foreach (var (palette, block) in new (Palette, string)[] { (ProductTheme.Theme.PaletteLight, ":root {"), (ProductTheme.Theme.PaletteDark, ":root[data-theme='dark'] {") })
        {
            var pairs = new (MudColor Colour, string Token)[]
            {
                (palette.Primary, "accent"), (palette.PrimaryContrastText, "accent-ink"), (palette.Background, "ground"), (palette.BackgroundGray, "surface-2"), (palette.Surface, "surface"), (palette.AppbarBackground, "surface"),
                (palette.AppbarText, "ink"), (palette.DrawerBackground, "ground"), (palette.DrawerText, "ink"), (palette.TextPrimary, "ink"), (palette.TextSecondary, "ink-2"), (palette.LinesDefault, "line"), (palette.TableLines, "line"),
                (palette.Divider, "line"), (palette.Success, "good"), (palette.Warning, "warn"), (palette.Error, "bad"),
            };
            Assert.All(pairs, pair => Assert.Equal($"{pair.Token} {Value(block, pair.Token)}", $"{pair.Token} {pair.Colour.ToString(MudColorOutputFormats.Hex)}"));
        }
        var type = ProductTheme.Theme.Typography;
        Assert.Equal(new[] { "text-m", "text-s", "text-l", "text-xs", "radius" }.Select(token => Value(":root {", token)), [type.Default.FontSize, type.Body2.FontSize, type.H6.FontSize, type.Caption.FontSize, ProductTheme.Theme.LayoutProperties.DefaultBorderRadius]);
    }

    [Fact]
    public void No_other_style_has_a_colour_of_its_own()
    {
        var files = Directory.EnumerateFiles(Styles, "*.css").Concat(Directory.EnumerateFiles(Path.Combine(Axe.Repository(), "EcgPeft.Web", "Components"), "*.css", SearchOption.AllDirectories)).Where(file => Path.GetFileName(file) != "tokens.css").ToList();
        Assert.InRange(files.Count, 10, 100);
        var found = files.SelectMany(file => Regex.Matches(File.ReadAllText(file), @":[^;{}]*#[0-9a-fA-F]{3,8}\b[^;{}]*[;}]|\b(rgb|hsl|oklch)a?\((?!0 0 0 / )[^)]*\)").Select(match => $"{Path.GetFileName(file)}: {match.Value}")); // a shadow is black in every theme
        Assert.Empty(found);
    }

    private static string Value(string block, string token) => Regex.Match(Tokens[Tokens.IndexOf(block, StringComparison.Ordinal)..], $"--{token}: ([^;]+);").Groups[1].Value;
}
