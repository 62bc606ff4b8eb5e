using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>Division of numbers from 0 to 2^31 - 1 by one number: a product and a shift (Granlund and Montgomery 1994), where a device's division takes tens of instructions.</summary>
internal readonly struct Divisor
{
    private readonly ulong _factor;
    private readonly int _shift;

    public Divisor(int value)
    {
        Value = Math.Max(value, 1);
        int bits = 32 - BitOperations.LeadingZeroCount((uint)Value - 1);
        _shift = 31 + bits;
        _factor = ((1UL << _shift) / (ulong)Value) + 1;
    }

    public int Value { get; }

    public int Quotient(int number) => (int)(((ulong)(uint)number * _factor) >> _shift);
}

/// <summary>Where a product finds an operand: element (row, k), with k along the sum, and a view for each of the batch.</summary>
internal struct Matrix
{
    public int RowStride, KStride;

    /// <summary>From one view of the batch to the next; 0 where one serves all.</summary>
    public int BatchStride;

    /// <summary>Where k is two axes in one: the size of the inner one, of <see cref="KStride"/>, and the step of the outer one. No outer one: 0.</summary>
    public Divisor KInner;

    public int KOuterStride;

    /// <summary>Every four k are one row of a pooled image's gradient: see <see cref="ProductArgs{T}.Winners"/>.</summary>
    public int Winners;

    /// <summary>Whether neighbouring threads of a tile take neighbours along k.</summary>
    public int AlongK;

    public readonly int K(int k)
    {
        if (KOuterStride == 0) return k * KStride;
        int outer = KInner.Quotient(k);
        return (outer * KOuterStride) + ((k - (outer * KInner.Value)) * KStride);
    }
}

/// <summary>
/// An image as the matrix of a convolution, whose rows are pixels and whose columns are the places under the kernel: a tap's row and column, and a channel. Nothing is
/// copied: an element is looked up where it lies in the image, and is 0 outside. The same serves a convolution, its gradient to the input (an image of the output's size, spread
/// out by the stride and seen by the kernel turned round), and its gradient to the kernel (the matrix transposed).
/// </summary>
internal struct Gather
{
    /// <summary>The size of the image that is looked into; its elements from one image to the next; its channels.</summary>
    public int Height, Width, ImageStride, Channels;

    /// <summary>The pixels of the other image: their row, column and place in a batch.</summary>
    public Divisor PixelsWide, PixelsOfImage;

    /// <summary>The pixels come in windows of 2 x 2, one after the other.</summary>
    public int Windows;

    /// <summary>A pixel's place in the image, from its row and column.</summary>
    public int ScaleY, ScaleX, StartY, StartX;

    /// <summary>The channels of a tap, and its row and column.</summary>
    public Divisor TapChannels, TapsWide;

    public int StepY, StepX;

    /// <summary>Of so many rows and columns only the first is an element of the image; the others are 0.</summary>
    public Divisor SpreadY, SpreadX;

    /// <summary>From one group of channels to the next.</summary>
    public int BatchStride;

    /// <summary>The image is the gradient of a pooled one, of half the height and width: see <see cref="ProductArgs{T}.Winners"/>.</summary>
    public int Winners;

    /// <summary>Whether the sum runs over pixels, not over taps.</summary>
    public int SumsPixels;

    public readonly Spot Pixel(int pixel)
    {
        int image = PixelsOfImage.Quotient(pixel), rest = pixel - (image * PixelsOfImage.Value), y, x;
        if (Windows != 0)
        {
            int window = rest >> 2;
            y = PixelsWide.Quotient(window);
            x = (2 * (window - (y * PixelsWide.Value))) + (rest & 1);
            y = (2 * y) + ((rest >> 1) & 1);
        }
        else
        {
            y = PixelsWide.Quotient(rest);
            x = rest - (y * PixelsWide.Value);
        }
        Spot spot = default;
        spot.Offset = image * ImageStride;
        spot.Y = (y * ScaleY) + StartY;
        spot.X = (x * ScaleX) + StartX;
        return spot;
    }

    public readonly Spot Tap(int place)
    {
        int tap = TapChannels.Quotient(place), row = TapsWide.Quotient(tap);
        Spot spot = default;
        spot.Offset = place - (tap * TapChannels.Value);
        spot.Y = row * StepY;
        spot.X = (tap - (row * TapsWide.Value)) * StepX;
        return spot;
    }
}

/// <summary>What a pixel or a tap adds to a place in an image.</summary>
internal struct Spot
{
    public int Offset, Y, X;
}

