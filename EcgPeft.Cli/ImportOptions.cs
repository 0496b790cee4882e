using System.CommandLine;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Cli;

/// <summary>The choices that <c>data inspect</c> and <c>data import</c> share.</summary>
internal sealed class ImportOptions
{
    private readonly Argument<string> file = new("FILE") { Description = "CSV (plain or gzip; one segment a line, its samples and a label 0 or 1), NumPy array (.npy), WFDB record (.hea) or a folder of WFDB records." };
    private readonly Option<string?> groups = new("--groups") { Description = "CSV file that names each segment's group (columns row and group).", HelpName = "FILE" };
    private readonly Option<string?> labels = new("--labels") { Description = "NumPy array with the labels of a NumPy array.", HelpName = "FILE" };
    private readonly Option<double?> rate = new("--rate") { Description = "Sampling rate; only WFDB files say it themselves.", HelpName = "HZ" };
    private readonly Option<string[]> repair = new("--repair") { Description = "What to do with a kind of defect: missing, text or nonFinite = drop or interpolate; ragged or label = drop; constant, clipped, duplicate or conflict = drop. Without it the file is refused, or the segment kept.", HelpName = "KIND=REPAIR", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> separator = new("--separator") { Description = "comma, semicolon, tab or a character, instead of the detected one.", HelpName = "SEPARATOR" };
    private readonly Option<string?> decimalSign = new("--decimal") { Description = "point or comma, instead of the detected one.", HelpName = "SIGN" };
    private readonly Option<bool?> header = new("--header") { Description = "Whether the first line names the columns.", HelpName = "true|false" };
    private readonly Option<string?> labelColumn = new("--label-column") { Description = "first, last, a number from 1 or a name.", HelpName = "COLUMN" };
    private readonly Option<string?> groupColumn = new("--group-column") { Description = "A number from 1, a name, or none.", HelpName = "COLUMN" };
    private readonly Option<string?> recordColumn = new("--record-column") { Description = "Column of the recording, likewise: no sample; without groups its segments are a group.", HelpName = "COLUMN" };
    private readonly Option<int> length = new("--length") { Description = "WFDB: samples a segment.", DefaultValueFactory = _ => new WfdbChoices().Length, HelpName = "SAMPLES" };
    private readonly Option<string> positive = new("--positive") { Description = "WFDB: annotation symbols that make a segment positive.", DefaultValueFactory = _ => new WfdbChoices().Positive, HelpName = "SYMBOLS" };
    private readonly Option<int> margin = new("--margin") { Description = "WFDB: samples that such an annotation must be away from both ends.", DefaultValueFactory = _ => new WfdbChoices().Margin, HelpName = "SAMPLES" };
    private readonly Option<string> lead = new("--lead") { Description = "WFDB: signal by name or number from 1.", DefaultValueFactory = _ => new WfdbChoices().Lead, HelpName = "LEAD" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(file);
        foreach (var option in new Option[] { groups, labels, rate, repair, separator, decimalSign, header, labelColumn, groupColumn, recordColumn, length, positive, margin, lead }) command.Options.Add(option);
    }

    /// <summary>What was given.</summary>
    /// <exception cref="Core.UserInputException">A choice is unknown.</exception>
    public ImportRequest Of(ParseResult parsed) => new(parsed.GetRequiredValue(file))
    {
        Groups = parsed.GetValue(groups),
        Labels = parsed.GetValue(labels),
        SamplingRateHz = parsed.GetValue(rate),
        Repairs = Repairs.Parse(parsed.GetValue(repair) ?? []),
        Csv = new CsvChoices(
            parsed.GetValue(separator) switch { null => null, "comma" => ',', "semicolon" => ';', "tab" => '\t', [var one] => one, var other => throw new Core.UserInputException($"The separator is \"{other}\"; it must be comma, semicolon, tab or one character.") },
            parsed.GetValue(decimalSign) switch { null => null, "point" => false, "comma" => true, var other => throw new Core.UserInputException($"The decimal sign is \"{other}\"; it must be point or comma.") },
            parsed.GetValue(header), parsed.GetValue(labelColumn), parsed.GetValue(groupColumn), parsed.GetValue(recordColumn)),
        Wfdb = new WfdbChoices(parsed.GetValue(length), parsed.GetValue(positive)!, parsed.GetValue(margin), parsed.GetValue(lead)!),
    };
}
