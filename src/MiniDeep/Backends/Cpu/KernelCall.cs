using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>A kernel with its arguments, still open in the vectors that it runs on.</summary>
internal interface IKernelCall<T>
    where T : unmanaged
{
    void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged;
}

/// <summary>The one place where a kernel meets the machine's vectors.</summary>
internal static class KernelCall
{
    public static void Run<TCall, T>(ref TCall call)
        where TCall : struct, IKernelCall<T>
        where T : unmanaged
    {
        if (Isa.VectorBits == 512) call.Run<Simd512<T>, Vector512<T>>();
        else if (Isa.VectorBits == 256) call.Run<Simd256<T>, Vector256<T>>();
        else if (Isa.VectorBits == 128) call.Run<Simd128<T>, Vector128<T>>();
        else call.Run<Simd1<T>, Lane<T>>();
    }
}