/// <summary>Which elements of an operand's tile a thread carries: four, of one row or of one k, where neighbouring threads take neighbours in memory.</summary>
internal struct Carry
{
    /// <summary>The first one in the tile, and the step to the others.</summary>
    public int Row, K, RowStep, KStep;

    public static Carry Of(int thread, int rowBits, int depthBits, int alongK)
    {
        Carry carry = default;
        if (alongK != 0)
        {
            carry.K = thread & ((1 << depthBits) - 1);
            carry.Row = thread >> depthBits;
            carry.RowStep = ProductTile.Threads >> depthBits;
        }
        else
        {
            carry.Row = thread & ((1 << rowBits) - 1);
            carry.K = thread >> rowBits;
            carry.KStep = ProductTile.Threads >> rowBits;
        }
        return carry;
    }
}

/// <summary>The operands of a product: how a thread finds its four elements of each, step by step along k.</summary>
internal interface IOperands<T, TSelf>
    where T : unmanaged, INumber<T>
    where TSelf : struct, IOperands<T, TSelf>
{
    /// <summary>What stays the same for the left one at all steps.</summary>
    static abstract TSelf Start(ProductArgs<T> args, int firstRow, Carry carry, int batch);

    /// <summary>The left one's elements of the step that starts at a k; 0 from the last k on.</summary>
    static abstract Quad<T> Left(TSelf self, ProductArgs<T> args, Carry carry, int k, int last);

    /// <summary>The right one's.</summary>
    static abstract Quad<T> Right(ProductArgs<T> args, int row, int start, Carry carry, int k, int last);

    static abstract T LeftElement(ProductArgs<T> args, int row, int k, int batch);

    static abstract T RightElement(ProductArgs<T> args, int start, int k);
}

/// <summary>Two matrices.</summary>
internal struct MatrixOperands<T> : IOperands<T, MatrixOperands<T>>
    where T : unmanaged, INumber<T>
{
    private int _row, _start;

    public static MatrixOperands<T> Start(ProductArgs<T> args, int firstRow, Carry carry, int batch)
    {
        MatrixOperands<T> self = default;
        self._row = firstRow + carry.Row;
        self._start = (batch * args.Left.BatchStride) + (self._row * args.Left.RowStride);
        return self;
    }

    public static Quad<T> Left(MatrixOperands<T> self, ProductArgs<T> args, Carry carry, int k, int last) =>
        Four(args.A, args.Left, self._row, args.Rows, self._start, carry, k + carry.K, last);

    public static Quad<T> Right(ProductArgs<T> args, int row, int start, Carry carry, int k, int last) =>
        Four(args.B, args.Right, row, args.Columns, start, carry, k + carry.K, last);

    public static T LeftElement(ProductArgs<T> args, int row, int k, int batch) =>
        args.A[(batch * args.Left.BatchStride) + (row * args.Left.RowStride) + (k * args.Left.KStride)];

    public static T RightElement(ProductArgs<T> args, int start, int k) => args.B[start + (k * args.Right.KStride)];

    private static Quad<T> Four(ArrayView<T> view, Matrix matrix, int row, int rows, int start, Carry carry, int k, int last)
    {
        int at = start + (k * matrix.KStride), step = (carry.RowStep * matrix.RowStride) + (carry.KStep * matrix.KStride);
        Quad<T> four = default;
        four.X = One(view, at, row < rows && k < last);
        four.Y = One(view, at + step, row + carry.RowStep < rows && k + carry.KStep < last);
        four.Z = One(view, at + (2 * step), row + (2 * carry.RowStep) < rows && k + (2 * carry.KStep) < last);
        four.W = One(view, at + (3 * step), row + (3 * carry.RowStep) < rows && k + (3 * carry.KStep) < last);
        return four;
    }

    private static T One(ArrayView<T> view, int at, bool inside) => inside ? view[at] : T.Zero;
}

