using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>One parameter's update: pointers, and the rule's numbers of this step.</summary>
internal unsafe struct UpdateJob : IChunkedWork
{
    /// <summary>Elements in a chunk.</summary>
    public const int ChunkSize = 16 * 1024;

    public delegate*<UpdateJob*, void> Kernel;
    public byte* Weights, Gradient, State0, State1;
    public int Count, ElementSize;

    /// <summary>The learning rate (Adam: with the correction of both moments in it).</summary>
    public double Rate;

    /// <summary>mu; Adam: 1 - beta1.</summary>
    public double First;

    /// <summary>Adam: 1 - beta2.</summary>
    public double Second;
    public double Epsilon;

    public void Run()
    {
        if (Count > ChunkSize)
        {
            ThreadTeam.Run(ref this, (Count + ChunkSize - 1) / ChunkSize);
        }
        else
        {
            UpdateJob job = this;
            Kernel(&job);
        }
    }

    public readonly void Execute(int chunk)
    {
        UpdateJob part = this;
        int first = chunk * ChunkSize;
        nint offset = (nint)first * ElementSize;
        part.Count = Math.Min(ChunkSize, Count - first);
        part.Weights += offset;
        part.Gradient += offset;
        part.State0 += offset;
        part.State1 += offset;
        Kernel(&part);
    }
}

/// <summary>A rule of <see cref="UpdateKind"/> on vectors.</summary>
internal interface IUpdateRule
{
    /// <summary>How many state buffers it has.</summary>
    static abstract int States { get; }

    /// <summary>The new weights; the states are replaced.</summary>
    static abstract TVec Invoke<TSimd, TVec, T>(TVec w, TVec g, ref TVec state0, ref TVec state1, TVec rate, TVec first, TVec second, TVec epsilon)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged;
}

/// <summary>The rules of <see cref="UpdateKind"/>.</summary>
internal static class UpdateRules
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public readonly struct Sgd : IUpdateRule
    {
        public static int States => 0;

        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec w, TVec g, ref TVec state0, ref TVec state1, TVec rate, TVec first, TVec second, TVec epsilon)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Subtract(w, VectorMath<TSimd, TVec, T>.Product(rate, g));
    }

    public readonly struct Momentum : IUpdateRule
    {
        public static int States => 1;

        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec w, TVec g, ref TVec state0, ref TVec state1, TVec rate, TVec first, TVec second, TVec epsilon)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
        {
            // the same product and sum as SGD's, so that no momentum is SGD to the last bit
            state0 = FlushTiny<TSimd, TVec, T>(TSimd.Subtract(TSimd.Multiply(first, state0), VectorMath<TSimd, TVec, T>.Product(rate, g)), out _);
            return TSimd.Add(w, state0);
        }
    }

    public readonly struct Nesterov : IUpdateRule
    {
        public static int States => 1;

        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec w, TVec g, ref TVec state0, ref TVec state1, TVec rate, TVec first, TVec second, TVec epsilon)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
        {
            TVec step = VectorMath<TSimd, TVec, T>.Product(rate, g);
            state0 = FlushTiny<TSimd, TVec, T>(TSimd.Subtract(TSimd.Multiply(first, state0), step), out _);
            return TSimd.Add(w, TSimd.Subtract(TSimd.Multiply(first, state0), step));
        }
    }

    public readonly struct Adam : IUpdateRule
    {
        public static int States => 2;

        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec w, TVec g, ref TVec state0, ref TVec state1, TVec rate, TVec first, TVec second, TVec epsilon)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
        {
            TVec m = TSimd.MultiplyAdd(TSimd.Subtract(g, state0), first, state0);
            TVec v = TSimd.MultiplyAdd(TSimd.MultiplyAdd(g, g, TSimd.Negate(state1)), second, state1);
            m = FlushTiny<TSimd, TVec, T>(m, out TVec still);
            // v only fades where m is gone: there it acts on nothing, and would otherwise end as a slow subnormal
            TVec faded = TSimd.And(still, TSimd.GreaterThan(TSimd.Broadcast(Real<T>.Of(Real<T>.IsSingle ? 1e-35 : 1e-300)), v));
            v = TSimd.Select(faded, TSimd.Zero, TSimd.Max(TSimd.Broadcast(Real<T>.Of(Real<T>.IsSingle ? 1.17549435e-38 : 2.2250738585072014e-308)), v));
            state0 = m;
            state1 = v;
            return TSimd.Subtract(w, TSimd.Divide(TSimd.Multiply(m, rate), TSimd.Add(TSimd.Sqrt(v), epsilon)));
        }
    }

    /// <summary>
    /// A decaying state of a weight whose gradient stays 0 becomes subnormal after some hundred steps, and then every step takes three times as long, for good.
    /// </summary>
    [MethodImpl(Inline)]
    private static TVec FlushTiny<TSimd, TVec, T>(TVec state, out TVec tiny)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged
    {
        tiny = TSimd.GreaterThan(TSimd.Broadcast(Real<T>.Of(Real<T>.IsSingle ? 1e-30 : 1e-290)), TSimd.Abs(state));
        return TSimd.Select(tiny, TSimd.Zero, state);
    }
}

