namespace MiniDeep;

/// <summary>The arguments of the backward pass of convolution, bias, activation and max-pool. What isn't wanted is null; dy becomes dz.</summary>
internal unsafe struct ConvPoolGradCall<T> : IKernelCall<T>
    where T : unmanaged
{
    /// <summary>The convolution, cut to what the windows cover, and the gradient to its input.</summary>
    public ConvShape Shape, Input;
    public int WindowHeight, WindowWidth;
    public T* X, W, Saved, Dy, Dx, Dw, Dbias;
    public byte* Argmax;
    public FusedActivation Activation;
    public bool AccumulateX, AccumulateW, AccumulateBias;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (ConvPoolGradCall<T>* call = &this) ConvPoolGrad<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>
/// Image by image: dz at the winners, then both gradients of the convolution while the image is in the cache. Sums over images are partial sums for fixed groups
/// of them, added in order.
/// </summary>
internal static unsafe class ConvPoolGrad<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const nint PartialBytes = 1 << 22;

    public static void Run(ConvPoolGradCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        nint kernel = shape.KernelRows * shape.OutChannels;
        using Scratch scratch = Scratch.Open();
        Work work = new() { Call = call };
        int chunks = 0;
        if (shape.Batch > 0 && shape.OutSize > 0)
        {
            int most = (int)Math.Clamp(PartialBytes / Math.Max(1, kernel * sizeof(T)), 2, 16);
            work.Images = Math.Max(ConvWeightGrad<TSimd, TVec, T>.ImagesPerChunk(in shape), (shape.Batch + most - 1) / most);
            chunks = (shape.Batch + work.Images - 1) / work.Images;
        }
        else if (call->Dx != null && !call->AccumulateX)
        {
            new Span<T>(call->Dx, (int)(call->Input.Batch * call->Input.OutSize)).Clear();
        }
        if (call->Dw != null) work.Kernels = scratch.Take<T>(chunks * kernel);
        if (call->Dbias != null) work.Biases = scratch.Take<T>(chunks * (nint)shape.OutChannels);
        if (call->Dx != null) work.W = Conv<TSimd, TVec, T>.Kernel(in call->Input, call->W, true, scratch);
        ThreadTeam.Run(ref work, chunks);
        if (call->Dw != null) ColumnSums<TSimd, TVec, T>.Run(work.Kernels, chunks, kernel, call->Dw, call->AccumulateW);
        if (call->Dbias != null) ColumnSums<TSimd, TVec, T>.Run(work.Biases, chunks, shape.OutChannels, call->Dbias, call->AccumulateBias);
    }

    private struct Work : IChunkedWork
    {
        public ConvPoolGradCall<T>* Call;
        public int Images;
        public T* Kernels, Biases, W;

        public readonly void Execute(int chunk)
        {
            ref ConvShape shape = ref Call->Shape, input = ref Call->Input;
            int first = chunk * Images, last = Math.Min(first + Images, shape.Batch);
            int pixels = shape.OutHeight / Call->WindowHeight * (shape.OutWidth / Call->WindowWidth);
            nint pooled = (nint)pixels * shape.OutChannels;
            T* dy = Call->Dy + first * pooled;
            Activate<TSimd, TVec, T>.Gradient(Call->Activation, Call->Saved == null ? null : Call->Saved + first * pooled, dy, dy, (last - first) * pooled);
            if (Biases != null) ColumnSums<TSimd, TVec, T>.Run(dy, (last - first) * (nint)pixels, shape.OutChannels, Biases + chunk * (nint)shape.OutChannels, false);
            if (Kernels == null && Call->Dx == null) return;
            using Scratch scratch = Scratch.Open();
            T* dz = scratch.Take<T>(shape.OutSize);
            ConvWeightGrad<TSimd, TVec, T>.Sums sums = new(in shape, scratch);
            T* plane = input.NeedsNoPlane ? null : scratch.Take<T>(input.PlaneRows(input.OutHeight) * input.PlaneWidth * input.SourceChannels);
            T* dw = Kernels + chunk * shape.KernelRows * shape.OutChannels;
            MaxPoolCall<T> scatter = new()
            {
                Geometry = new PoolGeometry
                {
                    Batch = 1,
                    InHeight = shape.OutHeight,
                    InWidth = shape.OutWidth,
                    Channels = shape.OutChannels,
                    OutHeight = shape.OutHeight / Call->WindowHeight,
                    OutWidth = shape.OutWidth / Call->WindowWidth,
                    WindowHeight = Call->WindowHeight,
                    WindowWidth = Call->WindowWidth,
                    StrideHeight = Call->WindowHeight,
                    StrideWidth = Call->WindowWidth,
                },
                X = dz,
                Gradient = true,
            };
            ConvCall<T> gradient = new() { Shape = input, X = dz, Accumulate = Call->AccumulateX };
            for (int image = first; image < last; image++)
            {
                scatter.Y = Call->Dy + image * pooled;
                scatter.Argmax = Call->Argmax + image * pooled;
                MaxPool<TSimd, TVec, T>.Run(&scatter);
                if (Kernels != null) sums.Add(in shape, Call->X + image * shape.SourceSize, dz, dw, image > first, 0, shape.KernelHeight);
                if (Call->Dx == null) continue;
                gradient.Y = Call->Dx + image * input.OutSize;
                Conv<TSimd, TVec, T>.Band(&gradient, W, 0, 0, input.OutHeight, plane);
            }
        }
    }
}
