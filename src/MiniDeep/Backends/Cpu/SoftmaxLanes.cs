using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The functions of <see cref="SoftmaxLoop{TSimd, TVec, T}"/> for a few classes, which are the usual case: each lane takes a row of its own, so that no vector is
/// mostly padding and nothing is added up across lanes.
/// </summary>
internal static unsafe class SoftmaxLanes<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    /// <summary>The longest rows that are worth it.</summary>
    public const int MaxLength = 32;

    private static int BufferSize => MaxLength * TSimd.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Softmax(RowsJob* job, int first, int count)
    {
        T* e = stackalloc T[BufferSize];
        nint n = job->Length;
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            Load((T*)job->X + row * n, n, rows, e);
            TVec sum = Exponentials(e, n, e, out _);
            for (nint j = 0; j < n; j++) TSimd.Store(e + j * TSimd.Count, TSimd.Divide(TSimd.Load(e + j * TSimd.Count), sum));
            Store(e, n, rows, (T*)job->Y + row * n, false);
        }
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSoftmax(RowsJob* job, int first, int count)
    {
        T* x = stackalloc T[BufferSize];
        T* e = stackalloc T[BufferSize];
        nint n = job->Length;
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            Load((T*)job->X + row * n, n, rows, x);
            TVec logarithm = VectorMath<TSimd, TVec, T>.Log(Exponentials(x, n, e, out TVec max));
            for (nint j = 0; j < n; j++)
            {
                T* lanes = x + j * TSimd.Count;
                TSimd.Store(lanes, TSimd.Subtract(TSimd.Subtract(TSimd.Load(lanes), max), logarithm));
            }
            Store(x, n, rows, (T*)job->Y + row * n, false);
        }
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SoftmaxGradient(RowsJob* job, int first, int count)
    {
        T* y = stackalloc T[BufferSize];
        T* dy = stackalloc T[BufferSize];
        nint n = job->Length;
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            Load((T*)job->X + row * n, n, rows, y);
            Load((T*)job->Target + row * n, n, rows, dy);
            TVec sum = TSimd.Zero;
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) sum = TSimd.MultiplyAdd(TSimd.Load(y + j), TSimd.Load(dy + j), sum);
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count)
                TSimd.Store(dy + j, TSimd.Multiply(TSimd.Load(y + j), TSimd.Subtract(TSimd.Load(dy + j), sum)));
            Store(dy, n, rows, (T*)job->Y + row * n, job->Accumulate);
        }
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSoftmaxGradient(RowsJob* job, int first, int count)
    {
        T* y = stackalloc T[BufferSize];
        T* dy = stackalloc T[BufferSize];
        nint n = job->Length;
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            Load((T*)job->X + row * n, n, rows, y);
            Load((T*)job->Target + row * n, n, rows, dy);
            TVec sum = TSimd.Zero;
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) sum = TSimd.Add(TSimd.Load(dy + j), sum);
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count)
            {
                TVec p = VectorMath<TSimd, TVec, T>.Exp(TSimd.Load(y + j));
                TSimd.Store(dy + j, TSimd.Subtract(TSimd.Load(dy + j), TSimd.Multiply(p, sum)));
            }
            Store(dy, n, rows, (T*)job->Y + row * n, job->Accumulate);
        }
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseCrossEntropy(RowsJob* job, int first, int count)
    {
        T* e = stackalloc T[BufferSize];
        nint n = job->Length;
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            T* x = (T*)job->X + row * n;
            int* labels = (int*)job->Target + row;
            Load(x, n, rows, e);
            TVec wanted = TSimd.Zero;
            T* logits = Lanes<TSimd, TVec, T>.Address(ref wanted);
            for (nint r = 0; r < rows; r++) logits[r] = x[r * n + labels[r]];
            TVec sum = Exponentials(e, n, e, out TVec max);
            TVec losses = TSimd.Subtract(VectorMath<TSimd, TVec, T>.Log(sum), TSimd.Subtract(wanted, max));
            loss += SumOfFirst(losses, rows);
            if (job->Y == null) continue;
            T* gradient = (T*)job->Y + row * n;
            TVec factor = TSimd.Divide(scale, sum);
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) TSimd.Store(e + j, TSimd.Multiply(TSimd.Load(e + j), factor));
            Store(e, n, rows, gradient, false);
            for (nint r = 0; r < rows; r++)
            {
                T* own = gradient + r * n + labels[r];
                *own = Real<T>.Of(Real<T>.ToDouble(*own) - job->Scale);
            }
        }
        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double CrossEntropy(RowsJob* job, int first, int count)
    {
        T* x = stackalloc T[BufferSize];
        T* e = stackalloc T[BufferSize];
        T* target = stackalloc T[BufferSize];
        nint n = job->Length;
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        for (nint row = first, end = first + count; row < end; row += TSimd.Count)
        {
            nint rows = Math.Min(TSimd.Count, end - row);
            Load((T*)job->X + row * n, n, rows, x);
            Load((T*)job->Target + row * n, n, rows, target);
            TVec sum = Exponentials(x, n, e, out TVec max), logarithm = VectorMath<TSimd, TVec, T>.Log(sum);
            TVec weight = TSimd.Zero, losses = TSimd.Zero;
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count)
            {
                TVec t = TSimd.Load(target + j);
                weight = TSimd.Add(weight, t);
                TVec cost = TSimd.Multiply(t, TSimd.Subtract(logarithm, TSimd.Subtract(TSimd.Load(x + j), max)));
                // a class that isn't wanted costs nothing, even at a logit of -infinity
                losses = TSimd.Add(losses, TSimd.AndNot(cost, TSimd.Equal(t, TSimd.Zero)));
            }
            loss += SumOfFirst(losses, rows);
            if (job->Y == null) continue;
            TVec factor = TSimd.Divide(TSimd.Multiply(scale, weight), sum);
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count)
            {
                TVec pull = TSimd.Negate(TSimd.Multiply(scale, TSimd.Load(target + j)));
                TSimd.Store(e + j, TSimd.MultiplyAdd(TSimd.Load(e + j), factor, pull));
            }
            Store(e, n, rows, (T*)job->Y + row * n, false);
        }
        return loss;
    }

    /// <summary>e^(x - max) of each row to e, which may be x; their sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Exponentials(T* x, nint n, T* e, out TVec max)
    {
        TVec largest = TSimd.Broadcast(Real<T>.Of(double.NegativeInfinity)), sum = TSimd.Zero;
        for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) largest = TSimd.Max(TSimd.Load(x + j), largest);
        for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count)
        {
            TVec power = VectorMath<TSimd, TVec, T>.Exp(TSimd.Subtract(TSimd.Load(x + j), largest));
            TSimd.Store(e + j, power);
            sum = TSimd.Add(sum, power);
        }
        max = largest;
        return sum;
    }

    /// <summary>Rows of n elements to n vectors; lanes without a row get zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(T* x, nint n, nint rows, T* lanes)
    {
        if (rows < TSimd.Count)
        {
            for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) TSimd.Store(lanes + j, TSimd.Zero);
        }
        for (nint r = 0; r < rows; r++)
        {
            for (nint j = 0; j < n; j++) lanes[j * TSimd.Count + r] = *x++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* lanes, nint n, nint rows, T* y, bool accumulate)
    {
        for (nint r = 0; r < rows; r++)
        {
            for (nint j = 0; j < n; j++, y++)
            {
                T value = lanes[j * TSimd.Count + r];
                *y = accumulate ? Real<T>.Of(Real<T>.ToDouble(*y) + Real<T>.ToDouble(value)) : value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfFirst(TVec value, nint count)
    {
        T* lanes = Lanes<TSimd, TVec, T>.Address(ref value);
        double sum = 0;
        for (nint r = 0; r < count; r++) sum += Real<T>.ToDouble(lanes[r]);
        return sum;
    }
}