/// <summary>One pass over weights, gradient and states.</summary>
internal static unsafe class UpdateLoop<TRule, TSimd, TVec, T>
    where TRule : struct, IUpdateRule
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(UpdateJob* job)
    {
        T* w = (T*)job->Weights;
        T* g = (T*)job->Gradient;
        T* s0 = (T*)job->State0;
        T* s1 = (T*)job->State1;
        nint n = job->Count, i = 0;
        TVec rate = TSimd.Broadcast(Real<T>.Of(job->Rate)), first = TSimd.Broadcast(Real<T>.Of(job->First));
        TVec second = TSimd.Broadcast(Real<T>.Of(job->Second)), epsilon = TSimd.Broadcast(Real<T>.Of(job->Epsilon));
        for (; i <= n - TSimd.Count; i += TSimd.Count)
        {
            TVec state0 = TRule.States > 0 ? TSimd.Load(s0 + i) : default;
            TVec state1 = TRule.States > 1 ? TSimd.Load(s1 + i) : default;
            TSimd.Store(w + i, TRule.Invoke<TSimd, TVec, T>(TSimd.Load(w + i), TSimd.Load(g + i), ref state0, ref state1, rate, first, second, epsilon));
            if (TRule.States > 0) TSimd.Store(s0 + i, state0);
            if (TRule.States > 1) TSimd.Store(s1 + i, state1);
        }
        if (i < n)
        {
            nint lanes = n - i;
            TVec state0 = TRule.States > 0 ? Lanes<TSimd, TVec, T>.Load(s0 + i, lanes) : default;
            TVec state1 = TRule.States > 1 ? Lanes<TSimd, TVec, T>.Load(s1 + i, lanes) : default;
            TVec weights = Lanes<TSimd, TVec, T>.Load(w + i, lanes), gradient = Lanes<TSimd, TVec, T>.Load(g + i, lanes);
            Lanes<TSimd, TVec, T>.Store(w + i, lanes, TRule.Invoke<TSimd, TVec, T>(weights, gradient, ref state0, ref state1, rate, first, second, epsilon));
            if (TRule.States > 0) Lanes<TSimd, TVec, T>.Store(s0 + i, lanes, state0);
            if (TRule.States > 1) Lanes<TSimd, TVec, T>.Store(s1 + i, lanes, state1);
        }
    }
}

/// <summary>Which loop does an update for a float type on this machine.</summary>
internal static unsafe class UpdateKernels
{
    public static delegate*<UpdateJob*, void> For(UpdateKind kind, DType dtype) => dtype == DType.Float32 ? For<float>(kind) : For<double>(kind);

    private static delegate*<UpdateJob*, void> For<T>(UpdateKind kind)
        where T : unmanaged
    {
        var choice = new Choice<T> { Kind = kind };
        KernelCall.Run<Choice<T>, T>(ref choice);
        return choice.Kernel;
    }

    private struct Choice<T> : IKernelCall<T>
        where T : unmanaged
    {
        public UpdateKind Kind;
        public delegate*<UpdateJob*, void> Kernel;

        public void Run<TSimd, TVec>()
            where TSimd : struct, ISimd<TVec, T>
            where TVec : unmanaged
        {
            Kernel = Kind switch
            {
                UpdateKind.Sgd => &UpdateLoop<UpdateRules.Sgd, TSimd, TVec, T>.Run,
                UpdateKind.Momentum => &UpdateLoop<UpdateRules.Momentum, TSimd, TVec, T>.Run,
                UpdateKind.Nesterov => &UpdateLoop<UpdateRules.Nesterov, TSimd, TVec, T>.Run,
                _ => &UpdateLoop<UpdateRules.Adam, TSimd, TVec, T>.Run,
            };
        }
    }
}
