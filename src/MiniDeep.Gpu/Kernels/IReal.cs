using System.Numerics;
using ILGPU;
using ILGPU.Algorithms;

namespace MiniDeep;

/// <summary>
/// What a kernel needs to know about its float type. Exponentials and the rest are written in <see cref="RealMath"/> from these, because the devices' own
/// are approximations of a few thousandths of a percent (CUDA's float exp and tanh) or slow (its double exp).
/// </summary>
internal interface IReal<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Whether the type has 53 bits, not 24.</summary>
    static abstract bool IsDouble { get; }

    /// <summary>The nearest number of the type.</summary>
    static abstract T Of(double value);

    static abstract double ToDouble(T x);

    /// <summary>A whole number.</summary>
    static abstract T FromInt(int value);

    /// <summary>Towards 0; for numbers that fit.</summary>
    static abstract int ToInt(T x);

    static abstract T Sqrt(T x);

    static abstract T Floor(T x);

    /// <summary>2^n for a normal result.</summary>
    static abstract T PowerOfTwo(int n);

    /// <summary>e with x = m 2^e and m in [1, 2), for a normal x > 0.</summary>
    static abstract int Exponent(T x);
}

internal readonly struct Real32 : IReal<float>
{
    public static bool IsDouble => false;

    public static float Of(double value) => (float)value;

    public static double ToDouble(float x) => x;

    public static float FromInt(int value) => value;

    public static int ToInt(float x) => (int)x;

    public static float Sqrt(float x) => XMath.Sqrt(x);

    public static float Floor(float x) => XMath.Floor(x);

    public static float PowerOfTwo(int n) => Interop.IntAsFloat((uint)(n + 127) << 23);

    public static int Exponent(float x) => (int)(Interop.FloatAsInt(x) >> 23) - 127;
}

internal readonly struct Real64 : IReal<double>
{
    public static bool IsDouble => true;

    public static double Of(double value) => value;

    public static double ToDouble(double x) => x;

    public static double FromInt(int value) => value;

    public static int ToInt(double x) => (int)x;

    public static double Sqrt(double x) => XMath.Sqrt(x);

    public static double Floor(double x) => XMath.Floor(x);

    public static double PowerOfTwo(int n) => Interop.IntAsFloat((ulong)(n + 1023) << 52);

    public static int Exponent(double x) => (int)(Interop.FloatAsInt(x) >> 52) - 1023;
}