/// <summary>An image on the left and a matrix on the right; either may be a pooled image's gradient, which is at the windows' winners and 0 elsewhere.</summary>
internal struct ImageOperands<T> : IOperands<T, ImageOperands<T>>
    where T : unmanaged, INumber<T>
{
    private int _row, _start;
    private Spot _tap, _pixel0, _pixel1, _pixel2, _pixel3;

    public static ImageOperands<T> Start(ProductArgs<T> args, int firstRow, Carry carry, int batch)
    {
        ImageOperands<T> self = default;
        self._row = firstRow + carry.Row;
        self._start = batch * args.Image.BatchStride;
        if (args.Image.SumsPixels != 0)
        {
            self._tap = args.Image.Tap(self._row);
        }
        else
        {
            self._pixel0 = args.Image.Pixel(self._row);
            self._pixel1 = args.Image.Pixel(self._row + carry.RowStep);
            self._pixel2 = args.Image.Pixel(self._row + (2 * carry.RowStep));
            self._pixel3 = args.Image.Pixel(self._row + (3 * carry.RowStep));
        }
        return self;
    }

    public static Quad<T> Left(ImageOperands<T> self, ProductArgs<T> args, Carry carry, int k, int last)
    {
        int at = k + carry.K;
        Spot tap = self._tap, pixel0 = self._pixel0, pixel1 = self._pixel1, pixel2 = self._pixel2, pixel3 = self._pixel3;
        if (args.Image.SumsPixels == 0)
        {
            tap = args.Image.Tap(at);
        }
        else
        {
            pixel0 = args.Image.Pixel(at);
            pixel1 = args.Image.Pixel(at + carry.KStep);
            pixel2 = args.Image.Pixel(at + (2 * carry.KStep));
            pixel3 = args.Image.Pixel(at + (3 * carry.KStep));
        }
        Quad<T> four = default;
        four.X = LeftOne(args, pixel0, tap, self._start, self._row, at, last);
        four.Y = LeftOne(args, pixel1, tap, self._start, self._row + carry.RowStep, at + carry.KStep, last);
        four.Z = LeftOne(args, pixel2, tap, self._start, self._row + (2 * carry.RowStep), at + (2 * carry.KStep), last);
        four.W = LeftOne(args, pixel3, tap, self._start, self._row + (3 * carry.RowStep), at + (3 * carry.KStep), last);
        return four;
    }

    public static Quad<T> Right(ProductArgs<T> args, int row, int start, Carry carry, int k, int last)
    {
        int at = k + carry.K;
        Quad<T> four = default;
        four.X = RightOne(args, row, start, at, last);
        start += carry.RowStep * args.Right.RowStride;
        four.Y = RightOne(args, row + carry.RowStep, start, at + carry.KStep, last);
        start += carry.RowStep * args.Right.RowStride;
        four.Z = RightOne(args, row + (2 * carry.RowStep), start, at + (2 * carry.KStep), last);
        start += carry.RowStep * args.Right.RowStride;
        four.W = RightOne(args, row + (3 * carry.RowStep), start, at + (3 * carry.KStep), last);
        return four;
    }

    public static T LeftElement(ProductArgs<T> args, int row, int k, int batch)
    {
        bool sumsPixels = args.Image.SumsPixels != 0;
        return LeftOne(args, args.Image.Pixel(sumsPixels ? k : row), args.Image.Tap(sumsPixels ? row : k), batch * args.Image.BatchStride, 0, 0, 1);
    }

    public static T RightElement(ProductArgs<T> args, int start, int k) => RightOne(args, 0, start, k, args.Depth);

    private static T LeftOne(ProductArgs<T> args, Spot pixel, Spot tap, int start, int row, int k, int last)
    {
        if (row >= args.Rows || k >= last) return T.Zero;
        int y = pixel.Y + tap.Y, x = pixel.X + tap.X;
        if (y < 0 || x < 0) return T.Zero;
        if (args.Image.SpreadY.Value != 1)
        {
            int whole = args.Image.SpreadY.Quotient(y);
            if (whole * args.Image.SpreadY.Value != y) return T.Zero;
            y = whole;
        }
        if (args.Image.SpreadX.Value != 1)
        {
            int whole = args.Image.SpreadX.Quotient(x);
            if (whole * args.Image.SpreadX.Value != x) return T.Zero;
            x = whole;
        }
        if (y >= args.Image.Height || x >= args.Image.Width) return T.Zero;
        int first = start + pixel.Offset + tap.Offset;
        if (args.Image.Winners == 0) return args.A[first + (((y * args.Image.Width) + x) * args.Image.Channels)];
        int at = first + ((((y >> 1) * (args.Image.Width >> 1)) + (x >> 1)) * args.Image.Channels);
        return args.Winners[at] == (2 * (y & 1)) + (x & 1) ? args.A[at] : T.Zero;
    }

    private static T RightOne(ProductArgs<T> args, int row, int start, int k, int last)
    {
        if (row >= args.Columns || k >= last) return T.Zero;
        if (args.Right.Winners == 0) return args.B[start + args.Right.K(k)];
        int at = start + ((k >> 2) * args.Right.KStride);
        return args.Winners[at] == (k & 3) ? args.B[at] : T.Zero;
    }
}
