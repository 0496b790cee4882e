using System.Runtime;
using EcgPeft.Core;

namespace EcgPeft.Tests;

public sealed class NoCollectionTests
{
    [Fact]
    public void Nothing_is_collected_in_a_stretch_and_afterwards_everything_is_as_before()
    {
        var mode = GCSettings.LatencyMode;
        for (var step = 0; step < 20; step++)
        {
            using (NoCollection.Begin())
            using (NoCollection.Begin())
            {
                Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
                var before = GC.CollectionCount(0);
                for (var i = 0; i < 4000; i++) GC.KeepAlive(new byte[1000]);
                Assert.Equal(before, GC.CollectionCount(0));
            }
            Assert.Equal(mode, GCSettings.LatencyMode);
        }
    }

    [Fact]
    public void More_than_a_stretch_may_allocate_ends_it_early_and_harms_nothing()
    {
        var mode = GCSettings.LatencyMode;
        using (NoCollection.Begin())
        {
            for (var i = 0; i < 200_000; i++) GC.KeepAlive(new byte[1000]);
        }
        using (NoCollection.Begin()) Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        Assert.Equal(mode, GCSettings.LatencyMode);
    }
}
