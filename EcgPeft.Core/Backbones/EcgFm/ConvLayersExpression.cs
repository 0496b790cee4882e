using System.Globalization;
using EcgPeft.Core.Backbones.Blocks;

namespace EcgPeft.Core.Backbones.EcgFm;

/// <summary>
/// Reads fairseq's way of writing convolution layers, such as <c>[(256, 2, 2)] * 4</c> or <c>[(24, 2, 2)] * 3 + [(32, 2, 2)]</c>.
/// The text is parsed, never evaluated.
/// </summary>
public static class ConvLayersExpression
{
    private const int MostLayers = 64;

    /// <summary>The layers of an expression.</summary>
    /// <param name="text">Sums of lists of (channels, kernel, stride), each optionally times a number.</param>
    /// <exception cref="UserInputException">It is not of that form.</exception>
    public static IReadOnlyList<ConvLayerShape> Parse(string text)
    {
        var position = 0;
        var layers = new List<ConvLayerShape>();
        UserInputException Wrong() => new($"The config's conv_feature_layers is '{text}', which is not of the form [(channels, kernel, stride)] * n + …");
        void Skip()
        {
            while (position < text.Length && char.IsWhiteSpace(text[position])) position++;
        }
        bool Take(char c)
        {
            Skip();
            if (position >= text.Length || text[position] != c) return false;
            position++;
            return true;
        }
        int Number()
        {
            Skip();
            var start = position;
            while (position < text.Length && char.IsAsciiDigit(text[position])) position++;
            return int.TryParse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw Wrong();
        }

        do
        {
            if (!Take('[')) throw Wrong();
            var list = new List<ConvLayerShape>();
            do
            {
                if (Take(']')) goto listEnded;
                if (!Take('(')) throw Wrong();
                var channels = Number();
                if (!Take(',')) throw Wrong();
                var kernel = Number();
                if (!Take(',')) throw Wrong();
                list.Add(new ConvLayerShape(channels, kernel, Number()));
                if (!Take(')')) throw Wrong();
            }
            while (Take(','));
            if (!Take(']')) throw Wrong();
        listEnded:
            var times = Take('*') ? Number() : 1;
            if (layers.Count + (long)list.Count * times > MostLayers) throw Wrong();
            for (var i = 0; i < times; i++) layers.AddRange(list);
        }
        while (Take('+'));
        Skip();
        return position == text.Length && layers.Count > 0 ? layers : throw Wrong();
    }
}
