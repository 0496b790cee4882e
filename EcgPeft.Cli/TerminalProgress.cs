using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary>A progress bar on a terminal, nothing in a pipe.</summary>
internal static class TerminalProgress
{
    /// <summary>Does the work, which reports its share done, 0 to 1.</summary>
    public static T Run<T>(string title, Func<IProgress<double>?, T> work) =>
        Console.IsOutputRedirected
            ? work(null)
            : AnsiConsole.Progress().AutoClear(true).Start(context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: 1);
                return work(new Direct(share => task.Value = share));
            });

    // Progress<T> would report through the thread pool, out of order.
    private sealed class Direct(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
