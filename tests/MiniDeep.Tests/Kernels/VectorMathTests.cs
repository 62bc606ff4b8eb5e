using System.Numerics;
using System.Runtime.Intrinsics;

namespace MiniDeep.Tests.Kernels;

/// <summary>The exponential family against System.Math in double, at every vector width that the machine has.</summary>
public sealed unsafe class VectorMathTests
{
    private static readonly (UnaryKind Kind, Func<double, double> Exact, double Ulps)[] s_functions =
    [
        (UnaryKind.Exp, Math.Exp, 2),
        (UnaryKind.Log, Math.Log, 2),
        (UnaryKind.Tanh, Math.Tanh, 4),
        (UnaryKind.Sigmoid, Sigmoid, 4),
        (UnaryKind.Swish, x => double.IsNegativeInfinity(x) ? 0 : x * Sigmoid(x), 5),
        (UnaryKind.Softplus, Softplus, 4),
        (UnaryKind.Floor, Math.Floor, 0),
    ];

    private static readonly double[] s_special =
    [
        0, -0.0, 1, -1, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1e-310, -1e-310, 1e-40, -1e-40, 5e-324, 1e-300, 1e300, -1e300, 1e30, -1e30,
        88.7, 88.8, -87.4, -88, -103.5, -104.5, 709.7, 709.8, -708.4, -744.5, -746, 0.5, 1.5, 2.5, 1.0000001, 0.9999999, 20, -20, 40, -40,
    ];

    [Fact]
    public void Values_hold_in_double() => Check<double>(Width<double>);

    [Fact]
    public void Values_hold_in_float() => Check<float>(Width<float>);

    [Theory]
    [InlineData(UnaryKind.Exp)]
    [InlineData(UnaryKind.Log)]
    [InlineData(UnaryKind.Tanh)]
    [InlineData(UnaryKind.Sigmoid)]
    [InlineData(UnaryKind.Swish)]
    [InlineData(UnaryKind.Softplus)]
    public void An_element_has_the_same_bits_wherever_it_stands(UnaryKind kind)
    {
        double[] x = [.. Enumerable.Range(0, 70).Select(i => TestNumbers.At(i) * 30)];
        float[] single = [.. x.Select(v => (float)v)];
        double[] whole = Run(x, Kernel<double>(kind, 0));
        float[] wholeSingle = Run(single, Kernel<float>(kind, 0));
        for (int start = 0; start < 70; start += 3)
        {
            for (int length = 1; start + length <= 70; length += 4)
            {
                Assert.Equal(whole[start..(start + length)], Run(x[start..(start + length)], Kernel<double>(kind, 0)));
                Assert.Equal(wholeSingle[start..(start + length)], Run(single[start..(start + length)], Kernel<float>(kind, 0)));
            }
        }
    }

    private static nint Kernel<T>(UnaryKind kind, double alpha) => (nint)ElementwiseKernels.Unary(kind, alpha, typeof(T) == typeof(float) ? DType.Float32 : DType.Float64);

    private static void Check<T>(Func<int, UnaryKind, nint> kernel)
        where T : unmanaged, INumber<T>
    {
        double[] ranges = [1e-6, 1e-3, 1, 5, 40, 110, 760];
        T[] x =
        [
            .. s_special.Select(T.CreateSaturating),
            .. ranges.SelectMany((range, r) => Enumerable.Range(0, 4000).Select(i => T.CreateSaturating(TestNumbers.At(i, r) * range))),
        ];
        double tiny = typeof(T) == typeof(float) ? 1.2e-38 : 2.3e-308;
        foreach (int bits in new[] { 0, 128, 256, 512 })
        {
            if (bits > Isa.VectorBits) continue;
            foreach ((UnaryKind kind, Func<double, double> exact, double ulps) in s_functions)
            {
                T[] y = Run(x, kernel(bits, kind));
                for (int i = 0; i < x.Length; i++)
                {
                    double argument = double.CreateChecked(x[i]), expected = exact(argument), distance = TestNumbers.Ulps(y[i], expected);
                    // 0 stands for an exponential below the normal numbers, and nothing for a subnormal result of another kind
                    bool faded = argument < 0 && kind is UnaryKind.Exp or UnaryKind.Sigmoid or UnaryKind.Swish or UnaryKind.Softplus && Math.Abs(expected) < Math.Max(1, -argument) * tiny;
                    if (faded && y[i] == T.Zero) continue;
                    if (kind is UnaryKind.Exp or UnaryKind.Sigmoid && expected < 0.9 * tiny) Assert.Equal(T.Zero, y[i]);
                    Assert.True(distance <= ulps, $"{kind}({argument:R}) is {y[i]} at {bits} bits, expected {expected:R}: {distance} ulp.");
                    if (kind is UnaryKind.Tanh or UnaryKind.Floor && expected == 0)
                        Assert.Equal(double.IsNegative(expected), T.IsNegative(y[i]));
                }
            }
        }
    }

    private static nint Width<T>(int bits, UnaryKind kind)
        where T : unmanaged => bits switch
        {
            512 => Width<Simd512<T>, Vector512<T>, T>(kind),
            256 => Width<Simd256<T>, Vector256<T>, T>(kind),
            128 => Width<Simd128<T>, Vector128<T>, T>(kind),
            _ => Width<Simd1<T>, Lane<T>, T>(kind),
        };

    private static nint Width<TSimd, TVec, T>(UnaryKind kind)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged
    {
        delegate*<Row*, void> kernel = kind switch
        {
            UnaryKind.Exp => &UnaryLoop<UnaryOps.Exp, TSimd, TVec, T>.Run,
            UnaryKind.Log => &UnaryLoop<UnaryOps.Log, TSimd, TVec, T>.Run,
            UnaryKind.Tanh => &UnaryLoop<UnaryOps.Tanh, TSimd, TVec, T>.Run,
            UnaryKind.Sigmoid => &UnaryLoop<UnaryOps.Sigmoid, TSimd, TVec, T>.Run,
            UnaryKind.Swish => &UnaryLoop<UnaryOps.Swish, TSimd, TVec, T>.Run,
            UnaryKind.Softplus => &UnaryLoop<UnaryOps.Softplus, TSimd, TVec, T>.Run,
            _ => &UnaryLoop<UnaryOps.Floor, TSimd, TVec, T>.Run,
        };
        return (nint)kernel;
    }

    private static T[] Run<T>(T[] x, nint kernel)
        where T : unmanaged
    {
        var y = new T[x.Length];
        fixed (T* source = x, destination = y)
        {
            Row row = new() { A = (byte*)source, Y = (byte*)destination, N = x.Length };
            ((delegate*<Row*, void>)kernel)(&row);
        }
        return y;
    }

    private static double Sigmoid(double x) => x > 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    /// <summary>log(1 + e^x) without loss, by the correction of the rounding of 1 + e^-|x|.</summary>
    internal static double Softplus(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), sum = 1 + e;
        return Math.Max(x, 0) + (sum == 1 ? e : Math.Log(sum) * e / (sum - 1));
    }
}
