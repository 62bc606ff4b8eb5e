namespace MiniDeep.Tests.Kernels;

/// <summary>A buffer of a kernel test: NaN on both sides of the elements, so that what is read or written outside shows.</summary>
internal sealed class Buffered<T>
    where T : unmanaged
{
    private const int Margin = 37;
    private readonly Storage _storage;
    private readonly T[] _array;

    public Buffered(Shape shape, Func<int, double> value)
    {
        Shape = shape;
        _storage = new Storage(Device.Cpu, new CpuBlock(new byte[(shape.ElementCount + 2 * Margin) * DTypes.Of<T>().Size()]), DTypes.Of<T>(), shape.ElementCount + 2 * Margin);
        _array = new T[shape.ElementCount + 2 * Margin];
        for (int i = 0; i < _array.Length; i++)
        {
            bool inside = i >= Margin && i < Margin + shape.ElementCount;
            _array[i] = Convert(inside ? value(i - Margin) : typeof(T) == typeof(byte) ? 211 : double.NaN);
        }
        CpuBackend.Instance.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_array.AsSpan()), _storage, 0);
    }

    public Shape Shape { get; }

    public TensorView View => new(_storage, Margin, Shape);

    /// <summary>The elements now; throws where something outside them was written.</summary>
    public double[] Read()
    {
        T[] now = new T[_array.Length];
        CpuBackend.Instance.Download(_storage, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(now.AsSpan()));
        for (int i = 0; i < now.Length; i++)
        {
            if (i >= Margin && i < Margin + Shape.ElementCount) continue;
            Assert.True(now[i].Equals(_array[i]), $"Element {i - Margin} of {Shape}, outside, was written.");
        }
        return [.. now.Skip(Margin).Take(Shape.ElementCount).Select(v => System.Convert.ToDouble(v))];
    }

    private static T Convert(double value)
        => typeof(T) == typeof(float) ? (T)(object)(float)value : typeof(T) == typeof(double) ? (T)(object)value : (T)(object)(byte)value;
}

internal static class KernelAssert
{
    /// <summary>max |a - b| against the largest expected value; NaN only where NaN is expected.</summary>
    public static void Close<T>(double[] expected, double[] actual, string what, double scale = 1)
    {
        double tolerance = (typeof(T) == typeof(float) ? 2e-6 : 2e-14) * scale;
        double largest = Math.Max(1e-3, expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max());
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance * largest;
            Assert.True(same, $"{what}: element {i} is {actual[i]:R}, expected {expected[i]:R} (largest {largest:R}).");
        }
    }

    /// <summary>Numbers that look random and have few bits, so that float and double hold the same.</summary>
    public static Func<int, double> Numbers(int seed) => i =>
    {
        uint x = (uint)(i * 2654435761L + seed * 40503L + 12345);
        x ^= x >> 15;
        x *= 2246822519;
        x ^= x >> 13;
        return ((int)(x % 2001) - 1000) / 1024.0;
    };

    /// <summary>Runs under several team sizes: all must give the bits of one thread.</summary>
    public static double[][] SameAtAnyThreadCount(Func<double[][]> run)
    {
        int before = ThreadTeam.Count;
        double[][]? first = null;
        try
        {
            foreach (int count in new[] { 1, 2, 3, 8 })
            {
                ThreadTeam.Count = count;
                double[][] now = run();
                first ??= now;
                for (int i = 0; i < now.Length; i++) Assert.True(first[i].AsSpan().SequenceEqual(now[i]), $"Result {i} differs at {count} threads.");
            }
        }
        finally
        {
            ThreadTeam.Count = before;
        }
        return first!;
    }
}

/// <summary>Tests that set the size of the process's thread team.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ThreadTeamCollection
{
    public const string Name = "thread team";
}
