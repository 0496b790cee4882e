using System.Runtime.InteropServices;
using EcgPeft.Core;

namespace EcgPeft.Tests;

public sealed partial class NativeThreadsTests
{
    [Theory]
    [InlineData("GOMP_SPINCOUNT")]
    [InlineData("OMP_WAIT_POLICY")]
    public void Native_libraries_see_that_waiting_threads_are_to_sleep(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has one environment for both.");
        NativeThreads.Quieten();
        Assert.Equal(Environment.GetEnvironmentVariable(name), Marshal.PtrToStringUTF8(NativeVariable(name)));
        Assert.NotEqual(0, NativeVariable(name));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeVariable(string name);
}
