using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>What kernels do with parts of a vector: the first few lanes at the end of a row, the largest lane, lane by lane where there is no vector instruction.</summary>
internal static unsafe class Lanes<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Whether so many elements leave half of the widest vector idle: then narrow ones do, which are stored in a cycle and of which the units take two at a time.</summary>
    [MethodImpl(Inline)]
    public static bool HalfHolds(nint count) => typeof(TVec) == typeof(Vector512<T>) && count <= Vector256<T>.Count;

    /// <summary>The first <paramref name="count"/> elements (fewer than a vector's), the other lanes 0; memory behind them isn't touched.</summary>
    [MethodImpl(Inline)]
    public static TVec Load(T* source, nint count) => Load(source, count, TSimd.Zero);

    /// <summary>The same with the other lanes from a vector, which holds what the kernel can't notice.</summary>
    [MethodImpl(Inline)]
    public static TVec Load(T* source, nint count, TVec others)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
        {
            return Unsafe.BitCast<Vector512<float>, TVec>(
                Avx512F.MaskLoad((float*)source, FirstSingles(count), Unsafe.BitCast<TVec, Vector512<float>>(others)));
        }
        if (typeof(TVec) == typeof(Vector512<double>) && Avx512F.IsSupported)
        {
            return Unsafe.BitCast<Vector512<double>, TVec>(
                Avx512F.MaskLoad((double*)source, FirstDoubles(count), Unsafe.BitCast<TVec, Vector512<double>>(others)));
        }
        if (typeof(TVec) == typeof(Vector256<float>) && Avx512F.VL.IsSupported)
        {
            return Unsafe.BitCast<Vector256<float>, TVec>(
                Avx512F.VL.MaskLoad((float*)source, HalfSingles(count), Unsafe.BitCast<TVec, Vector256<float>>(others)));
        }
        if (typeof(TVec) == typeof(Vector256<double>) && Avx512F.VL.IsSupported)
        {
            return Unsafe.BitCast<Vector256<double>, TVec>(
                Avx512F.VL.MaskLoad((double*)source, HalfDoubles(count), Unsafe.BitCast<TVec, Vector256<double>>(others)));
        }
        if (typeof(TVec) == typeof(Vector256<float>) && Avx.IsSupported)
        {
            Vector256<float> mask = HalfSingles(count);
            return Unsafe.BitCast<Vector256<float>, TVec>(Vector256.ConditionalSelect(mask, Avx.MaskLoad((float*)source, mask), Unsafe.BitCast<TVec, Vector256<float>>(others)));
        }
        if (typeof(TVec) == typeof(Vector256<double>) && Avx.IsSupported)
        {
            Vector256<double> mask = HalfDoubles(count);
            return Unsafe.BitCast<Vector256<double>, TVec>(Vector256.ConditionalSelect(mask, Avx.MaskLoad((double*)source, mask), Unsafe.BitCast<TVec, Vector256<double>>(others)));
        }
        TVec value = others;
        T* lanes = Address(ref value);
        for (nint i = 0; i < count; i++) lanes[i] = source[i];
        return value;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes and nothing else.</summary>
    [MethodImpl(Inline)]
    public static void Store(T* destination, nint count, TVec value)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
        {
            Avx512F.MaskStore((float*)destination, FirstSingles(count), Unsafe.BitCast<TVec, Vector512<float>>(value));
            return;
        }
        if (typeof(TVec) == typeof(Vector512<double>) && Avx512F.IsSupported)
        {
            Avx512F.MaskStore((double*)destination, FirstDoubles(count), Unsafe.BitCast<TVec, Vector512<double>>(value));
            return;
        }
        if (typeof(TVec) == typeof(Vector256<float>) && Avx512F.VL.IsSupported)
        {
            Avx512F.VL.MaskStore((float*)destination, HalfSingles(count), Unsafe.BitCast<TVec, Vector256<float>>(value));
            return;
        }
        if (typeof(TVec) == typeof(Vector256<double>) && Avx512F.VL.IsSupported)
        {
            Avx512F.VL.MaskStore((double*)destination, HalfDoubles(count), Unsafe.BitCast<TVec, Vector256<double>>(value));
            return;
        }
        if (typeof(TVec) == typeof(Vector256<float>) && Avx.IsSupported)
        {
            Avx.MaskStore((float*)destination, HalfSingles(count), Unsafe.BitCast<TVec, Vector256<float>>(value));
            return;
        }
        if (typeof(TVec) == typeof(Vector256<double>) && Avx.IsSupported)
        {
            Avx.MaskStore((double*)destination, HalfDoubles(count), Unsafe.BitCast<TVec, Vector256<double>>(value));
            return;
        }
        T* lanes = Address(ref value);
        for (nint i = 0; i < count; i++) destination[i] = lanes[i];
    }

    /// <summary>The first <paramref name="count"/> lanes, the others 0.</summary>
    [MethodImpl(Inline)]
    public static TVec KeepFirst(TVec value, nint count)
    {
        if (typeof(TVec) == typeof(Vector512<float>)) return TSimd.And(value, Unsafe.BitCast<Vector512<float>, TVec>(FirstSingles(count)));
        if (typeof(TVec) == typeof(Vector512<double>)) return TSimd.And(value, Unsafe.BitCast<Vector512<double>, TVec>(FirstDoubles(count)));
        if (typeof(TVec) == typeof(Vector256<float>)) return TSimd.And(value, Unsafe.BitCast<Vector256<float>, TVec>(HalfSingles(count)));
        if (typeof(TVec) == typeof(Vector256<double>)) return TSimd.And(value, Unsafe.BitCast<Vector256<double>, TVec>(HalfDoubles(count)));
        T* lanes = Address(ref value);
        for (nint i = count; i < TSimd.Count; i++) lanes[i] = default;
        return value;
    }

    /// <summary>A function of one number and a constant, in double, lane by lane.</summary>
    [MethodImpl(Inline)]
    public static TVec Map<TFunction>(TVec x, TVec y)
        where TFunction : struct, IScalarFunction
    {
        T* first = Address(ref x);
        T* second = Address(ref y);
        for (int i = 0; i < TSimd.Count; i++) first[i] = Real<T>.Of(TFunction.Invoke(Real<T>.ToDouble(first[i]), Real<T>.ToDouble(second[i])));
        return x;
    }

    /// <summary>The largest lane; lanes are no NaN.</summary>
    [MethodImpl(Inline)]
    public static T Largest(TVec value)
    {
        T* lanes = Address(ref value);
        double largest = Real<T>.ToDouble(lanes[0]);
        for (int i = 1; i < TSimd.Count; i++) largest = Math.Max(largest, Real<T>.ToDouble(lanes[i]));
        return Real<T>.Of(largest);
    }

    /// <summary>Where a local vector lies: on the stack, so it stays there.</summary>
    [MethodImpl(Inline)]
    public static T* Address(ref TVec value) => (T*)Unsafe.AsPointer(ref value);

    [MethodImpl(Inline)]
    private static Vector512<float> FirstSingles(nint count)
        => Vector512.GreaterThan(Vector512.Create((int)count), Vector512<int>.Indices).AsSingle();

    [MethodImpl(Inline)]
    private static Vector256<float> HalfSingles(nint count)
        => Vector256.GreaterThan(Vector256.Create((int)count), Vector256<int>.Indices).AsSingle();

    [MethodImpl(Inline)]
    private static Vector256<double> HalfDoubles(nint count)
        => Vector256.GreaterThan(Vector256.Create((long)count), Vector256<long>.Indices).AsDouble();

    [MethodImpl(Inline)]
    private static Vector512<double> FirstDoubles(nint count)
        => Vector512.GreaterThan(Vector512.Create((long)count), Vector512<long>.Indices).AsDouble();
}

/// <summary>A function without a vector instruction.</summary>
internal interface IScalarFunction
{
    static abstract double Invoke(double x, double y);
}
