using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>Small whole numbers between float lanes and bytes: the places of max-pool winners.</summary>
internal static unsafe class ByteLanes<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    public static void Store(byte* destination, TVec value)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32Native(Unsafe.BitCast<TVec, Vector512<float>>(value))).Store(destination);
        }
        else if (typeof(TVec) == typeof(Vector512<double>))
        {
            Vector512<double> v = Unsafe.BitCast<TVec, Vector512<double>>(value);
            *(long*)destination = Narrow(Vector256.Narrow(v.GetLower(), v.GetUpper())).AsInt64().ToScalar();
        }
        else if (typeof(TVec) == typeof(Vector256<float>))
        {
            *(long*)destination = Narrow(Unsafe.BitCast<TVec, Vector256<float>>(value)).AsInt64().ToScalar();
        }
        else if (typeof(TVec) == typeof(Vector256<double>))
        {
            Vector256<double> v = Unsafe.BitCast<TVec, Vector256<double>>(value);
            *(int*)destination = Narrow(Vector128.Narrow(v.GetLower(), v.GetUpper())).AsInt32().ToScalar();
        }
        else if (typeof(TVec) == typeof(Vector128<float>))
        {
            *(int*)destination = Narrow(Unsafe.BitCast<TVec, Vector128<float>>(value)).AsInt32().ToScalar();
        }
        else
        {
            T* lanes = stackalloc T[16];
            TSimd.Store(lanes, value);
            for (int i = 0; i < TSimd.Count; i++) destination[i] = (byte)Real<T>.ToDouble(lanes[i]);
        }
    }

    [MethodImpl(Inline)]
    public static TVec Load(byte* source)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
        {
            return Unsafe.BitCast<Vector512<float>, TVec>(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source))));
        }
        if (typeof(TVec) == typeof(Vector512<double>) && Avx512F.IsSupported)
        {
            Vector256<int> wide = Avx2.ConvertToVector256Int32(Vector128.CreateScalar(*(long*)source).AsByte());
            return Unsafe.BitCast<Vector512<double>, TVec>(Avx512F.ConvertToVector512Double(wide));
        }
        if (typeof(TVec) == typeof(Vector256<float>) && Avx2.IsSupported)
        {
            return Unsafe.BitCast<Vector256<float>, TVec>(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source)));
        }
        if (typeof(TVec) == typeof(Vector128<float>))
        {
            Vector128<uint> wide = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)source).AsByte()));
            return Unsafe.BitCast<Vector128<float>, TVec>(Vector128.ConvertToSingle(wide.AsInt32()));
        }
        T* lanes = stackalloc T[16];
        for (int i = 0; i < TSimd.Count; i++) lanes[i] = Real<T>.Of(source[i]);
        return TSimd.Load(lanes);
    }

    /// <summary>Of each byte, which is below 16, the lowest two bits, or the next two in the lanes whose bits are set.</summary>
    [MethodImpl(Inline)]
    public static void TakeField(byte* bytes, TVec upper)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
        {
            Vector128<byte> all = Vector128.Load(bytes), mask = Avx512F.ConvertToVector128SByte(Unsafe.BitCast<TVec, Vector512<int>>(upper)).AsByte();
            // bytes below 16: no bit comes over from a neighbour
            (Vector128.ConditionalSelect(mask, (all.AsUInt16() >>> 2).AsByte(), all) & Vector128.Create((byte)3)).Store(bytes);
            return;
        }
        // n / 4 without its remainder: n / 4 - 3 / 8 is never half way between two integers
        TVec number = Load(bytes), next = TSimd.Round(TSimd.MultiplyAdd(number, TSimd.Broadcast(Real<T>.Of(0.25)), TSimd.Broadcast(Real<T>.Of(-0.375))));
        Store(bytes, TSimd.Select(upper, next, TSimd.MultiplyAdd(next, TSimd.Broadcast(Real<T>.Of(-4)), number)));
    }

    [MethodImpl(Inline)]
    private static Vector128<byte> Narrow(Vector256<float> value)
    {
        Vector256<int> v = Vector256.ConvertToInt32Native(value);
        Vector128<ushort> half = Vector128.Narrow(v.GetLower().AsUInt32(), v.GetUpper().AsUInt32());
        return Vector128.Narrow(half, half);
    }

    [MethodImpl(Inline)]
    private static Vector128<byte> Narrow(Vector128<float> value)
    {
        Vector128<uint> v = Vector128.ConvertToInt32Native(value).AsUInt32();
        Vector128<ushort> half = Vector128.Narrow(v, v);
        return Vector128.Narrow(half, half);
    }
}
