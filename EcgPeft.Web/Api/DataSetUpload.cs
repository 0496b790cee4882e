using System.Globalization;
using EcgPeft.Core;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace EcgPeft.Web.Api;

/// <summary>The parts of an upload form, files on disk.</summary>
/// <param name="File">Where the CSV file was put; it keeps its name.</param>
/// <param name="Groups">Where the groups file was put, or null.</param>
/// <param name="Name">Name for people; the file's name where none was given.</param>
/// <param name="SamplingRateHz">Samples a second, or null.</param>
internal sealed record DataSetUpload(string File, string? Groups, string Name, double? SamplingRateHz)
{
    /// <summary>Writes the files of a multipart form into a folder as they come.</summary>
    /// <exception cref="UserInputException">The form is not what it should be.</exception>
    public static async Task<DataSetUpload> ReceiveAsync(HttpRequest request, string folder, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new UserInputException("An upload is a form with a part named file (multipart/form-data).");
        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "", request.Body) { BodyLengthLimit = null };
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (await reader.ReadNextSectionAsync(cancel) is { } section)
            {
                if (section.GetContentDispositionHeader() is not { } disposition) continue;
                var part = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
                if (disposition.IsFileDisposition() && part is "file" or "groups")
                    files[part] = await SaveAsync(section.Body, Path.Combine(folder, part), disposition, cancel);
                else if (disposition.IsFormDisposition())
                    fields[part] = await new StreamReader(section.Body).ReadToEndAsync(cancel);
            }
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException && e.Message.Contains("end of Stream", StringComparison.Ordinal)))
        {
            throw new UserInputException("The form is cut off, or is no multipart/form-data; send the file again.", e);
        }
        if (!files.TryGetValue("file", out var file)) throw new UserInputException("Choose a CSV file to upload.");
        return new(
            file, files.GetValueOrDefault("groups"),
            fields.GetValueOrDefault("name") is { Length: > 0 } name ? name : Path.GetFileNameWithoutExtension(file),
            SamplingRate(fields.GetValueOrDefault("samplingRateHz")));
    }

    private static async Task<string> SaveAsync(Stream body, string folder, ContentDispositionHeaderValue disposition, CancellationToken cancel)
    {
        // The name is the browser's word: only its last part is taken, and only what a file system allows.
        var given = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? "";
        var name = string.Join('_', given.Split('/', '\\')[^1].Split(Path.GetInvalidFileNameChars())).Trim('.', ' ');
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name.Length is > 0 and <= 120 ? name : "upload.csv");
        await using var file = System.IO.File.Create(path);
        await body.CopyToAsync(file, cancel);
        return path;
    }

    private static double? SamplingRate(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) ? rate
        : throw new UserInputException($"The sampling rate '{text}' is not a number; give it in Hz, for example 360.");
}
