using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The position of the first largest or smallest element; the first NaN, if there is one.</summary>
internal static unsafe class ArgReduceLoop<T>
    where T : unmanaged, INumber<T>
{
    public static void Largest(ReducePlan* plan, long start, int count) => Run(plan, start, count, largest: true);

    public static void Smallest(ReducePlan* plan, long start, int count) => Run(plan, start, count, largest: false);

    [MethodImpl(JitOptions.Kernel)]
    private static void Run(ReducePlan* plan, long start, int count, bool largest)
    {
        nint length = 1, stride = 0;
        if (plan->ReducedRank > 0)
        {
            length = plan->ReducedSizes[0];
            stride = plan->ReducedX[0];
        }
        for (long result = start; result < start + count; result++)
        {
            plan->Locate(result, 0, out nint offsetX, out nint offsetY);
            T* x = (T*)plan->X + offsetX;
            ((long*)plan->Y)[offsetY] = length == 0 ? 0 : Position(x, length, stride, largest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Position(T* x, nint length, nint stride, bool largest)
    {
        nint best = 0;
        T bestValue = *x;
        for (nint i = 1; i < length; i++)
        {
            if (T.IsNaN(bestValue)) break;
            x += stride;
            T value = *x;
            if ((largest ? value > bestValue : value < bestValue) || T.IsNaN(value))
            {
                best = i;
                bestValue = value;
            }
        }
        return best;
    }
}
