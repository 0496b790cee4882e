using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft data synth</c>: synthetic segments as CSV, with their groups beside them.</summary>
internal static class DataSynthCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var segments = new Option<int>("--segments") { Description = "Number of segments.", DefaultValueFactory = _ => 4000, HelpName = "N" };
        var users = new Option<int>("--users") { Description = "Number of virtual people.", DefaultValueFactory = _ => 40, HelpName = "U" };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same segments.", DefaultValueFactory = _ => 1, HelpName = "S" };
        var output = new Option<string>("--out") { Description = "CSV file to write; the groups go beside it as <name>-groups.csv.", Required = true, HelpName = "FILE" };
        var command = new Command("synth", "Make synthetic single-lead ECG (dynamical model of McSharry et al. 2003); label 1 = contains a premature ventricular beat.") { segments, users, seed, output };
        command.SetAction(parsed => Synthesise(parsed.GetValue(segments), parsed.GetValue(users), parsed.GetValue(seed), parsed.GetRequiredValue(output)));
        return command;
    }

    private static void Synthesise(int segments, int users, int seed, string path)
    {
        var groupsPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path) + "-groups.csv");
        var set = TerminalProgress.Run("Making and writing segments", progress =>
        {
            var made = SyntheticEcg.Generate(segments, users, seed);
            Replace(path, file => SegmentCsv.Write(file, made, progress));
            Replace(groupsPath, file => GroupsCsv.Write(file, made.Groups!));
            return made;
        });
        Console.Out.WriteLine($"{path}: {set.Count} synthetic segments of {set.Length} samples at {SyntheticEcg.SamplingRateHz} Hz in millivolts, {set.Positives} with label 1.");
        Console.Out.WriteLine($"{groupsPath}: their {users} virtual people.");
    }

    // A file that stopped half-way could be taken for a whole one.
    private static void Replace(string path, Action<string> write)
    {
        var part = path + ".part";
        try
        {
            write(part);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
        finally
        {
            if (File.Exists(part)) File.Delete(part);
        }
    }
}
