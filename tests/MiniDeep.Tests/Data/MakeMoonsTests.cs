using System.Text.Json;
using MiniDeep.Data;
using MiniDeep.Tests.Random;

namespace MiniDeep.Tests.Data;

public class MakeMoonsTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, NumPyFixture.Document.GetProperty("moons").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Points_and_labels_are_those_of_scikit_learn(int index)
    {
        JsonElement moons = NumPyFixture.Document.GetProperty("moons")[index];
        (double[,] points, int[] labels) = MakeMoons.Generate(
            moons.GetProperty("samples").GetInt32(), moons.GetProperty("noise").GetDouble(), moons.GetProperty("seed").GetInt64(), moons.GetProperty("shuffle").GetBoolean());
        Assert.Equal(moons.GetProperty("labels").Ints(), labels);
        Assert.Equal(2, points.GetLength(1));
        NumPyFixture.SameUpToLibm(moons.GetProperty("points").Doubles(), [.. points.Cast<double>()], scale: 2);
    }

    [Fact]
    public void Points_come_shuffled_unless_told_otherwise()
    {
        int[] labels = MakeMoons.Generate(100, 0, 0).Labels;
        Assert.Equal(50, labels.Sum());
        Assert.NotEqual(labels.Order(), labels);
    }

    [Theory]
    [InlineData(0, 0.1, 0, "samples")]
    [InlineData(-3, 0.1, 0, "samples")]
    [InlineData(10, -0.1, 0, "noise")]
    [InlineData(10, double.NaN, 0, "noise")]
    [InlineData(10, double.PositiveInfinity, 0, "noise")]
    [InlineData(10, 0.1, -1, "randomState")]
    [InlineData(10, 0.1, 1L << 32, "randomState")]
    public void Bad_arguments_are_refused_by_name(int samples, double noise, long seed, string parameter) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => MakeMoons.Generate(samples, noise, seed)).ParamName);
}
