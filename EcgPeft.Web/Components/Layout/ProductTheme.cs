using MudBlazor;

namespace EcgPeft.Web.Components.Layout;

/// <summary>MudBlazor's theme in the product's colours and type; the same values as <c>tokens.css</c>.</summary>
internal static class ProductTheme
{
    private static readonly string[] Font = ["Inter Variable", "system-ui", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0a6a72", PrimaryContrastText = "#ffffff", Secondary = "#c24a00", Tertiary = "#0072b2",
            Background = "#f5f6f8", BackgroundGray = "#eef1f4", Surface = "#ffffff", AppbarBackground = "#ffffff", AppbarText = "#17212b",
            DrawerBackground = "#f5f6f8", DrawerText = "#17212b", DrawerIcon = "#566270",
            TextPrimary = "#17212b", TextSecondary = "#566270", TextDisabled = "#8a95a1", ActionDefault = "#566270", ActionDisabled = "#9aa5b0",
            LinesDefault = "#dde2e8", LinesInputs = "#a9b3be", TableLines = "#dde2e8", Divider = "#dde2e8",
            Success = "#1b7a43", Warning = "#8a5a00", Error = "#b3261e", Info = "#0072b2",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#56c5ca", PrimaryContrastText = "#06262a", Secondary = "#f08a4b", Tertiary = "#56b4e9",
            Background = "#0d1217", BackgroundGray = "#1c252e", Surface = "#141b22", AppbarBackground = "#141b22", AppbarText = "#e4eaf0",
            DrawerBackground = "#0d1217", DrawerText = "#e4eaf0", DrawerIcon = "#9aa8b5",
            TextPrimary = "#e4eaf0", TextSecondary = "#9aa8b5", TextDisabled = "#6b7885", ActionDefault = "#9aa8b5", ActionDisabled = "#5b6773",
            LinesDefault = "#28333e", LinesInputs = "#46535f", TableLines = "#28333e", Divider = "#28333e",
            Success = "#63cf91", Warning = "#e6b450", Error = "#ff8a80", Info = "#56b4e9",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Font, FontSize = ".875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Font, FontSize = ".875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Font, FontSize = ".8125rem", LineHeight = "1.5", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Font, FontSize = "1rem", FontWeight = "620", LetterSpacing = "-.005em" },
            Button = new ButtonTypography { FontFamily = Font, FontSize = ".875rem", FontWeight = "580", LetterSpacing = "normal", TextTransform = "none" },
            Caption = new CaptionTypography { FontFamily = Font, FontSize = ".75rem", LetterSpacing = "normal" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", DrawerWidthLeft = "192px", AppbarHeight = "56px" },
    };
}
