using System.Numerics;

namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y)
    {
        int rank = x.Shape.Rank;
        int* integers = stackalloc int[3 * rank + 1];
        nint* strides = stackalloc nint[3 * rank + 1];
        fixed (byte* pointerX = &Pin(x), pointerY = &Pin(y))
        {
            var plan = new ReducePlan
            {
                X = pointerX,
                Y = pointerY,
                KeptSizes = integers,
                KeptX = strides,
                KeptY = strides + rank,
                ReducedSizes = integers + rank,
                ReducedX = strides + 2 * rank,
            };
            plan.SetAxes(x, y, integers + 2 * rank);
            plan.Kernel = x.DType switch
            {
                DType.Float32 => ArgKernel<float>(largest),
                DType.Float64 => ArgKernel<double>(largest),
                DType.Int32 => ArgKernel<int>(largest),
                DType.Int64 => ArgKernel<long>(largest),
                _ => ArgKernel<byte>(largest),
            };
            plan.Units = plan.Results;
            plan.Run(ReducePlan.ChunkSize / Math.Max(1, plan.ElementsPerResult));
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }

    public void Gather(in TensorView x, in TensorView indices, in TensorView y)
    {
        IndexShape shape = ShapeOf(x, indices, y);
        fixed (byte* pointerX = &Pin(x), pointerIndices = &Pin(indices), pointerY = &Pin(y))
        {
            CheckIndices(pointerIndices, indices.DType, shape);
            int size = x.DType.Size();
            if (shape.Inner == 1)
            {
                switch (size)
                {
                    case 8: IndexLoops.GatherElements((ulong*)pointerX, pointerIndices, indices.DType, (ulong*)pointerY, shape); break;
                    case 4: IndexLoops.GatherElements((uint*)pointerX, pointerIndices, indices.DType, (uint*)pointerY, shape); break;
                    default: IndexLoops.GatherElements(pointerX, pointerIndices, indices.DType, pointerY, shape); break;
                }
            }
            else
            {
                IndexLoops.GatherRows(pointerX, pointerIndices, indices.DType, pointerY, shape, (long)shape.Inner * size);
            }
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(indices.Storage);
        GC.KeepAlive(y.Storage);
    }

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx)
    {
        IndexShape shape = ShapeOf(dx, indices, dy);
        fixed (byte* pointerDy = &Pin(dy), pointerIndices = &Pin(indices), pointerDx = &Pin(dx))
        {
            CheckIndices(pointerIndices, indices.DType, shape);
            IndexLoops.ScatterAdd(
                ElementwiseKernels.Binary(BinaryKind.Add, dx.DType), pointerDy, pointerIndices, indices.DType, pointerDx, shape, dx.DType.Size());
        }
        GC.KeepAlive(dy.Storage);
        GC.KeepAlive(indices.Storage);
        GC.KeepAlive(dx.Storage);
    }

    private static delegate*<ReducePlan*, long, int, void> ArgKernel<T>(bool largest)
        where T : unmanaged, INumber<T>
        => largest ? &ArgReduceLoop<T>.Largest : &ArgReduceLoop<T>.Smallest;

    /// <summary>The sizes of [outer, n, inner] and [outer, count, inner].</summary>
    private static IndexShape ShapeOf(in TensorView whole, in TensorView indices, in TensorView part)
        => new(whole.Shape[0], whole.Shape[1], indices.Shape.ElementCount, part.Shape[2]);

    private static void CheckIndices(byte* indices, DType dtype, in IndexShape shape)
    {
        for (int i = 0; i < shape.Count; i++)
        {
            long index = IndexLoops.At(indices, dtype, i);
            if ((ulong)index >= (ulong)shape.Size)
                throw new IndexOutOfRangeException($"Index {index} at position {i} is outside an axis of size {shape.Size}.");
        }
    }
}
