using System.Numerics;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        if (y.DType == DType.Float32) Conv2D<float, Real32>(x, w, bias, geometry, activation, y, slope);
        else Conv2D<double, Real64>(x, w, bias, geometry, activation, y, slope);
    }

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate)
    {
        if (dx.DType == DType.Float32) InputGrad<float, Real32>(new Gradient(dz, geometry), w, geometry, dx, accumulate);
        else InputGrad<double, Real64>(new Gradient(dz, geometry), w, geometry, dx, accumulate);
    }

    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate)
    {
        if (dw.DType == DType.Float32) WeightGrad<float, Real32>(x, new Gradient(dz, geometry), geometry, dw, accumulate);
        else WeightGrad<double, Real64>(x, new Gradient(dz, geometry), geometry, dw, accumulate);
    }

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope)
    {
        if (!Fuses(pool)) return false;
        if (y.DType == DType.Float32) ConvPool<float, Real32>(x, w, bias, conv, activation, pool, y, argmax, slope);
        else ConvPool<double, Real64>(x, w, bias, conv, activation, pool, y, argmax, slope);
        return true;
    }

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        if (!Fuses(pool)) return false;
        lock (_lock)
        {
            ActivationGrad(activation, saved, dy, dy, dbias, accumulateBias);
            Gradient dz = new(dy, argmax, pool);
            if (dy.DType == DType.Float32)
            {
                if (!dw.IsNone) WeightGrad<float, Real32>(x, dz, conv, dw, accumulateW);
                if (!dx.IsNone) InputGrad<float, Real32>(dz, w, conv, dx, accumulateX);
            }
            else
            {
                if (!dw.IsNone) WeightGrad<double, Real64>(x, dz, conv, dw, accumulateW);
                if (!dx.IsNone) InputGrad<double, Real64>(dz, w, conv, dx, accumulateX);
            }
        }
        return true;
    }

    /// <summary>Windows of 2 x 2 side by side: the four pixels of a window are then four rows of a tile.</summary>
    private static bool Fuses(in PoolGeometry pool) =>
        pool is { WindowHeight: 2, WindowWidth: 2, StrideHeight: 2, StrideWidth: 2, PadTop: 0, PadLeft: 0 } && pool.OutHeight * 2 <= pool.InHeight && pool.OutWidth * 2 <= pool.InWidth;

    private void Conv2D<T, R>(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry g, FusedActivation activation, in TensorView y, in TensorView slope)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        lock (_lock)
        {
            ProductArgs<T> args = Forward<T>(x, w, g, g.OutHeight, g.OutWidth, 0);
            args.End = End<T>(y, g.OutChannels, false, bias, activation, slope);
            RunForward<T, R>(args, g);
        }
    }

    private void ConvPool<T, R>(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry g, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        lock (_lock)
        {
            ProductArgs<T> args = Forward<T>(x, w, g, pool.OutHeight, pool.OutWidth, 1);
            args.End = End<T>(y, g.OutChannels, false, bias, activation, slope);
            args.End.Windows = 1;
            args.End.Places = View<byte>(argmax);
            args.End.HasPlaces = argmax.IsNone ? 0 : 1;
            RunForward<T, R>(args, g);
        }
    }

    /// <summary>A convolution as a product: [pixels, taps and channels] [taps and channels, output channels], a group of channels a time.</summary>
    private ProductArgs<T> Forward<T>(in TensorView x, in TensorView w, in ConvGeometry g, int height, int width, int windows)
        where T : unmanaged, INumber<T>
    {
        int channels = g.InChannels / g.Groups, pixels = height * width * (windows == 0 ? 1 : 4);
        ProductArgs<T> args = Product<T>(x, w, checked(g.Batch * pixels), g.OutChannels / g.Groups, g.KernelHeight * g.KernelWidth * channels, g.Groups);
        args.Image = InputOf(g, width, pixels);
        args.Image.Windows = windows;
        args.Left.AlongK = 1;
        args.Right = new Matrix { RowStride = 1, KStride = g.OutChannels, BatchStride = args.Columns };
        return args;
    }

    private void RunForward<T, R>(ProductArgs<T> args, in ConvGeometry g)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        args.End.BatchStride = args.End.BiasStride = args.Columns;
        Run<T, R, ImageOperands<T>>(args, IsNarrow(args));
    }

    /// <summary>The gradient to the input, as a product: [input pixels, taps and output channels] [taps and output channels, input channels].</summary>
    private void InputGrad<T, R>(in Gradient dz, in TensorView w, in ConvGeometry g, in TensorView dx, bool accumulate)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int channels = g.OutChannels / g.Groups, pixels = g.InHeight * g.InWidth;
        lock (_lock)
        {
            ProductArgs<T> args = Product<T>(dz.View, w, checked(g.Batch * pixels), g.InChannels / g.Groups, g.KernelHeight * g.KernelWidth * channels, g.Groups);
            args.Winners = View<byte>(dz.Winners);
            args.Image = new Gather
            {
                Height = dz.Height,
                Width = dz.Width,
                ImageStride = dz.Pixels / dz.WindowSize * g.OutChannels,
                Channels = g.OutChannels,
                PixelsWide = new Divisor(g.InWidth),
                PixelsOfImage = new Divisor(pixels),
                ScaleY = 1,
                ScaleX = 1,
                StartY = g.PadTop,
                StartX = g.PadLeft,
                TapChannels = new Divisor(channels),
                TapsWide = new Divisor(g.KernelWidth),
                StepY = -g.DilationHeight,
                StepX = -g.DilationWidth,
                SpreadY = new Divisor(g.StrideHeight),
                SpreadX = new Divisor(g.StrideWidth),
                BatchStride = channels,
                Winners = dz.Windows,
            };
            args.Left.AlongK = 1;
            args.Right = new Matrix
            {
                RowStride = g.OutChannels,
                KStride = 1,
                BatchStride = channels,
                KInner = new Divisor(channels),
                KOuterStride = args.Columns * g.OutChannels,
                AlongK = 1,
            };
            args.End = End<T>(dx, g.InChannels, accumulate);
            args.End.BatchStride = args.Columns;
            Run<T, R, ImageOperands<T>>(args, IsNarrow(args));
        }
    }

    /// <summary>The gradient to the kernel, as a product: [taps and channels, pixels] [pixels, output channels].</summary>
    private void WeightGrad<T, R>(in TensorView x, in Gradient dz, in ConvGeometry g, in TensorView dw, bool accumulate)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int channels = g.InChannels / g.Groups;
        lock (_lock)
        {
            ProductArgs<T> args = Product<T>(x, dz.View, g.KernelHeight * g.KernelWidth * channels, g.OutChannels / g.Groups, checked(g.Batch * dz.Pixels), g.Groups);
            args.Winners = View<byte>(dz.Winners);
            args.Image = InputOf(g, dz.Windows == 0 ? dz.Width : dz.Width / 2, dz.Pixels);
            args.Image.Windows = dz.Windows;
            args.Image.SumsPixels = 1;
            args.Right = new Matrix { RowStride = 1, KStride = g.OutChannels, BatchStride = args.Columns, Winners = dz.Windows };
            args.End = End<T>(dw, g.OutChannels, accumulate);
            args.End.BatchStride = args.Columns;
            Run<T, R, ImageOperands<T>>(args, IsNarrow(args));
        }
    }

    /// <summary>The input of a convolution, as seen from the pixels of its output.</summary>
    private static Gather InputOf(in ConvGeometry g, int pixelsWide, int pixels) => new()
    {
        Height = g.InHeight,
        Width = g.InWidth,
        ImageStride = g.InHeight * g.InWidth * g.InChannels,
        Channels = g.InChannels,
        PixelsWide = new Divisor(pixelsWide),
        PixelsOfImage = new Divisor(pixels),
        ScaleY = g.StrideHeight,
        ScaleX = g.StrideWidth,
        StartY = -g.PadTop,
        StartX = -g.PadLeft,
        TapChannels = new Divisor(g.InChannels / g.Groups),
        TapsWide = new Divisor(g.KernelWidth),
        StepY = g.DilationHeight,
        StepX = g.DilationWidth,
        SpreadY = new Divisor(1),
        SpreadX = new Divisor(1),
        BatchStride = g.InChannels / g.Groups,
    };

    /// <summary>Whether the groups of channels, a view of the batch each, are so narrow that tiles would be nearly empty: depthwise convolutions above all.</summary>
    private static bool IsNarrow<T>(in ProductArgs<T> args)
        where T : unmanaged, INumber<T> => args.Batch > 1 && (args.Columns < 8 || (long)args.Rows * args.Columns < 64);

    /// <summary>The gradient of a convolution's result, or what a pool left of it: then it is at the windows' winners, and 0 elsewhere.</summary>
    private readonly struct Gradient
    {
        public readonly TensorView View, Winners;

        /// <summary>The pixels that have a gradient.</summary>
        public readonly int Height, Width;

        public Gradient(in TensorView dz, in ConvGeometry g) => (View, Winners, Height, Width) = (dz, default, g.OutHeight, g.OutWidth);

        public Gradient(in TensorView dz, in TensorView winners, in PoolGeometry pool) => (View, Winners, Height, Width) = (dz, winners, 2 * pool.OutHeight, 2 * pool.OutWidth);

        public int Pixels => Height * Width;

        public int Windows => Winners.IsNone ? 0 : 1;

        public int WindowSize => Winners.IsNone ? 1 : 4;
    }
}
