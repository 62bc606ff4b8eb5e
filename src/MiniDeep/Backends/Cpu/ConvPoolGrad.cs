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
/// Image by image: dz at the winners, then both gradients of the convolution from those alone while the image is in the cache. Sums over images are partial sums for
/// fixed groups of them, added in order. What can't be had from the winners, or is slower, comes from dz written out.
/// </summary>
internal static unsafe class ConvPoolGrad<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const nint PartialBytes = 1 << 22;

    /// <summary>Bytes of dz that are written out at a time.</summary>
    private const nint DenseBytes = 1 << 24;

    public static void Run(ConvPoolGradCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        using Scratch scratch = Scratch.Open();
        bool winners = FastPaths.Allow(FastPath.Winners), sparse = winners && ConvPoolSparse<TSimd, TVec, T>.Supports(in shape, call->WindowHeight * call->WindowWidth);
        Work work = new() { Call = call, KernelSize = shape.KernelRows * shape.OutChannels };
        work.NarrowKernel = winners && call->Dw != null && ConvPoolNarrow<TSimd, TVec, T>.Supports(in shape, call->WindowHeight, call->WindowWidth);
        work.Fused = work.NarrowKernel && call->Dx == null && ConvPoolNarrow<TSimd, TVec, T>.OnePatch(in shape);
        work.Alive = call->Activation.Kind != UnaryKind.Relu;
        sparse &= !(work.Alive && WinogradPays(call));
        work.SparseKernel = call->Dw != null && sparse && !work.NarrowKernel;
        work.SparseInput = call->Dx != null && sparse && ConvPoolSparse<TSimd, TVec, T>.SupportsInput(in shape);
        work.Patch = work.SparseInput && FastPaths.Allow(FastPath.Patches) && ConvPoolPatch<TSimd, TVec, T>.Supports(in shape, call->WindowHeight, call->WindowWidth);
        if (work.SparseKernel) work.KernelSize = ConvPoolSparse<TSimd, TVec, T>.Size(in shape);
        int chunks = 0;
        if (shape.Batch > 0 && shape.OutSize > 0)
        {
            int most = (int)Math.Clamp(PartialBytes / Math.Max(1, work.KernelSize * sizeof(T)), 2, 16);
            work.Images = Math.Max(ConvWeightGrad<TSimd, TVec, T>.ImagesPerChunk(in shape), (shape.Batch + most - 1) / most);
            chunks = (shape.Batch + work.Images - 1) / work.Images;
        }
        else if (call->Dx != null && !call->AccumulateX)
        {
            new Span<T>(call->Dx, (int)(call->Input.Batch * call->Input.OutSize)).Clear();
        }
        bool kernel = work.NarrowKernel || work.SparseKernel;
        if (kernel) work.Kernels = scratch.Take<T>(chunks * work.KernelSize);
        if (call->Dbias != null) work.Biases = scratch.Take<T>(chunks * (nint)shape.OutChannels);
        if (work.SparseInput)
        {
            work.W = scratch.Take<T>(ConvPoolSparse<TSimd, TVec, T>.Size(in shape));
            ConvPoolSparse<TSimd, TVec, T>.Transpose(in shape, call->W, work.W);
        }
        ThreadTeam.Run(ref work, chunks);
        if (call->Dbias != null) ColumnSums<TSimd, TVec, T>.Run(work.Biases, chunks, shape.OutChannels, call->Dbias, call->AccumulateBias);
        if (work.SparseKernel)
        {
            T* sum = scratch.Take<T>(work.KernelSize);
            ColumnSums<TSimd, TVec, T>.Run(work.Kernels, chunks, work.KernelSize, sum, false);
            T* buffer = call->AccumulateW ? scratch.Take<T>(shape.KernelRows * shape.OutChannels) : null;
            ConvPoolSparse<TSimd, TVec, T>.TransposeBack(in shape, sum, call->Dw, call->AccumulateW, buffer);
        }
        else if (kernel)
        {
            ColumnSums<TSimd, TVec, T>.Run(work.Kernels, chunks, work.KernelSize, call->Dw, call->AccumulateW);
        }
        FromDense(call, kernel ? null : call->Dw, work.SparseInput ? null : call->Dx);
    }

    /// <summary>
    /// Whether Winograd's gradients are faster than those from the winners, should all of these be alive: both take as many products (a quarter of the plain sums'), but Winograd's
    /// have their operands in registers. The fewer channels, the more its transforms weigh.
    /// </summary>
    private static bool WinogradPays(ConvPoolGradCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        return FastPaths.Allow(FastPath.Winograd) && Math.Min(shape.SourceChannels, shape.OutChannels) >= 2 * TSimd.Count
            && (call->Dx == null || (!call->AccumulateX && Winograd<TSimd, TVec, T>.Supports(in call->Input)))
            && (call->Dw == null || WinogradWeightGrad<TSimd, TVec, T>.Supports(in shape, shape.Batch));
    }

    /// <summary>dz written out, some images at a time, then the gradients of a plain convolution.</summary>
    private static void FromDense(ConvPoolGradCall<T>* call, T* dw, T* dx)
    {
        ref ConvShape shape = ref call->Shape;
        if (dw == null && dx == null) return;
        using Scratch scratch = Scratch.Open();
        int most = (int)Math.Clamp(DenseBytes / Math.Max(1, shape.OutSize * sizeof(T)), 1, Math.Max(1, shape.Batch));
        T* dz = scratch.Take<T>(most * shape.OutSize);
        MaxPoolCall<T> scatter = new()
        {
            Geometry = new PoolGeometry
            {
                Batch = shape.Batch,
                InHeight = shape.OutHeight,
                InWidth = shape.OutWidth,
                Channels = shape.OutChannels,
                OutHeight = shape.OutHeight / call->WindowHeight,
                OutWidth = shape.OutWidth / call->WindowWidth,
                WindowHeight = call->WindowHeight,
                WindowWidth = call->WindowWidth,
                StrideHeight = call->WindowHeight,
                StrideWidth = call->WindowWidth,
            },
            X = dz,
            Gradient = true,
        };
        nint pooled = (nint)scatter.Geometry.OutHeight * scatter.Geometry.OutWidth * shape.OutChannels;
        int first = 0;
        do
        {
            int images = Math.Min(most, shape.Batch - first);
            scatter.Geometry = scatter.Geometry with { Batch = images };
            scatter.Y = call->Dy + first * pooled;
            scatter.Argmax = call->Argmax + first * pooled;
            MaxPool<TSimd, TVec, T>.Run(&scatter);
            if (dw != null)
            {
                ConvWeightGradCall<T> gradient = new() { Shape = shape with { Batch = images }, X = call->X + first * shape.SourceSize, Dz = dz, Dw = dw, Accumulate = call->AccumulateW || first > 0 };
                ConvWeightGrad<TSimd, TVec, T>.Run(&gradient);
            }
            if (dx != null && shape.OutSize > 0)
            {
                ConvCall<T> gradient = new() { Shape = call->Input with { Batch = images }, X = dz, W = call->W, Y = dx + first * call->Input.OutSize, Accumulate = call->AccumulateX, Turned = true };
                Conv<TSimd, TVec, T>.Run(&gradient);
            }
            first += images;
        }
        while (first < shape.Batch);
    }

    private struct Work : IChunkedWork
    {
        public ConvPoolGradCall<T>* Call;
        public bool NarrowKernel, SparseKernel, SparseInput, Patch;

        /// <summary>Nothing but the narrow kernel needs dz, and it makes its own.</summary>
        public bool Fused;

        /// <summary>Only a ReLU leaves winners without a gradient in numbers.</summary>
        public bool Alive;

        public int Images;
        public nint KernelSize;
        public T* Kernels, Biases, W;

        public readonly void Execute(int chunk)
        {
            ref ConvShape shape = ref Call->Shape;
            int first = chunk * Images, last = Math.Min(first + Images, shape.Batch);
            int pixels = shape.OutHeight / Call->WindowHeight * (shape.OutWidth / Call->WindowWidth);
            nint pooled = (nint)pixels * shape.OutChannels;
            T* dy = Call->Dy + first * pooled;
            T* dbias = Biases == null ? null : Biases + chunk * (nint)shape.OutChannels;
            if (!Fused)
            {
                Activate<TSimd, TVec, T>.Gradient(Call->Activation, Call->Saved == null ? null : Call->Saved + first * pooled, dy, dy, (last - first) * pooled);
                if (dbias != null) ColumnSums<TSimd, TVec, T>.Run(dy, (last - first) * (nint)pixels, shape.OutChannels, dbias, false);
            }
            T* dw = Kernels == null ? null : Kernels + chunk * KernelSize;
            if (NarrowKernel || SparseKernel || SparseInput) FromWinners(first, last, pooled, dw, dbias);
        }

        private readonly void FromWinners(int first, int last, nint pooled, T* dw, T* dbias)
        {
            ref ConvShape shape = ref Call->Shape;
            using Scratch scratch = Scratch.Open();
            nint planeSize = shape.PlaneRows(shape.OutHeight) * shape.PlaneWidth * shape.SourceChannels;
            T* xPlane = Conv<TSimd, TVec, T>.NewPlane(in shape, shape.OutHeight, scratch, always: true);
            bool direct = Patch && ConvPoolPatch<TSimd, TVec, T>.NeedsNoPlane(in shape);
            T* dxPlane = SparseInput && !direct ? scratch.Take<T>(planeSize) : null;
            uint* masks = Patch ? scratch.Take<uint>(ConvPoolPatch<TSimd, TVec, T>.MasksSize(in shape)) : null;
            int windowHeight = Call->WindowHeight, windowWidth = Call->WindowWidth;
            nint count = ConvPoolSparse<TSimd, TVec, T>.WindowsSize(in shape, windowHeight, windowWidth);
            int* windows = SparseKernel ? scratch.Take<int>(count) : null;
            ulong* bits = SparseKernel ? scratch.Take<ulong>(ConvPoolSparse<TSimd, TVec, T>.BitsSize(in shape, windowHeight, windowWidth)) : null;
            bool listed = SparseInput && !Patch;
            int* offsets = listed ? scratch.Take<int>(count) : null;
            T* values = listed ? scratch.Take<T>(count) : null;
            T* sums = NarrowKernel || SparseKernel ? dw : null;
            if (sums != null) new Span<T>(sums, (int)KernelSize).Clear();
            if (Fused && dbias != null) new Span<T>(dbias, shape.OutChannels).Clear();
            for (int image = first; image < last; image++)
            {
                T* dz = Call->Dy + image * pooled;
                byte* argmax = Call->Argmax + image * pooled;
                // always a plane: vectors read beyond its end
                nint planeRow = shape.PlaneWidth * shape.SourceChannels;
                if (sums != null) Conv<TSimd, TVec, T>.FillPlane(in shape, Call->X + image * shape.SourceSize, 0, shape.OutHeight, xPlane);
                if (Fused)
                {
                    T* saved = Call->Saved == null ? null : Call->Saved + image * pooled;
                    ConvPoolNarrow<TSimd, TVec, T>.GradientFused(in shape, xPlane, planeRow, Call->Activation, saved, dz, argmax, sums, dbias);
                }
                else if (NarrowKernel)
                {
                    ConvPoolNarrow<TSimd, TVec, T>.Gradient(in shape, xPlane, planeRow, dz, argmax, sums);
                }
                if (SparseKernel) ConvPoolSparse<TSimd, TVec, T>.Kernel(in shape, windowHeight, windowWidth, dz, argmax, xPlane, planeRow, sums, Alive, windows, bits);
                if (!SparseInput) continue;
                T* dx = Call->Dx + image * shape.SourceSize;
                if (direct)
                {
                    ConvPoolPatch<TSimd, TVec, T>.Image(
                        in shape, dz, argmax, W, dx, shape.SourceWidth * (nint)shape.SourceChannels, isImage: true, isEmpty: !Call->AccumulateX, masks);
                    continue;
                }
                new Span<T>(dxPlane, (int)planeSize).Clear();
                if (Patch) ConvPoolPatch<TSimd, TVec, T>.Image(in shape, dz, argmax, W, dxPlane, planeRow, isImage: false, isEmpty: false, masks);
                else ConvPoolSparse<TSimd, TVec, T>.Input(in shape, windowHeight, windowWidth, dz, argmax, W, dxPlane, planeRow, offsets, values);
                Conv<TSimd, TVec, T>.EmptyPlane(in shape, dxPlane, dx, Call->AccumulateX);
            }
        }
    }
}
