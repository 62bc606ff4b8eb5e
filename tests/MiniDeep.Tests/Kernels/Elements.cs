using System.Numerics;
using System.Runtime.InteropServices;

namespace MiniDeep.Tests.Kernels;

/// <summary>How a test's operand lies in memory.</summary>
public enum Layout
{
    Contiguous,

    /// <summary>As a transposed tensor: the first axis innermost.</summary>
    Transposed,

    /// <summary>Every second element along the last axis.</summary>
    Gaps,

    /// <summary>Rows further apart than they are long.</summary>
    Padded,

    /// <summary>One row for all: the first axis is broadcast.</summary>
    OneRow,

    /// <summary>One column for all: the last axis is broadcast.</summary>
    OneColumn,

    /// <summary>One element for all.</summary>
    OneElement,
}

/// <summary>An operand with any strides inside a buffer whose other elements must be neither read nor written.</summary>
internal sealed class Elements<T>
    where T : unmanaged, INumber<T>
{
    private const int Margin = 19;
    private readonly Storage _storage;
    private readonly int[] _positions;
    private readonly T[] _before;
    private readonly int[]? _strides;

    public Elements(Shape shape, Func<int, T> value, Layout layout = Layout.Contiguous, DType? dtype = null)
    {
        Shape = shape;
        _strides = StridesOf(shape, layout);
        _positions = Positions(shape, _strides ?? Contiguous(shape));
        _before = new T[_positions.DefaultIfEmpty(0).Max() + 1 + 2 * Margin];
        Array.Fill(_before, Canary);
        // a broadcast element gets the value of its first position
        for (int i = _positions.Length - 1; i >= 0; i--) _before[Margin + _positions[i]] = value(i);
        DType type = dtype ?? DTypes.Of<T>();
        _storage = new Storage(Device.Cpu, CpuBackend.Instance.Allocate(_before.Length * (long)type.Size()), type, _before.Length);
        CpuBackend.Instance.Upload(MemoryMarshal.AsBytes(_before.AsSpan()), _storage, 0);
    }

    public Shape Shape { get; }

    public TensorView View => new(_storage, Margin, Shape, _strides);

    private static T Canary => T.IsNaN(T.CreateSaturating(double.NaN)) ? T.CreateSaturating(double.NaN) : T.CreateTruncating(113);

    /// <summary>The elements now, in the shape's order; fails where something between or around them was written.</summary>
    public T[] Read()
    {
        var now = new T[_before.Length];
        CpuBackend.Instance.Download(_storage, 0, MemoryMarshal.AsBytes(now.AsSpan()));
        var inside = new HashSet<int>(_positions.Select(p => p + Margin));
        for (int i = 0; i < now.Length; i++)
        {
            if (!inside.Contains(i)) Assert.True(now[i].Equals(_before[i]), $"Position {i - Margin}, outside of {Shape}, was written.");
        }
        return [.. _positions.Select(p => now[Margin + p])];
    }

    public double[] Doubles() => [.. Read().Select(double.CreateChecked)];

    private static int[] Contiguous(Shape shape)
    {
        var strides = new int[shape.Rank];
        int stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private static int[]? StridesOf(Shape shape, Layout layout)
    {
        if (layout == Layout.Contiguous || shape.Rank == 0) return null;
        int[] strides = Contiguous(shape);
        switch (layout)
        {
            case Layout.Transposed:
                int stride = 1;
                for (int i = 0; i < shape.Rank; i++)
                {
                    strides[i] = stride;
                    stride *= shape[i];
                }
                break;
            case Layout.Gaps:
                for (int i = 0; i < strides.Length; i++) strides[i] *= 2;
                break;
            case Layout.Padded:
                for (int i = 0; i < strides.Length - 1; i++) strides[i] = strides[i] / Math.Max(1, shape[^1]) * (shape[^1] + 3);
                break;
            case Layout.OneRow:
                strides[0] = 0;
                break;
            case Layout.OneColumn:
                for (int i = 0; i < strides.Length - 1; i++) strides[i] /= Math.Max(1, shape[^1]);
                strides[^1] = 0;
                break;
            default:
                Array.Clear(strides);
                break;
        }
        return strides;
    }

    private static int[] Positions(Shape shape, int[] strides)
    {
        var positions = new int[shape.ElementCount];
        for (int i = 0; i < positions.Length; i++)
        {
            int rest = i;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                positions[i] += rest % shape[axis] * strides[axis];
                rest /= shape[axis];
            }
        }
        return positions;
    }
}

/// <summary>Numbers for kernel tests.</summary>
internal static class TestNumbers
{
    public static double At(int i, int seed = 0)
    {
        uint x = (uint)i * 2654435761u + (uint)seed * 40503u + 12345u;
        x = (x ^ (x >> 15)) * 2246822519u;
        x = (x ^ (x >> 13)) * 3266489917u;
        return (int)(x ^ (x >> 16)) / (double)int.MaxValue;
    }

    public static Func<int, T> Of<T>(int seed = 0, double scale = 1, double shift = 0)
        where T : unmanaged, INumber<T> => i => T.CreateSaturating(At(i, seed) * scale + shift);

    /// <summary>Differences in units of the last place of T, at the size of the expected value.</summary>
    public static double Ulps<T>(T actual, double expected)
        where T : unmanaged, INumber<T>
    {
        double value = double.CreateChecked(actual);
        if (double.IsNaN(expected)) return double.IsNaN(value) ? 0 : double.PositiveInfinity;
        T rounded = T.CreateChecked(expected);
        if (rounded == actual) return 0;
        double size = Math.Abs(double.CreateChecked(rounded));
        if (!double.IsFinite(size) || !double.IsFinite(value)) return double.PositiveInfinity;
        double ulp = typeof(T) == typeof(float)
            ? Math.Max((double)MathF.BitIncrement((float)size) - size, float.Epsilon)
            : Math.BitIncrement(size) - size;
        return Math.Abs(value - expected) / ulp;
    }

    public static void Near<T>(double[] expected, T[] actual, double ulps, string what)
        where T : unmanaged, INumber<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double distance = Ulps(actual[i], expected[i]);
            Assert.True(distance <= ulps, $"{what}: element {i} is {actual[i]}, expected {expected[i]:R}: {distance} ulp.");
        }
    }

    /// <summary>max |a - b| against the largest expected value, or the natural scale of the operation if that is larger.</summary>
    public static void Close<T>(double[] expected, T[] actual, double tolerance, string what, double scale = 1e-3)
        where T : unmanaged, INumber<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = Math.Max(scale, expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Length; i++)
        {
            double value = double.CreateChecked(actual[i]);
            bool same = value.Equals(expected[i]) || Math.Abs(value - expected[i]) <= tolerance * largest;
            Assert.True(same, $"{what}: element {i} is {value:R}, expected {expected[i]:R} (largest {largest:R}).");
        }
    }
}
