using System.Globalization;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Training;

public sealed class PackageEnergyTests
{
    private readonly string _folder = TestData.TemporaryFolder();

    [Fact]
    public void Packages_are_summed_parts_of_them_are_not_and_a_full_counter_begins_again()
    {
        Set("intel-rapl:0", 9_000_000, 10_000_000);
        Set("intel-rapl:1", 1_000_000, 10_000_000);
        Set("intel-rapl:0:0", 0, 10_000_000);
        var energy = PackageEnergy.Open(_folder)!;
        Assert.Equal(0, energy.Joules());
        Set("intel-rapl:0", 9_500_000, 10_000_000);
        Set("intel-rapl:0:0", 5_000_000, 10_000_000);
        Assert.Equal(0.5, energy.Joules(), 1e-9);
        Set("intel-rapl:0", 250_000, 10_000_000);
        Set("intel-rapl:1", 3_000_000, 10_000_000);
        Assert.Equal(0.5 + 0.75 + 2, energy.Joules(), 1e-9);
    }

    [Fact]
    public void Without_a_counter_nothing_is_invented()
    {
        Assert.Null(PackageEnergy.Open(Path.Combine(_folder, "none")));
        Assert.Null(PackageEnergy.Open(_folder));
    }

    private void Set(string zone, long microjoules, long range)
    {
        Directory.CreateDirectory(Path.Combine(_folder, zone));
        File.WriteAllText(Path.Combine(_folder, zone, "energy_uj"), microjoules.ToString(CultureInfo.InvariantCulture) + "\n");
        File.WriteAllText(Path.Combine(_folder, zone, "max_energy_range_uj"), range.ToString(CultureInfo.InvariantCulture) + "\n");
    }
}
