using System.Text.Json;

namespace MiniDeep.Tests.Random;

/// <summary>What tests/fixtures/numpy_random.py wrote, and how close to it this platform must come.</summary>
internal static class NumPyFixture
{
    public static JsonElement Document { get; } = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("tests/fixtures/numpy_random.json"))).RootElement;

    public static double[] Doubles(this JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetDouble())];

    public static long[] Longs(this JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetInt64())];

    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetInt32())];

    public static void SameBits(double[] expected, double[] actual) => Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));

    /// <summary>For numbers that went through a logarithm or a sine: the same bits on Linux, whose library made the fixture; elsewhere another library may round otherwise.</summary>
    public static void SameUpToLibm(double[] expected, double[] actual, double scale)
    {
        if (OperatingSystem.IsLinux())
        {
            SameBits(expected, actual);
            return;
        }
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance: Math.BitIncrement(Math.Max(scale, Math.Abs(expected[i]))) - Math.Max(scale, Math.Abs(expected[i])));
    }
}
