namespace MiniDeep;

/// <summary>The arguments of a convolution's gradient to its kernel.</summary>
internal unsafe struct ConvWeightGradCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public ConvShape Shape;
    public T* X, Dz, Dw;
    public bool Accumulate;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (ConvWeightGradCall<T>* call = &this) ConvWeightGrad<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>
/// dw[(kernel row, kernel column, in), out] = sum over pixels of x[pixel under the tap, in] dz[pixel, out], image by image. Small kernels: partial sums for fixed
/// groups of images, added in order; large ones: every chunk has rows of the kernel to itself. <see cref="WinogradWeightGrad{TSimd, TVec, T}"/> has blocks of its channels.
/// </summary>
internal static unsafe class ConvWeightGrad<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const nint PartialBytes = 1 << 18;
    private const long ChunkWork = 1 << 18;

    /// <summary>The bytes of partial sums that groups of images may take where blocks of channels are chunks too, and the most for one group.</summary>
    private const nint TiledBytes = 1 << 22, MostTiledBytes = 1 << 28;

    public static void Run(ConvWeightGradCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        nint count = shape.KernelRows * shape.OutChannels;
        if (count == 0) return;
        if (shape.Batch == 0 || shape.OutHeight == 0 || shape.OutWidth == 0)
        {
            if (!call->Accumulate) new Span<T>(call->Dw, (int)count).Clear();
            return;
        }
        using Scratch scratch = Scratch.Open();
        Work work = new() { Call = call, Blocks = 1, Images = ImagesPerChunk(in shape) };
        int most = (int)Math.Clamp(TiledBytes / (count * sizeof(T)), 1, 16), images = Math.Max(work.Images, (shape.Batch + most - 1) / most);
        bool tiled = count * sizeof(T) <= MostTiledBytes && FastPaths.Allow(FastPath.Winograd) && WinogradWeightGrad<TSimd, TVec, T>.Supports(in shape, images);
        if (!tiled && count * sizeof(T) > PartialBytes)
        {
            work.Images = shape.Batch;
            ThreadTeam.Run(ref work, shape.KernelHeight);
            return;
        }
        if (tiled) work.Images = images;
        int groups = (shape.Batch + work.Images - 1) / work.Images;
        work.Partials = scratch.Take<T>(groups * count);
        if (tiled) RunTiled(work, groups, scratch);
        else ThreadTeam.Run(ref work, groups);
        ColumnSums<TSimd, TVec, T>.Run(work.Partials, groups, count, call->Dw, call->Accumulate);
    }

    /// <summary>Winograd's sums, and groups of images with numbers that aren't finite once more by the plain ones.</summary>
    private static void RunTiled(Work work, int groups, Scratch scratch)
    {
        work.Spoiled = scratch.Take<bool>(groups);
        new Span<bool>(work.Spoiled, groups).Clear();
        work.Tiled = true;
        work.Blocks = WinogradWeightGrad<TSimd, TVec, T>.Blocks(in work.Call->Shape);
        ThreadTeam.Run(ref work, groups * work.Blocks);
        if (!new Span<bool>(work.Spoiled, groups).Contains(true)) return;
        work.Tiled = false;
        work.Blocks = 1;
        ThreadTeam.Run(ref work, groups);
    }

    /// <summary>At most 16 chunks, each worth a thread's while.</summary>
    public static int ImagesPerChunk(in ConvShape shape)
        => (int)Math.Clamp(ChunkWork / Math.Max(1, shape.ImageWork), (shape.Batch + 15) / 16, shape.Batch);

    private struct Work : IChunkedWork
    {
        public ConvWeightGradCall<T>* Call;
        public T* Partials;
        public int Images, Blocks;
        public bool Tiled;

        /// <summary>Groups of images whose sums aren't finite; null where that doesn't matter.</summary>
        public bool* Spoiled;

        public readonly void Execute(int chunk)
        {
            ref ConvShape shape = ref Call->Shape;
            using Scratch scratch = Scratch.Open();
            nint count = shape.KernelRows * shape.OutChannels;
            bool split = Partials != null;
            int group = chunk / Blocks;
            T* dw = split ? Partials + group * count : Call->Dw;
            int first = split ? group * Images : 0, last = Math.Min(first + Images, shape.Batch);
            T* x = Call->X + first * shape.SourceSize, dz = Call->Dz + first * shape.OutSize;
            if (Tiled)
            {
                if (!WinogradWeightGrad<TSimd, TVec, T>.Run(in shape, chunk % Blocks, x, dz, last - first, dw, scratch)) Spoiled[group] = true;
                return;
            }
            if (Spoiled != null && !Spoiled[group]) return;
            Sums sums = new(in shape, scratch);
            for (int image = first; image < last; image++, x += shape.SourceSize, dz += shape.OutSize)
            {
                sums.Add(in shape, x, dz, dw, image > first || (!split && Call->Accumulate), split ? 0 : chunk, split ? shape.KernelHeight : 1);
            }
        }
    }

    /// <summary>The working memory for one image after another.</summary>
    private readonly ref struct Sums
    {
        private readonly T* _plane, _dz;
        private readonly bool _always;

        public Sums(in ConvShape shape, Scratch scratch)
        {
            // vectors along the source's channels may read beyond its end
            _always = 2 * shape.OutChannels <= TSimd.Count;
            _plane = Conv<TSimd, TVec, T>.NewPlane(in shape, shape.OutHeight, scratch, _always);
            // a copy that can be read to the end of the last vector; what the extra lanes hold is dropped
            int width = shape.Depthwise ? shape.OutChannels : shape.GroupOut;
            _dz = width % TSimd.Count == 0 ? null : scratch.Take<T>(shape.OutSize + 2 * TSimd.Count);
        }

        /// <summary>dw (+)= one image's sums, for some rows of the kernel.</summary>
        public void Add(in ConvShape shape, T* x, T* dz, T* dw, bool accumulate, int kernelRow, int kernelRows)
        {
            T* plane = Conv<TSimd, TVec, T>.Plane(in shape, x, 0, shape.OutHeight, _plane, out nint planeRow, _always);
            if (_dz != null)
            {
                Buffer.MemoryCopy(dz, _dz, shape.OutSize * sizeof(T), shape.OutSize * sizeof(T));
                dz = _dz;
            }
            if (shape.Depthwise)
            {
                Depthwise<TSimd, TVec, T>.WeightGradient(in shape, plane, planeRow, dz, dw, accumulate, kernelRow, kernelRows);
                return;
            }
            nint pixel = shape.SourceChannels, columns = shape.OutChannels;
            bool joined = shape.Groups == 1 && shape.DilationWidth == 1;
            int rows = joined ? shape.KernelWidth * shape.GroupSource : shape.GroupSource, taps = joined ? 1 : shape.KernelWidth;
            TileShape tile = new()
            {
                ARow = 1,
                AStep = shape.StrideWidth * pixel,
                BRow = columns,
                CRow = columns,
                Depth = shape.OutWidth,
                Inner = 1,
                Outer = shape.OutHeight,
                AOuter = shape.StrideHeight * planeRow,
                BOuter = shape.OutWidth * columns,
            };
            if (joined && 2 * shape.OutChannels <= TSimd.Count && rows >= 2 * shape.OutChannels && FastPaths.Allow(FastPath.FewResults))
            {
                for (int ky = kernelRow; ky < kernelRow + kernelRows; ky++)
                {
                    AddFew(in shape, plane + ky * shape.DilationHeight * planeRow, planeRow, dz, dw + (nint)ky * rows * columns, rows, accumulate);
                }
                return;
            }
            int width = 2 * TSimd.Count;
            for (int ky = kernelRow; ky < kernelRow + kernelRows; ky++)
            {
                for (int kx = 0; kx < taps; kx++)
                {
                    for (int group = 0; group < shape.Groups; group++)
                    {
                        T* a = plane + ky * shape.DilationHeight * planeRow + kx * shape.DilationWidth * pixel + group * shape.GroupSource;
                        T* c = dw + ((nint)ky * shape.KernelWidth + kx) * shape.GroupSource * columns;
                        for (int j = 0; j < shape.GroupOut; j += width)
                        {
                            int used = Math.Min(width, shape.GroupOut - j), column = group * shape.GroupOut + j;
                            int vectors = used > TSimd.Count ? 2 : 1;
                            Tiles<TSimd, TVec, T>.Panel(
                                &tile, vectors, rows, used, false, a, dz + column, c + column, accumulate ? c + column : null, columns);
                        }
                    }
                }
            }
        }

        /// <summary>One row of the kernel where there are few result channels: the other way round, with (kernel column, source channel) in the vectors.</summary>
        private static void AddFew(in ConvShape shape, T* plane, nint planeRow, T* dz, T* dw, int rows, bool accumulate)
        {
            T* lanes = stackalloc T[8 * 2 * 16];
            int channels = shape.OutChannels, width = 2 * TSimd.Count;
            TileShape tile = new()
            {
                ARow = 1,
                AStep = channels,
                BRow = shape.StrideWidth * shape.SourceChannels,
                CRow = width,
                Depth = shape.OutWidth,
                Inner = 1,
                Outer = shape.OutHeight,
                AOuter = shape.OutWidth * channels,
                BOuter = shape.StrideHeight * planeRow,
            };
            for (int j = 0; j < rows; j += width)
            {
                int used = Math.Min(width, rows - j), vectors = used > TSimd.Count ? 2 : 1;
                tile.CRow = vectors * TSimd.Count;
                Tiles<TSimd, TVec, T>.Panel(&tile, vectors, channels, (int)tile.CRow, false, dz, plane + j, lanes, null, 0);
                for (int i = 0; i < used; i++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        T* target = dw + (nint)(j + i) * channels + c;
                        T sum = lanes[c * tile.CRow + i];
                        *target = accumulate ? Simd1<T>.Add(new Lane<T>(*target), new Lane<T>(sum)).Value : sum;
                    }
                }
            }
        }
    }
}
