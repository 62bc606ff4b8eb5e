using System.Text.Json;

namespace MiniDeep.Tests.Random;

public class NumPyRandomTests
{
    public static TheoryData<int> Programs => [.. Enumerable.Range(0, NumPyFixture.Document.GetProperty("programs").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Interleaved_calls_give_NumPys_numbers(int index)
    {
        JsonElement program = NumPyFixture.Document.GetProperty("programs")[index];
        JsonElement seed = program.GetProperty("seed");
        NumPyRandom random = seed.ValueKind == JsonValueKind.Number
            ? new NumPyRandom(seed.GetInt64())
            : new NumPyRandom([.. seed.EnumerateArray().Select(e => e.GetUInt32())]);
        int calls = 0;
        foreach (JsonElement call in program.GetProperty("calls").EnumerateArray())
        {
            Check(random, call.GetProperty("call").GetString()!, call.GetProperty("args"), call.GetProperty("result"));
            calls++;
        }
        Assert.True(calls > 40);
    }

    private static void Check(NumPyRandom random, string call, JsonElement args, JsonElement result)
    {
        switch (call)
        {
            case "rand":
                NumPyFixture.SameBits(result.Doubles(), random.Rand(args[0].GetInt32()));
                break;
            case "rand2":
                NumPyFixture.SameBits(result.Doubles(), Flat(random.Rand(args[0].GetInt32(), args[1].GetInt32())));
                break;
            case "uniform":
                NumPyFixture.SameBits(result.Doubles(), random.Uniform(args[0].GetDouble(), args[1].GetDouble(), args[2].GetInt32()));
                break;
            case "randn":
                NumPyFixture.SameUpToLibm(result.Doubles(), random.Randn(args[0].GetInt32()), scale: 0);
                break;
            case "randn2":
                NumPyFixture.SameUpToLibm(result.Doubles(), Flat(random.Randn(args[0].GetInt32(), args[1].GetInt32())), scale: 0);
                break;
            case "normal":
                NumPyFixture.SameUpToLibm(result.Doubles(), random.Normal(args[0].GetDouble(), args[1].GetDouble(), args[2].GetInt32()), scale: 1);
                break;
            case "randint":
                Assert.Equal(result.Longs(), random.RandInt(args[0].GetInt64(), args[1].GetInt64(), args[2].GetInt32()));
                break;
            case "permutation":
                Assert.Equal(result.Ints(), random.Permutation(args[0].GetInt32()));
                break;
            case "shuffle":
                int[] values = [.. Enumerable.Range(0, args[0].GetInt32()).Select(i => 3 * i)];
                random.Shuffle(values);
                Assert.Equal(result.Ints(), values);
                break;
            default:
                Assert.Fail($"The fixture has a call that this test does not know: {call}.");
                break;
        }
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(4294967296L)]
    public void A_seed_that_NumPy_refuses_is_refused(long seed)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new NumPyRandom(seed));
        Assert.Equal("seed", error.ParamName);
        Assert.Contains("between 0 and 2^32 - 1", error.Message);
    }

    [Fact]
    public void An_empty_key_is_refused() => Assert.Throws<ArgumentException>(() => new NumPyRandom(ReadOnlySpan<uint>.Empty));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 3)]
    public void An_empty_range_is_refused(long low, long high)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new NumPyRandom(0).RandInt(low, high));
        Assert.Contains($"low is {low}, high is {high}", error.Message);
    }

    [Fact]
    public void Bad_counts_and_ranges_are_refused()
    {
        var random = new NumPyRandom(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Rand(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Rand(2, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Randn(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Randn(-1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.RandInt(0, 2, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Permutation(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Normal(0, -1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Uniform(double.MinValue, double.MaxValue, 3));
        Assert.Throws<ArgumentNullException>(() => random.Shuffle<int>(null!));
        Assert.Equal(new NumPyRandom(0).Rand(), random.Rand());    // a refused call has drawn nothing
    }

    private static double[] Flat(double[,] matrix) => [.. matrix.Cast<double>()];
}
