using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>The transpose of 8 x 8 floats or 4 x 4 doubles in 256-bit registers: half as many shuffles and stores an element as with 128 bits.</summary>
internal static unsafe class Block8
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static bool IsSupported { [MethodImpl(Inline)] get => Avx.IsSupported; }

    /// <summary>Rows and columns of a block.</summary>
    [MethodImpl(Inline)]
    public static int Size<T>()
        where T : unmanaged => 32 / sizeof(T);

    [MethodImpl(Inline)]
    public static void Transpose<T>(T* source, nint sourceRow, T* destination, nint destinationRow)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
        {
            Half((float*)source, sourceRow, (float*)destination, destinationRow);
            Half((float*)source + 4, sourceRow, (float*)destination + 4 * destinationRow, destinationRow);
        }
        else
        {
            Half((double*)source, sourceRow, (double*)destination, destinationRow);
            Half((double*)source + 2, sourceRow, (double*)destination + 2 * destinationRow, destinationRow);
        }
    }

    /// <summary>8 rows by 4 columns; rows 4 to 7 are loaded into the upper halves, so that every shuffle stays within its half.</summary>
    [MethodImpl(Inline)]
    private static void Half(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        float* low = source + 4 * sourceRow;
        Vector256<float> a = Pair(source, low), b = Pair(source + sourceRow, low + sourceRow);
        source += 2 * sourceRow;
        low += 2 * sourceRow;
        Vector256<float> c = Pair(source, low), d = Pair(source + sourceRow, low + sourceRow);
        Vector256<double> ab = Avx.UnpackLow(a, b).AsDouble(), cd = Avx.UnpackLow(c, d).AsDouble();
        Vector256<double> abHigh = Avx.UnpackHigh(a, b).AsDouble(), cdHigh = Avx.UnpackHigh(c, d).AsDouble();
        Avx.UnpackLow(ab, cd).AsSingle().Store(destination);
        Avx.UnpackHigh(ab, cd).AsSingle().Store(destination + destinationRow);
        destination += 2 * destinationRow;
        Avx.UnpackLow(abHigh, cdHigh).AsSingle().Store(destination);
        Avx.UnpackHigh(abHigh, cdHigh).AsSingle().Store(destination + destinationRow);
    }

    /// <summary>4 rows by 2 columns.</summary>
    [MethodImpl(Inline)]
    private static void Half(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        double* low = source + 2 * sourceRow;
        Vector256<double> a = Pair(source, low), b = Pair(source + sourceRow, low + sourceRow);
        Avx.UnpackLow(a, b).Store(destination);
        Avx.UnpackHigh(a, b).Store(destination + destinationRow);
    }

    [MethodImpl(Inline)]
    private static Vector256<float> Pair(float* low, float* high) => Vector256.Create(Vector128.Load(low), Vector128.Load(high));

    [MethodImpl(Inline)]
    private static Vector256<double> Pair(double* low, double* high) => Vector256.Create(Vector128.Load(low), Vector128.Load(high));
}
