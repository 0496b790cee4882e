using EcgPeft.Core;
using EcgPeft.Web.Hosting;

NativeThreads.Quieten();
try
{
    await using var app = Dashboard.Build(args);
    await Dashboard.RunAsync(app);
    return 0;
}
catch (UserInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
