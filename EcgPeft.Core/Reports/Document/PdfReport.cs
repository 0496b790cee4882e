using System.ComponentModel;
using System.Diagnostics;

namespace EcgPeft.Core.Reports.Document;

/// <summary>A report as PDF: the HTML file, printed to A4 by a Chromium that this machine has.</summary>
public static class PdfReport
{
    private static readonly string[] Places =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe", @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The browser: <c>CHROMIUM</c> in the environment, or the one that the system has; null where there is none.</summary>
    public static string? Browser => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } set ? set : Places.FirstOrDefault(File.Exists);

    /// <summary>Prints a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="path">The PDF to write.</param>
    /// <param name="dataFolder">Folder of the figures' data as the reader will find it.</param>
    /// <exception cref="UserInputException">There is no Chromium, or it wrote nothing.</exception>
    public static void Write(ReportDocument report, string path, string dataFolder)
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-report-").FullName;
        try
        {
            var html = Path.Combine(folder, "report.html");
            File.WriteAllText(html, HtmlReport.Write(report, dataFolder));
            Print(html, path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Prints a report's HTML file.</summary>
    /// <param name="html">The file, as <see cref="HtmlReport"/> makes it.</param>
    /// <param name="path">The PDF to write.</param>
    /// <exception cref="UserInputException">There is no Chromium, or it wrote nothing.</exception>
    public static void Print(string html, string path)
    {
        var browser = Browser ?? throw new UserInputException("Writing a PDF needs Chromium or Chrome, and none was found; install one, set CHROMIUM to its path, or write .html and print it.");
        var folder = Directory.CreateTempSubdirectory("ecgpeft-print-").FullName;
        try
        {
            var pdf = Path.Combine(folder, "report.pdf");
            var start = new ProcessStartInfo(browser) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
            // The page is our own file without scripts; in containers, where everything runs as root, Chromium has no sandbox.
            foreach (var argument in new[] { "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", $"--user-data-dir={Path.Combine(folder, "profile")}", "--no-pdf-header-footer", $"--print-to-pdf={pdf}", new Uri(Path.GetFullPath(html)).AbsoluteUri })
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (!process.WaitForExit(Patience)) process.Kill(entireProcessTree: true);
            if (!File.Exists(pdf)) throw new UserInputException($"{browser} did not print the report; write .html and print it from a browser.");
            File.Move(pdf, path, overwrite: true);
        }
        catch (Win32Exception e)
        {
            throw new UserInputException($"{browser} cannot be started ({e.Message.TrimEnd('.')}); set CHROMIUM to the path of Chromium or Chrome.", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
