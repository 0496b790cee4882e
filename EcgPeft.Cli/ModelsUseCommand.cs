using System.CommandLine;
using EcgPeft.Core.Backbones;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft models use DIR</c> and <c>forget ID</c>: models from folders, for machines without internet.</summary>
internal static class ModelsUseCommand
{
    /// <summary>The command <c>use</c>.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder with config.json and weights, or a fairseq checkpoint (.pt)." };
        var id = new Option<string?>("--as") { Description = "The known model that it is, for example facebook/wav2vec2-base.", HelpName = "ID" };
        var command = new Command("use", "Take a model from a folder on this machine instead of the hub.") { folder, id };
        command.SetAction(parsed =>
        {
            var known = new ModelCatalogue(ProductSettings.DataRoot()).UseFolder(parsed.GetRequiredValue(folder), parsed.GetValue(id));
            Console.Out.WriteLine($"{known} is ready; recipes name it as backbone.model.");
        });
        return command;
    }

    /// <summary>The command <c>forget</c>.</summary>
    public static Command CreateForget()
    {
        var id = new Argument<string>("ID") { Description = "A model that 'use' or 'pull' has added." };
        var command = new Command("forget", "Stop using a folder, or take a model that was added off the list; no file of it is deleted.") { id };
        command.SetAction(parsed => new ModelCatalogue(ProductSettings.DataRoot()).Forget(parsed.GetRequiredValue(id)));
        return command;
    }
}
