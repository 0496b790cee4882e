using System.CommandLine;
using System.Globalization;
using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft predict</c>: a completed run on other segments.</summary>
internal static class PredictCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a completed run.", Required = true, HelpName = "DIR" };
        var data = new Option<string>("--data") { Description = "CSV file of segments, or the folder of an imported data set.", Required = true, HelpName = "FILE" };
        var output = new Option<string>("--out") { Description = "CSV file to write: row,label,probability,prediction.", Required = true, HelpName = "FILE" };
        var command = new Command("predict", "Predict segments with a completed run, treated as its own were.") { run, data, output };
        command.SetAction(parsed => Predict(new RunFolder(Path.GetFullPath(parsed.GetRequiredValue(run))), Path.GetFullPath(parsed.GetRequiredValue(data)), Path.GetFullPath(parsed.GetRequiredValue(output))));
        return command;
    }

    private static void Predict(RunFolder folder, string data, string output)
    {
        var result = RunPredictor.Predict(folder, ProductSettings.DataRoot(), SegmentSource.Load(data, null).Segments, CancellationToken.None);
        var (predictions, text) = (result.Predictions, new StringBuilder("row,label,probability,prediction\n"));
        for (var i = 0; i < predictions.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"{predictions.Rows[i]},{predictions.Labels[i]},{predictions.Probabilities[i]:R},{(predictions.Probabilities[i] >= result.Threshold ? 1 : 0)}\n");
        try
        {
            File.WriteAllText(output, text.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{output} cannot be written ({e.Message.TrimEnd('.')}); choose another place.", e);
        }
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{output}: {predictions.Count} segments, {predictions.Probabilities.Count(p => p >= result.Threshold)} called positive (probability {result.Threshold:0.###} or more); against the file's labels {StudyDisplay.Results(predictions.Metrics(result.Threshold))}."));
    }
}
