using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The arguments of a convolution: y = f(conv(x, w) + bias), or y += conv(x, w).</summary>
internal unsafe struct ConvCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public ConvShape Shape;
    public T* X, W, Bias, Y, Slope;
    public bool Accumulate;

    /// <summary>Whether w is the forward kernel [kh, kw, in, out] of which the gradient to the input is wanted.</summary>
    public bool Turned;

    public FusedActivation Activation;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (ConvCall<T>* call = &this) Conv<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>
/// Direct convolution: the channels of the result are the vectors, neighbouring pixels the rows of a tile, and (kernel column, source channel) runs along
/// contiguous memory of the padded plane. No im2col: it costs more than it gives.
/// </summary>
internal static unsafe class Conv<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>The most bytes of padded plane that a band of rows may take: it is read once for each panel of channels.</summary>
    private const nint PlaneBytes = 1 << 18;

    private const long ChunkWork = 1 << 18;

    public static void Run(ConvCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        if (shape.Batch == 0 || shape.OutSize == 0) return;
        if (shape.SpreadHeight > 1 || shape.SpreadWidth > 1)
        {
            Phases(call);
            return;
        }
        using Scratch scratch = Scratch.Open();
        if (call->Bias != null && shape.OutChannels % TSimd.Count != 0)
        {
            // readable to the end of the last vector, as the kernel is
            T* bias = scratch.Take<T>(shape.OutChannels + TSimd.Count);
            for (int i = 0; i < shape.OutChannels + TSimd.Count; i++) bias[i] = i < shape.OutChannels ? call->Bias[i] : default;
            call->Bias = bias;
        }
        Run(call, Kernel(in shape, call->W, call->Turned, scratch));
    }

    /// <summary><paramref name="w"/> from <see cref="Kernel"/>.</summary>
    private static void Run(ConvCall<T>* call, T* w)
    {
        Bands bands = new() { Call = call, W = w };
        using Scratch scratch = Scratch.Open();
        // what is added to can't be computed twice, should a result not be finite
        bool winograd = !call->Accumulate && FastPaths.Allow(FastPath.Winograd) && Winograd<TSimd, TVec, T>.Supports(in call->Shape);
        if (winograd)
        {
            bands.Transformed = scratch.Take<T>(Winograd<TSimd, TVec, T>.KernelSize(in call->Shape));
            Winograd<TSimd, TVec, T>.TransformKernel(in call->Shape, w, bands.Transformed);
        }
        else if (FastPaths.Allow(FastPath.FewResults) && ConvFew<TSimd, TVec, T>.Supports(in call->Shape))
        {
            bands.Few = scratch.Take<T>(ConvFew<TSimd, TVec, T>.KernelSize(in call->Shape));
            ConvFew<TSimd, TVec, T>.ArrangeKernel(in call->Shape, w, bands.Few);
        }
        Plan(in call->Shape, winograd ? WinogradGrid.Tile : 1, out bands.Rows, out bands.Images);
        ThreadTeam.Run(ref bands, bands.Count);
    }

    /// <summary>A source that is spread out, phase by phase.</summary>
    private static void Phases(ConvCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        using Scratch scratch = Scratch.Open();
        T* w = Kernel(in shape, call->W, call->Turned, scratch);
        nint tap = shape.GroupSource * (nint)shape.OutChannels;
        T* part = scratch.Take<T>(shape.KernelRows * shape.OutChannels + 2 * TSimd.Count);
        if (!call->Accumulate && (shape.KernelHeight < shape.SpreadHeight || shape.KernelWidth < shape.SpreadWidth || shape.DilationHeight > 1 || shape.DilationWidth > 1))
        {
            // some results may see no tap at all
            Clear(call->Y, shape.Batch * shape.ResultSize);
        }
        for (int row = 0; row < Math.Min(shape.SpreadHeight, shape.OutHeight); row++)
        {
            for (int column = 0; column < Math.Min(shape.SpreadWidth, shape.OutWidth); column++)
            {
                ConvCall<T> phase = *call;
                phase.Shape = shape.Phase(row, column, out ConvShape.Taps rows, out ConvShape.Taps columns);
                if (rows.Count == 0 || columns.Count == 0) continue;
                T* to = part;
                for (int i = 0; i < rows.Count; i++)
                {
                    for (int j = 0; j < columns.Count; j++, to += tap)
                    {
                        nint at = (nint)(rows.First + i * rows.Step) * shape.KernelWidth + columns.First + j * columns.Step;
                        // a depthwise kernel stays as it was
                        if (shape.Depthwise && call->Turned) at = (nint)shape.KernelHeight * shape.KernelWidth - 1 - at;
                        Copy(w + at * tap, to, tap);
                    }
                }
                Clear(to, 2 * TSimd.Count);
                phase.Turned = false;
                Run(&phase, part);
            }
        }
    }

    /// <summary>Splits a batch: groups of whole images, or bands of rows of large ones. Rows come in multiples of <paramref name="unit"/>.</summary>
    public static void Plan(in ConvShape shape, int unit, out int rows, out int images)
    {
        rows = shape.OutHeight;
        nint rowBytes = shape.PlaneWidth * shape.SourceChannels * sizeof(T);
        while (rows > unit && (shape.PlaneRows(rows) * rowBytes > PlaneBytes || TooFew(in shape, rows))) rows = ((rows / 2) + unit - 1) / unit * unit;
        images = 1;
        if (rows < shape.OutHeight) return;
        // at most 16 chunks of whole images
        images = (int)Math.Clamp(ChunkWork / Math.Max(1, shape.ImageWork), (shape.Batch + 15) / 16, shape.Batch);
    }

    private static bool TooFew(in ConvShape shape, int rows)
        => (long)shape.Batch * ((shape.OutHeight + rows - 1) / rows) < 8 && shape.ImageWork * rows / shape.OutHeight > 2 * ChunkWork;

    /// <summary>
    /// The kernel as a matrix [kernelRows, outChannels] that can be read to the end of the last vector; turned and transposed for the gradient to the input.
    /// </summary>
    public static T* Kernel(in ConvShape shape, T* w, bool turned, Scratch scratch)
    {
        int width = shape.Depthwise ? shape.OutChannels : shape.GroupOut;
        // a depthwise kernel is turned by reading it backwards
        turned &= !shape.Depthwise;
        if (!turned && width % TSimd.Count == 0) return w;
        nint count = shape.KernelRows * shape.OutChannels;
        T* copy = scratch.Take<T>(count + 2 * TSimd.Count);
        if (turned)
        {
            int taps = shape.KernelHeight * shape.KernelWidth, source = shape.GroupSource, result = shape.GroupOut;
            for (int tap = 0; tap < taps; tap++)
            {
                // here [result, outChannels], because "out" of the forward pass is this one's source
                T* from = w + (nint)(taps - 1 - tap) * result * shape.SourceChannels;
                T* to = copy + (nint)tap * source * shape.OutChannels;
                for (int group = 0; group < shape.Groups; group++)
                {
                    Tiles<TSimd, TVec, T>.Transpose(from + (nint)group * source, shape.SourceChannels, result, source, to + (nint)group * result, shape.OutChannels);
                }
            }
        }
        else
        {
            Buffer.MemoryCopy(w, copy, count * sizeof(T), count * sizeof(T));
        }
        new Span<T>(copy + count, 2 * TSimd.Count).Clear();
        return copy;
    }

    /// <summary>
    /// The part of the padded plane that rows of the result from <paramref name="row"/> on need: the source itself where it can serve.
    /// </summary>
    public static T* Plane(in ConvShape shape, T* image, int row, int rows, T* plane, out nint planeRow, bool always = false)
    {
        nint channels = shape.SourceChannels;
        if (shape.NeedsNoPlane && !always)
        {
            planeRow = shape.SourceWidth * channels;
            return image + row * shape.StrideHeight * planeRow;
        }
        planeRow = shape.PlaneWidth * channels;
        FillPlane(in shape, image, row, rows, plane);
        return plane;
    }

    /// <summary>Working memory for the part of the padded plane that so many rows of the result need, all zeros; null where the source can serve.</summary>
    public static T* NewPlane(in ConvShape shape, int rows, Scratch scratch, bool always = false)
    {
        if (shape.NeedsNoPlane && !always) return null;
        nint size = shape.PlaneRows(rows) * shape.PlaneWidth * shape.SourceChannels + 2 * TSimd.Count;
        T* plane = scratch.Take<T>(size);
        Clear(plane, size);
        return plane;
    }

    /// <summary>Writes an image's elements into the plane; what lies between them is still zero from <see cref="NewPlane"/>.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void FillPlane(in ConvShape shape, T* image, int row, int rows, T* plane)
    {
        nint channels = shape.SourceChannels, width = shape.PlaneWidth, planeRow = width * channels;
        int first = row * shape.StrideHeight, last = first + (int)shape.PlaneRows(rows);
        int spread = shape.SpreadWidth;
        // source columns and rows that fall inside
        int from = shape.Left < 0 ? (-shape.Left + spread - 1) / spread : 0;
        int to = (int)Math.Min(shape.SourceWidth, (width - shape.Left + spread - 1) / spread);
        if (from >= to) return;
        int y = first > shape.Top ? (first - shape.Top + shape.SpreadHeight - 1) / shape.SpreadHeight : 0;
        for (; y < shape.SourceHeight && (nint)y * shape.SpreadHeight + shape.Top < last; y++)
        {
            T* source = image + ((nint)y * shape.SourceWidth + from) * channels;
            T* line = plane + ((nint)y * shape.SpreadHeight + shape.Top - first) * planeRow + ((nint)from * spread + shape.Left) * channels;
            if (spread == 1)
            {
                Copy(source, line, (to - from) * channels);
                continue;
            }
            for (int x = from; x < to; x++, source += channels, line += spread * channels) Copy(source, line, channels);
        }
    }

    /// <summary>Takes an image's gradient out of a padded plane that nothing was spread over.</summary>
    public static void EmptyPlane(in ConvShape shape, T* plane, T* image, bool accumulate)
    {
        nint channels = shape.SourceChannels, planeRow = shape.PlaneWidth * channels, imageRow = shape.SourceWidth * channels;
        nint rows = shape.PlaneRows(shape.OutHeight);
        int from = Math.Max(0, -shape.Left), to = (int)Math.Min(shape.SourceWidth, shape.PlaneWidth - shape.Left);
        for (int y = 0; y < shape.SourceHeight; y++, image += imageRow)
        {
            nint line = y + shape.Top;
            bool outside = line < 0 || line >= rows || from >= to;
            if (outside)
            {
                if (!accumulate) Clear(image, imageRow);
                continue;
            }
            T* source = plane + line * planeRow + (from + shape.Left) * channels;
            nint count = (to - from) * channels;
            if (accumulate)
            {
                ColumnSums<TSimd, TVec, T>.Run(source, 1, count, image + from * channels, true);
                continue;
            }
            Clear(image, from * channels);
            Copy(source, image + from * channels, count);
            Clear(image + to * channels, imageRow - to * channels);
        }
    }

    private static void Clear(T* destination, nint count) => new Span<T>(destination, (int)count).Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* source, T* destination, nint count)
    {
        nint i = 0;
        for (; i + TSimd.Count <= count; i += TSimd.Count) TSimd.Store(destination + i, TSimd.Load(source + i));
        if (i < count && count >= TSimd.Count)
        {
            // the last vector again, from its end
            i = count - TSimd.Count;
            TSimd.Store(destination + i, TSimd.Load(source + i));
            return;
        }
        for (; i < count; i++) destination[i] = source[i];
    }

    /// <summary>How a tile walks the plane under the kernel, for one group.</summary>
    public static TileShape Walk(in ConvShape shape, nint planeRow, nint resultRow)
    {
        nint pixel = shape.SourceChannels, group = shape.GroupSource, columns = shape.OutChannels;
        bool joined = shape.Groups == 1 && shape.DilationWidth == 1;
        return new TileShape
        {
            ARow = shape.StrideWidth * pixel,
            AStep = 1,
            BRow = columns,
            CRow = resultRow,
            Depth = joined ? shape.KernelWidth * group : group,
            Inner = joined ? 1 : shape.KernelWidth,
            AInner = shape.DilationWidth * pixel,
            BInner = group * columns,
            Outer = shape.KernelHeight,
            AOuter = shape.DilationHeight * planeRow,
            BOuter = shape.KernelWidth * group * columns,
        };
    }

    private struct Bands : IChunkedWork
    {
        public ConvCall<T>* Call;
        public T* W, Transformed, Few;
        public int Rows, Images;

        private readonly int BandsPerImage => (Call->Shape.OutHeight + Rows - 1) / Rows;
        public readonly int Count => (Call->Shape.Batch + Images - 1) / Images * BandsPerImage;

        public readonly void Execute(int chunk)
        {
            int row = chunk % BandsPerImage * Rows, first = chunk / BandsPerImage * Images;
            using Scratch scratch = Scratch.Open();
            ref ConvShape shape = ref Call->Shape;
            int rows = Math.Min(Rows, shape.OutHeight - row);
            if (Transformed != null)
            {
                Tiled(first, row, rows, scratch);
                return;
            }
            T* plane = NewPlane(in shape, Rows, scratch);
            T* work = Few == null ? null : scratch.Take<T>(ConvFew<TSimd, TVec, T>.WorkSize(in shape, rows));
            for (int image = first; image < Math.Min(first + Images, shape.Batch); image++)
            {
                T* source = Plane(in shape, Call->X + image * shape.SourceSize, row, rows, plane, out nint planeRow);
                nint offset = image * shape.ResultSize + shape.ResultStart + row * shape.ResultRow;
                if (Few == null)
                {
                    Band(Call, W, offset, rows, source, planeRow);
                    continue;
                }
                ConvFew<TSimd, TVec, T>.Band(in shape, rows, source, planeRow, Few, Call->Bias, Call->Y + offset, Call->Accumulate, work);
                Finish(Call, offset, rows);
            }
        }

        private readonly void Tiled(int first, int row, int rows, Scratch scratch)
        {
            ref ConvShape shape = ref Call->Shape;
            int last = Math.Min(first + Images, shape.Batch);
            WinogradBlock<T> block = Winograd<TSimd, TVec, T>.NewBlock(in shape, rows, last - first, scratch);
            for (int image = first; image < last; image += block.Images)
            {
                int images = Math.Min(block.Images, last - image);
                nint offset = image * shape.ResultSize + shape.ResultStart + row * shape.ResultRow;
                T* x = Call->X + image * shape.SourceSize;
                uint spoiled = 0;
                for (int from = 0; from < rows; from += block.Rows)
                {
                    int some = Math.Min(block.Rows, rows - from);
                    Winograd<TSimd, TVec, T>.Begin(ref block, images, some);
                    for (int i = 0; i < images; i++)
                    {
                        if (from == 0) Winograd<TSimd, TVec, T>.Fill(ref block, x + i * shape.SourceSize, row, rows);
                        Winograd<TSimd, TVec, T>.Transform(ref block, i, from);
                    }
                    Winograd<TSimd, TVec, T>.Multiply(ref block, Transformed);
                    for (int i = 0; i < images; i++)
                    {
                        T* y = Call->Y + offset + i * shape.ResultSize + from * shape.ResultRow;
                        if (!WinogradResults<TSimd, TVec, T>.Plain(in block, i, some, Call->Bias, y)) spoiled |= 1u << i;
                    }
                }
                for (int i = 0; i < images; i++, offset += shape.ResultSize)
                {
                    if ((spoiled >> i & 1) == 0)
                    {
                        Finish(Call, offset, rows);
                        continue;
                    }
                    Winograd<TSimd, TVec, T>.Fill(ref block, x + i * shape.SourceSize, row, rows);
                    Band(Call, W, offset, rows, block.Plane, block.PlaneRow);
                }
            }
        }
    }

    /// <summary>The activation of some rows of results.</summary>
    private static void Finish(ConvCall<T>* call, nint offset, int rows)
    {
        T* y = call->Y + offset, slope = call->Slope == null ? null : call->Slope + offset;
        if (call->Activation.Kind != UnaryKind.Identity || slope != null) Activate<TSimd, TVec, T>.Forward(call->Activation, y, y, slope, rows * call->Shape.ResultRow);
    }

    /// <summary>Some rows of one image's result, from <paramref name="offset"/> on; <paramref name="w"/> from <see cref="Kernel"/>, <paramref name="source"/> the rows' part of the plane.</summary>
    private static void Band(ConvCall<T>* call, T* w, nint offset, int rows, T* source, nint planeRow)
    {
        ref ConvShape shape = ref call->Shape;
        nint resultRow = shape.ResultRow, resultPixel = shape.ResultPixel;
        T* y = call->Y + offset;
        if (shape.Depthwise)
        {
            Depthwise<TSimd, TVec, T>.Rows(in shape, rows, source, planeRow, w, call->Turned, call->Bias, y, call->Accumulate);
            Finish(call, offset, rows);
            return;
        }
        TileShape walk = Walk(in shape, planeRow, resultPixel);
        for (int group = 0; group < shape.Groups; group++)
        {
            int firstColumn = group * shape.GroupOut, width = 2 * TSimd.Count;
            for (int j = 0; j < shape.GroupOut; j += width)
            {
                int used = Math.Min(width, shape.GroupOut - j), vectors = used > TSimd.Count ? 2 : 1;
                int column = firstColumn + j;
                T* bias = call->Bias == null ? null : call->Bias + column;
                for (int i = 0; i < rows; i++)
                {
                    T* result = y + i * resultRow + column;
                    T* init = call->Accumulate ? result : bias;
                    Tiles<TSimd, TVec, T>.Panel(
                        &walk, vectors, shape.OutWidth, used, false, source + i * shape.StrideHeight * planeRow + group * shape.GroupSource, w + column, result,
                        init, call->Accumulate ? resultPixel : 0);
                }
            }
        }
        Finish(call, offset, rows);
    }
}
