using EcgPeft.Core.Ecg;

namespace EcgPeft.Tests.Ecg;

public class GroupsCsvTests
{
    [Theory]
    [InlineData("row,group,start\n0,a,10\n1,b,20\n2,a,30\n")]
    [InlineData("row,group\n2,a\n0,a\n1,b\n")]
    [InlineData("0,a\n1,b\n2,a\n")]
    [InlineData("group\na\nb\na\n")]
    [InlineData("a\nb\na\n")]
    [InlineData("start;Person\n1;a\n2;b\n3;a\n")]
    public void Groups_are_read_however_they_are_named(string text) => Assert.Equal(["a", "b", "a"], GroupsCsv.Read(Write(text), 3));

    [Theory]
    [InlineData("row,group\n0,a\n1,b\n", null, null, "segment 2")]
    [InlineData("row,group\n0,a\n1,b\n2,a\n3,a\n", 5, 1, "segment 3")]
    [InlineData("row,group\n0,a\n1,b\n1,a\n", 4, 1, "second time")]
    [InlineData("row,group\n0,a\n1,\n2,a\n", 3, 2, "empty")]
    [InlineData("row,group\n0,a\nx,b\n2,a\n", 3, 1, "\"x\"")]
    [InlineData("row,group\n-1,a\n1,b\n2,a\n", 2, 1, "segment -1")]
    [InlineData("row,group\n0,a\n1\n2,a\n", 3, null, "1 column instead of 2")]
    [InlineData("row,start\n0,1\n", 1, null, "column named group")]
    [InlineData("row,group\n0,a\n1,\"b\n2,a\n", 3, null, "quote")]
    [InlineData("", null, null, "empty")]
    public void A_defect_is_refused_with_row_and_column(string text, int? row, int? column, string says)
    {
        var error = Assert.Throws<SegmentFileException>(() => GroupsCsv.Read(Write(text), 3));
        Assert.Equal((row, column), (error.Row, error.Column));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Written_groups_read_back()
    {
        var path = Write("");
        GroupsCsv.Write(path, ["a", "b,c", "a"]);
        Assert.Equal(["a", "b,c", "a"], GroupsCsv.Read(path, 3));
    }

    private static string Write(string text)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "groups.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
