using EcgPeft.Core;

namespace EcgPeft.Web.Hosting;

/// <summary>How much of the disk a part of the data folder takes.</summary>
/// <param name="Title">What lies there, for people.</param>
/// <param name="Folder">Where.</param>
/// <param name="Bytes">Size of all files in it.</param>
internal sealed record DiskUse(string Title, string Folder, long Bytes)
{
    /// <summary>Every part of the data folder; takes a while with many runs.</summary>
    public static IReadOnlyList<DiskUse> Of(DataRoot root) =>
    [
        Part("Data sets", root.DataSets), Part("Models", root.Models), Part("Runs", root.Runs), Part("Studies", root.Studies), Part("Cache", root.Cache),
        Part("Deleted runs", Path.Combine(root.Path, "trash")),
    ];

    private static DiskUse Part(string title, string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return new DiskUse(title, folder, Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", options).Sum(SizeOf) : 0);
    }

    private static long SizeOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // gone meanwhile
        }
    }
}
