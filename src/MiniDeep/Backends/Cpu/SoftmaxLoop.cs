using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Softmax, its gradient and the losses on top of it, row by row: e^(x - max) is between 0 and 1, and at least one of them is 1.</summary>
internal static unsafe class SoftmaxLoop<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    /// <summary>Elements that are added up in the float type itself, 32 to a lane; sums of blocks are added in double.</summary>
    private static int BlockSize => 32 * TSimd.Count;

    [MethodImpl(JitOptions.Kernel)]
    public static double Softmax(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        for (nint row = first; row < first + count; row++)
        {
            T* x = (T*)job->X + row * n;
            T* y = (T*)job->Y + row * n;
            double sum = ExpSum(x, Largest(x, n), y, n);
            Scale(y, n, 1 / sum);
        }
        return 0;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double LogSoftmax(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        for (nint row = first; row < first + count; row++)
        {
            T* x = (T*)job->X + row * n;
            T* y = (T*)job->Y + row * n;
            T max = Largest(x, n);
            TVec largest = TSimd.Broadcast(max), logarithm = TSimd.Broadcast(Real<T>.Of(Math.Log(ExpSum(x, max, null, n))));
            nint i = 0;
            for (; i <= n - TSimd.Count; i += TSimd.Count)
                TSimd.Store(y + i, TSimd.Subtract(TSimd.Subtract(TSimd.Load(x + i), largest), logarithm));
            if (i < n)
            {
                TVec rest = Lanes<TSimd, TVec, T>.Load(x + i, n - i);
                Lanes<TSimd, TVec, T>.Store(y + i, n - i, TSimd.Subtract(TSimd.Subtract(rest, largest), logarithm));
            }
        }
        return 0;
    }

    /// <summary>dx = y (dy - sum(y dy)); X is y, Target dy.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double SoftmaxGradient(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        for (nint row = first; row < first + count; row++)
        {
            T* y = (T*)job->X + row * n;
            T* dy = (T*)job->Target + row * n;
            T* dx = (T*)job->Y + row * n;
            TVec sum = TSimd.Broadcast(Real<T>.Of(Dot(y, dy, n)));
            for (nint i = 0; i < n; i += TSimd.Count)
            {
                nint lanes = Math.Min(n - i, TSimd.Count);
                TVec value = VectorMath<TSimd, TVec, T>.Product(LoadSome(y + i, lanes), TSimd.Subtract(LoadSome(dy + i, lanes), sum));
                if (job->Accumulate) value = TSimd.Add(LoadSome(dx + i, lanes), value);
                StoreSome(dx + i, lanes, value);
            }
        }
        return 0;
    }

    /// <summary>dx = dy - e^y sum(dy); X is y, Target dy.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double LogSoftmaxGradient(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        for (nint row = first; row < first + count; row++)
        {
            T* y = (T*)job->X + row * n;
            T* dy = (T*)job->Target + row * n;
            T* dx = (T*)job->Y + row * n;
            TVec sum = TSimd.Broadcast(Real<T>.Of(ReduceLoop<ReduceOps.Sum, TSimd, TVec, T>.Contiguous(dy, n)));
            for (nint i = 0; i < n; i += TSimd.Count)
            {
                nint lanes = Math.Min(n - i, TSimd.Count);
                TVec p = VectorMath<TSimd, TVec, T>.Exp(LoadSome(y + i, lanes));
                TVec value = TSimd.MultiplyAdd(TSimd.Negate(p), sum, LoadSome(dy + i, lanes));
                if (job->Accumulate) value = TSimd.Add(LoadSome(dx + i, lanes), value);
                StoreSome(dx + i, lanes, value);
            }
        }
        return 0;
    }

    /// <summary>The rows' sum of log(sum(e^x)) - x[label]; the gradient scale (p - one-hot) to Y, if any.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double SparseCrossEntropy(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        double loss = 0;
        for (nint row = first; row < first + count; row++)
        {
            T* x = (T*)job->X + row * n;
            T* gradient = job->Y == null ? null : (T*)job->Y + row * n;
            int label = ((int*)job->Target)[row];
            T max = Largest(x, n);
            double logit = Real<T>.ToDouble(x[label]) - Real<T>.ToDouble(max);
            double sum = ExpSum(x, max, gradient, n);
            loss += Math.Log(sum) - logit;
            if (gradient == null) continue;
            // p - 1 before it is scaled and rounded: a sure and right prediction has a gradient near 0, not a rounding error of the scale
            double winner = Real<T>.ToDouble(gradient[label]) / sum - 1;
            Scale(gradient, n, job->Scale / sum);
            gradient[label] = Real<T>.Of(job->Scale * winner);
        }
        return loss;
    }

    /// <summary>The rows' sum of t (log(sum(e^x)) - x); the gradient scale (p sum(t) - t) to Y, if any.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double CrossEntropy(RowsJob* job, int first, int count)
    {
        nint n = job->Length;
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        for (nint row = first; row < first + count; row++)
        {
            T* x = (T*)job->X + row * n;
            T* target = (T*)job->Target + row * n;
            T* gradient = job->Y == null ? null : (T*)job->Y + row * n;
            T max = Largest(x, n);
            double sum = ExpSum(x, max, gradient, n), logarithm = Math.Log(sum), weight = 0;
            for (nint i = 0; i < n; i++)
            {
                double t = Real<T>.ToDouble(target[i]);
                weight += t;
                // a class that isn't wanted costs nothing, even at a logit of -infinity
                if (t != 0) loss += t * (logarithm - (Real<T>.ToDouble(x[i]) - Real<T>.ToDouble(max)));
            }
            if (gradient == null) continue;
            // scaled last: a prediction that is its target gets a gradient of 0, not the difference of two roundings
            TVec factor = TSimd.Broadcast(Real<T>.Of(weight / sum));
            for (nint i = 0; i < n; i += TSimd.Count)
            {
                nint lanes = Math.Min(n - i, TSimd.Count);
                TVec difference = TSimd.MultiplyAdd(LoadSome(gradient + i, lanes), factor, TSimd.Negate(LoadSome(target + i, lanes)));
                StoreSome(gradient + i, lanes, VectorMath<TSimd, TVec, T>.Product(difference, scale));
            }
        }
        return loss;
    }

    /// <summary>
    /// The sum of max(x, 0) - x t + log(1 + e^-|x|) over elements (rows of length 1); the gradient scale (sigmoid(x) - t) to Y, if any.
    /// </summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double SigmoidCrossEntropy(RowsJob* job, int first, int count)
    {
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        T* x = (T*)job->X + first;
        T* target = (T*)job->Target + first;
        T* gradient = job->Y == null ? null : (T*)job->Y + first;
        for (nint start = 0; start < count; start += BlockSize)
        {
            nint end = Math.Min(count, start + BlockSize);
            TVec sum = TSimd.Zero;
            for (nint i = start; i < end; i += TSimd.Count)
            {
                nint lanes = Math.Min(end - i, TSimd.Count);
                TVec logit = LoadSome(x + i, lanes), t = LoadSome(target + i, lanes);
                TVec value = TSimd.Subtract(VectorMath<TSimd, TVec, T>.Softplus(logit), TSimd.Multiply(logit, t));
                // the padding has a loss too
                if (lanes < TSimd.Count) value = Lanes<TSimd, TVec, T>.KeepFirst(value, lanes);
                sum = TSimd.Add(sum, value);
                if (gradient == null) continue;
                StoreSome(gradient + i, lanes, VectorMath<TSimd, TVec, T>.Product(scale, TSimd.Subtract(VectorMath<TSimd, TVec, T>.Sigmoid(logit), t)));
            }
            loss += Real<T>.ToDouble(TSimd.Sum(sum));
        }
        return loss;
    }

    [MethodImpl(JitOptions.Kernel)]
    private static T Largest(T* x, nint n)
    {
        TVec lowest = TSimd.Broadcast(Real<T>.Of(double.NegativeInfinity)), largest = lowest;
        nint i = 0;
        for (; i <= n - TSimd.Count; i += TSimd.Count) largest = TSimd.Max(TSimd.Load(x + i), largest);
        if (i < n) largest = TSimd.Max(Lanes<TSimd, TVec, T>.Load(x + i, n - i, lowest), largest);
        return Lanes<TSimd, TVec, T>.Largest(largest);
    }

    /// <summary>sum(e^(x - max)); the terms to y, if any.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static double ExpSum(T* x, T max, T* y, nint n)
    {
        TVec largest = TSimd.Broadcast(max), lowest = TSimd.Broadcast(Real<T>.Of(double.NegativeInfinity));
        double total = 0;
        for (nint start = 0; start < n; start += BlockSize)
        {
            nint end = Math.Min(n, start + BlockSize);
            TVec sum = TSimd.Zero;
            for (nint i = start; i < end; i += TSimd.Count)
            {
                nint lanes = Math.Min(end - i, TSimd.Count);
                TVec part = lanes == TSimd.Count ? TSimd.Load(x + i) : Lanes<TSimd, TVec, T>.Load(x + i, lanes, lowest);
                TVec e = VectorMath<TSimd, TVec, T>.Exp(TSimd.Subtract(part, largest));
                if (y != null) StoreSome(y + i, lanes, e);
                sum = TSimd.Add(sum, e);
            }
            total += Real<T>.ToDouble(TSimd.Sum(sum));
        }
        return total;
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Scale(T* y, nint n, double factor)
    {
        TVec vector = TSimd.Broadcast(Real<T>.Of(factor));
        for (nint i = 0; i < n; i += TSimd.Count)
        {
            nint lanes = Math.Min(n - i, TSimd.Count);
            StoreSome(y + i, lanes, VectorMath<TSimd, TVec, T>.Product(LoadSome(y + i, lanes), vector));
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static double Dot(T* a, T* b, nint n)
    {
        double total = 0;
        for (nint start = 0; start < n; start += BlockSize)
        {
            nint end = Math.Min(n, start + BlockSize);
            TVec sum = TSimd.Zero;
            for (nint i = start; i < end; i += TSimd.Count)
            {
                nint lanes = Math.Min(end - i, TSimd.Count);
                sum = TSimd.MultiplyAdd(LoadSome(a + i, lanes), LoadSome(b + i, lanes), sum);
            }
            total += Real<T>.ToDouble(TSimd.Sum(sum));
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec LoadSome(T* source, nint lanes) => lanes == TSimd.Count ? TSimd.Load(source) : Lanes<TSimd, TVec, T>.Load(source, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSome(T* destination, nint lanes, TVec value)
    {
        if (lanes == TSimd.Count) TSimd.Store(destination, value);
        else Lanes<TSimd, TVec, T>.Store(destination, lanes, value);
    }
}
