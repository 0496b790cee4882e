namespace EcgPeft.Tests.Cli;

/// <summary>What somebody sees who does not know the commands yet.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("train", "")]
    [InlineData("inspect", "data")]
    [InlineData("pull", "models")]
    public async Task Without_a_command_the_help_is_shown(string expected, string command)
    {
        var (exit, output, error) = await CliProcess.RunAsync(command.Length == 0 ? [] : [command]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("Usage:", error, StringComparison.Ordinal);
        Assert.Contains($"  {expected} ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unrecognized command or argument '--recipie'. Did you mean --recipe? 'ecgpeft train --help' lists what there is.", "train", "--recipie", "x")]
    [InlineData("Unrecognized command or argument 'trian'. Did you mean train? 'ecgpeft --help' lists what there is.", "trian")]
    [InlineData("Option '--out' is required. 'ecgpeft report --help' lists what there is.", "report")]
    public async Task A_misspelled_word_is_answered_with_what_was_meant(string sentence, params string[] arguments)
    {
        var (exit, _, error) = await CliProcess.RunAsync(arguments);
        Assert.Equal((2, sentence), (exit, error.Trim()));
    }

    [Fact]
    public async Task Numbers_in_sentences_are_English_on_a_German_terminal()
    {
        var (exit, _, error) = await CliProcess.RunAsync([("LC_ALL", "de_DE.UTF-8")], "train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "hubert-lora.json"), "--data", "none.csv", "--set", "training.learningRate=1.5");
        Assert.Equal((2, "training.learningRate is 1.5; it must be above 0 and at most 1."), (exit, error.Trim()));
    }
}
