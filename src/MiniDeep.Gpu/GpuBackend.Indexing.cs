using System.Numerics;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    /// <summary>Indices up to this many are compared by each column for itself: one launch less.</summary>
    private const int FewIndices = 256;

    public void Gather(in TensorView x, in TensorView indices, in TensorView y)
    {
        switch (x.DType.Size())
        {
            case 8: Gather<long>(x, indices, y); break;
            case 4: Gather<int>(x, indices, y); break;
            default: Gather<byte>(x, indices, y); break;
        }
    }

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx)
    {
        if (dx.DType == DType.Float32) ScatterAdd<float>(dy, indices, dx);
        else ScatterAdd<double>(dy, indices, dx);
    }

    private void Gather<T>(in TensorView x, in TensorView indices, in TensorView y)
        where T : unmanaged
    {
        lock (_lock)
        {
            IndexArgs<T> args = IndexArguments<T>(x, indices, y);
            _kernels.Map<GatherKernel<T>, IndexArgs<T>>(args.Elements, args);
        }
    }

    private void ScatterAdd<T>(in TensorView dy, in TensorView indices, in TensorView dx)
        where T : unmanaged, INumber<T>
    {
        lock (_lock)
        {
            IndexArgs<T> args = IndexArguments<T>(dx, indices, dy);
            int count = args.Indices.Count;
            if (args.Elements > 0 && count > FewIndices)
            {
                args.Links = _parts.Take<int>(2L * count);
                args.IsLinked = 1;
                _kernels.Map<LinkKernel, LinkArgs>(count, new LinkArgs { Indices = args.Indices, Links = args.Links });
            }
            _kernels.Map<ScatterAddKernel<T>, IndexArgs<T>>(args.Elements, args);
        }
    }

    private IndexArgs<T> IndexArguments<T>(in TensorView whole, in TensorView indices, in TensorView part)
        where T : unmanaged => new()
        {
            Whole = View<T>(whole),
            Part = View<T>(part),
            Indices = new IndexList
            {
                Bytes = View<byte>(indices),
                IsWide = indices.DType == DType.Int64 ? 1 : 0,
                Count = indices.Shape.ElementCount,
                Size = whole.Shape[1],
            },
            Links = View<int>(default),
            Faults = _faults.Sink(checks: true),
            Elements = part.Shape.ElementCount,
            Inner = part.Shape[2],
        };
}
