using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>The transpose of 4 x 4 elements in 128-bit registers.</summary>
internal static unsafe class Block4
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    public static bool Supports<T>()
        where T : unmanaged => sizeof(T) == 4 ? Sse.IsSupported || AdvSimd.Arm64.IsSupported : Vector128.IsHardwareAccelerated;

    [MethodImpl(Inline)]
    public static void Transpose<T>(T* source, nint sourceRow, T* destination, nint destinationRow)
        where T : unmanaged
    {
        if (sizeof(T) == 4) Transpose((float*)source, sourceRow, (float*)destination, destinationRow);
        else Transpose((double*)source, sourceRow, (double*)destination, destinationRow);
    }

    [MethodImpl(Inline)]
    private static void Transpose(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + sourceRow);
        Vector128<float> c = Vector128.Load(source + 2 * sourceRow), d = Vector128.Load(source + 3 * sourceRow);
        Vector128<double> ab = ZipLow(a, b).AsDouble(), cd = ZipLow(c, d).AsDouble();
        Vector128<double> abHigh = ZipHigh(a, b).AsDouble(), cdHigh = ZipHigh(c, d).AsDouble();
        ZipLow(ab, cd).AsSingle().Store(destination);
        ZipHigh(ab, cd).AsSingle().Store(destination + destinationRow);
        ZipLow(abHigh, cdHigh).AsSingle().Store(destination + 2 * destinationRow);
        ZipHigh(abHigh, cdHigh).AsSingle().Store(destination + 3 * destinationRow);
    }

    [MethodImpl(Inline)]
    private static void Transpose(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (int half = 0; half < 4; half += 2)
        {
            Vector128<double> a = Vector128.Load(source + half), b = Vector128.Load(source + sourceRow + half);
            Vector128<double> c = Vector128.Load(source + 2 * sourceRow + half), d = Vector128.Load(source + 3 * sourceRow + half);
            ZipLow(a, b).Store(destination);
            ZipLow(c, d).Store(destination + 2);
            ZipHigh(a, b).Store(destination + destinationRow);
            ZipHigh(c, d).Store(destination + destinationRow + 2);
            destination += 2 * destinationRow;
        }
    }

    [MethodImpl(Inline)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b)
        => Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(Inline)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b)
        => Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);

    [MethodImpl(Inline)]
    private static Vector128<double> ZipLow(Vector128<double> a, Vector128<double> b) => Vector128.Create(a.GetElement(0), b.GetElement(0));

    [MethodImpl(Inline)]
    private static Vector128<double> ZipHigh(Vector128<double> a, Vector128<double> b) => Vector128.Create(a.GetElement(1), b.GetElement(1));
}
