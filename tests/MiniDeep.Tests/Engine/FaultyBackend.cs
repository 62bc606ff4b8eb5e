namespace MiniDeep.Tests.Engine;

/// <summary>The CPU's backend, which counts what it is asked to compute and can be told to fail at a certain call.</summary>
internal sealed class FaultyBackend : IBackend
{
    private readonly CpuBackend _cpu = CpuBackend.Instance;

    /// <summary>Calls that compute something.</summary>
    public int Calls { get; private set; }

    /// <summary>Blocks that were allocated.</summary>
    public int Allocations { get; private set; }

    /// <summary>Bytes that were allocated for the pool; it never gives any back by itself.</summary>
    public long PooledBytes { get; private set; }

    /// <summary>The call that fails, counted like <see cref="Calls"/>; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>Makes blocks of another kind, for tests that compute nothing.</summary>
    public Func<long, MemoryBlock>? MakeBlock { get; init; }

    /// <summary>The next allocation fails.</summary>
    public bool OutOfMemory { get; set; }

    public long PoolThreshold => _cpu.PoolThreshold;

    private CpuBackend Next => ++Calls == FailAt ? throw new InjectedException() : _cpu;

    public MemoryBlock Allocate(long bytes)
    {
        if (OutOfMemory)
        {
            OutOfMemory = false;
            throw new OutOfMemoryException();
        }
        Allocations++;
        if (bytes >= PoolThreshold) PooledBytes += bytes;
        return (MakeBlock ?? _cpu.Allocate)(bytes);
    }

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset) => _cpu.Upload(source, destination, byteOffset);

    public void Download(Storage source, long byteOffset, Span<byte> destination) => _cpu.Download(source, byteOffset, destination);

    public void Synchronize() => _cpu.Synchronize();

    public void Fill(in TensorView y, double value) => Next.Fill(y, value);

    public void Copy(in TensorView x, in TensorView y) => Next.Copy(x, y);

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate) => Next.Unary(kind, alpha, x, y, accumulate);

    public void UnaryGrad(
        UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate) =>
        Next.UnaryGrad(kind, alpha, saved, dy, dx, accumulate);

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate) => Next.Binary(kind, a, b, y, accumulate);

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y) => Next.Select(condition, a, b, y);

    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) => Next.Reduce(kind, x, y, accumulate);

    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) => Next.ArgReduce(largest, x, axis, y);

    public void MatMul(
        in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate) =>
        Next.MatMul(a, transposeA, b, transposeB, c, accumulate);

    public bool Linear(
        in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope) =>
        Next.Linear(x, w, bias, activation, y, slope);

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy, in TensorView dx, bool accumulateX,
        in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) =>
        Next.LinearGrad(x, w, saved, activation, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);

    public void ActivationGrad(
        FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias) =>
        Next.ActivationGrad(activation, saved, dy, dz, dbias, accumulateBias);

    public void Conv2D(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope) =>
        Next.Conv2D(x, w, bias, geometry, activation, y, slope);

    public void Conv2DInputGrad(
        in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) =>
        Next.Conv2DInputGrad(dz, w, geometry, dx, accumulate);

    public void Conv2DWeightGrad(
        in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) =>
        Next.Conv2DWeightGrad(x, dz, geometry, dw, accumulate);

    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax) => Next.MaxPool2D(x, geometry, y, argmax);

    public void MaxPool2DGrad(
        in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) =>
        Next.MaxPool2DGrad(dy, argmax, geometry, dx, accumulate);

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope) =>
        Next.ConvPool(x, w, bias, conv, activation, pool, y, argmax, slope);

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool, in TensorView saved,
        in TensorView argmax, in TensorView dy, in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias,
        bool accumulateBias) =>
        Next.ConvPoolGrad(x, w, conv, activation, pool, saved, argmax, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);

    public void Softmax(bool logarithm, in TensorView x, in TensorView y) => Next.Softmax(logarithm, x, y);

    public void SoftmaxGrad(
        bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate) =>
        Next.SoftmaxGrad(logarithm, y, dy, dx, accumulate);

    public void CrossEntropy(
        CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient) =>
        Next.CrossEntropy(kind, logits, target, scale, loss, gradient);

    public void Gather(in TensorView x, in TensorView indices, in TensorView y) => Next.Gather(x, indices, y);

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx) => Next.ScatterAdd(dy, indices, dx);

    public void Dropout(
        in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate) =>
        Next.Dropout(x, rate, key, stream, y, accumulate);

    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets) => Next.Update(rule, targets);

    /// <summary>What the backend was told to throw.</summary>
    public sealed class InjectedException() : Exception("injected");
}
