using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>
/// Everything that a device must do, and nothing else. Calls may return before the work is done (a GPU's stream); only
/// <see cref="Download"/> and <see cref="Synchronize"/> wait.
/// <para>Only copy, elementwise operations and reductions get views with strides; everything else is contiguous. Shapes, dtypes and devices are
/// checked by the ops: a backend may rely on them. Sizes may be 0. A result never overlaps an operand, except where it is the very same
/// view (in place), which elementwise operations must allow.</para>
/// <para>Fused members return false where a backend has no such kernel for these arguments; the op then runs the plain chain.</para>
/// <para><c>accumulate</c> means: add to what the destination holds, instead of overwriting it.</para>
/// </summary>
[Experimental(Experiments.Backends)]
public interface IBackend
{
    // ---- memory

    /// <summary>The smallest buffer, in bytes, that is worth pooling; smaller ones are left to the garbage collector.</summary>
    long PoolThreshold { get; }

    /// <summary>A new block of at least this many bytes; its content is undefined.</summary>
    MemoryBlock Allocate(long bytes);

    /// <summary>Copies bytes from the host to the start of a buffer's part.</summary>
    void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset);

    /// <summary>Waits for the work before it, then copies bytes to the host.</summary>
    void Download(Storage source, long byteOffset, Span<byte> destination);

    /// <summary>Waits until all work is done.</summary>
    void Synchronize();

    /// <summary>Says that a model of this float type is going to compute here, so that what takes long at first, such as compiling kernels, can be done at once.</summary>
    void Prepare(DType dtype)
    {
    }

    // ---- elementwise, any strides

    /// <summary>Sets every element to a number, converted to the dtype.</summary>
    void Fill(in TensorView y, double value);

    /// <summary>Copies to another layout or dtype of the same shape. Floats become integers by truncation (out of range the nearest one, NaN 0), integers narrower ones by their low bits, anything Bool by "is not 0".</summary>
    void Copy(in TensorView x, in TensorView y);

    /// <summary>y = f(x), same shape and dtype (Not: Bool). Integers take Identity, Negate, Abs, Sign, Square, AddScalar, MultiplyScalar.</summary>
    void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate);

    /// <summary>dx = dy f'(.), all contiguous; <paramref name="saved"/> is f's result where <see cref="UnaryKinds.GradientFromOutput"/> says so, otherwise its operand. dx may be dy.</summary>
    void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate);

    /// <summary>y = f(a, b): all of one shape (a broadcast operand has strides of 0), a and b of one dtype; y of the same, or Bool for comparisons.</summary>
    void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate);

    /// <summary>y = condition ? a : b, element by element; condition is Bool.</summary>
    void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y);

    // ---- reductions, any strides

    /// <summary>y has x's rank, with size 1 along the reduced axes. The order of a sum depends on the shape alone.</summary>
    void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate);

    /// <summary>The position (Int64) of the first largest or smallest element along an axis (first NaN if there is one); y has size 1 there.</summary>
    void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y);

    // ---- matrices, contiguous

    /// <summary>
    /// c = op(a) op(b). The last two axes are matrices: op(a) is [m, k], op(b) [k, n], c [m, n]. Leading axes are batches: equal, or an operand has
    /// rank 2 and serves the whole batch.
    /// </summary>
    void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate);

    /// <summary>Fused: y = f(x w + bias), x [m, k], w [k, n], bias [n] or none; where slope is given it gets f'(x w + bias).</summary>
    bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope);

    /// <summary>
    /// Fused: the gradient of <see cref="Linear"/>. dy [m, n] may be overwritten (with dz). <paramref name="saved"/> is y or slope. dx, dw and dbias may be left out.
    /// </summary>
    bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias);

    /// <summary>dz = dy f'(.) for a fused activation (dz may be dy; saved is y or the slope) and, where asked for, dbias = the sums of dz over all axes but the last.</summary>
    void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias);

    // ---- images, contiguous, [batch, height, width, channels]

    /// <summary>y = f(conv(x, w) + bias) (cross-correlation, as everybody calls convolution); slope as in <see cref="Linear"/>.</summary>
    void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope);

    /// <summary>The gradient of a convolution to its input.</summary>
    void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate);

    /// <summary>The gradient of a convolution to its kernel.</summary>
    void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate);

    /// <summary>
    /// Largest element of each window (first of equals; NaN wins). argmax (UInt8, of y's shape, or none) gets its place in the window: row * windowWidth + column.
    /// </summary>
    void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax);

    /// <summary>dx gets dy at the windows' winners and 0 elsewhere.</summary>
    void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate);

    /// <summary>
    /// Fused: convolution, bias, activation and max-pool in one pass, exactly as the three in a row. y, argmax and slope (f' at the winners) have the pooled shape;
    /// argmax and slope may be left out.
    /// </summary>
    bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope);

    /// <summary>Fused: the gradient of <see cref="ConvPool"/>. dy (pooled shape) may be overwritten. saved is y or slope. dx, dw, dbias may be left out.</summary>
    bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias);

    // ---- softmax and losses, contiguous

    /// <summary>Softmax, or its logarithm, over the last axis, with the maximum subtracted.</summary>
    void Softmax(bool logarithm, in TensorView x, in TensorView y);

    /// <summary>The gradient of <see cref="Softmax"/> from its result. dx may be dy.</summary>
    void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate);

    /// <summary>
    /// loss (one element) = scale times the sum of all the rows' (softmax) or elements' (sigmoid) losses; gradient, where asked for, is its derivative, of the logits' shape:
    /// scale (p - target), with p times the sum of a row's targets where they aren't a distribution.
    /// </summary>
    /// <exception cref="LabelException">A class number is outside the classes; a device may tell later, at the next wait.</exception>
    void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient);

    // ---- indexing, contiguous

    /// <summary>y[o, i, :] = x[o, indices[i], :] with x [outer, n, inner], indices (Int32 or Int64) flat, y [outer, count, inner]. Any dtype.</summary>
    /// <exception cref="IndexOutOfRangeException">An index is outside [0, n); a device may tell later.</exception>
    void Gather(in TensorView x, in TensorView indices, in TensorView y);

    /// <summary>The gradient of <see cref="Gather"/>: dx[o, indices[i], :] += dy[o, i, :], in order of i. dx has been initialised.</summary>
    void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx);

    // ---- random and optimizers, contiguous

    /// <summary>
    /// y[i] = x[i] / (1 - rate) where half i of the Philox stream (key, stream) is at least rate * 2^16, otherwise 0; for both float types. Half i is the lower (even i) or
    /// upper half of word i / 2 % 4 of the Philox4x32-10 block at the counter (low: i / 8, high: stream). The same call on dy is its gradient.
    /// </summary>
    void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate);

    /// <summary>One optimizer step over all the parameters.</summary>
    void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets);
}
