using System.Numerics;
using ILGPU;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    /// <summary>Elements that a thread takes before a result is worth being cut into parts, and the fewest that it then takes.</summary>
    private const int ThreadElements = 64, ThreadElementsOfPart = 16;

    /// <summary>Groups that keep a large device busy; the parts of a result follow from this and from the shape, never from the device at hand.</summary>
    private const int ManyGroups = 1024;

    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate)
    {
        if (x.DType.IsFloat()) Reduce<double, FloatFold>(kind, x, y, accumulate);
        else if (kind == ReduceKind.Mean) throw new DTypeException("A mean isn't defined for integers; convert them to a float type first.");
        else Reduce<long, IntegerFold>(kind, x, y, accumulate);
    }

    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y)
    {
        if (x.DType.IsFloat()) ArgReduce<double, FloatFold>(largest, x, y);
        else ArgReduce<long, IntegerFold>(largest, x, y);
    }

    private void Reduce<TSum, F>(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate)
        where TSum : unmanaged
        where F : struct, IFold<TSum>
    {
        lock (_lock)
        {
            foreach (ReduceTask task in ReducePlan.Of(x, y))
            {
                long elements = task.Parts.Sum(static part => (long)part.Layout.Count);
                ReduceArgs<TSum> args = new()
                {
                    X = View<byte>(x, task.Start.A),
                    Y = View<byte>(y, task.Start.Y),
                    Partials = View<TSum>(default),
                    Kept = task.Kept,
                    From = (int)x.DType,
                    To = (int)y.DType,
                    Kind = (int)kind,
                    Accumulate = accumulate ? 1 : 0,
                    Scale = 1,
                    Divisor = kind == ReduceKind.Mean ? elements : 1,
                };
                if (task.Parts is [LayoutPart only])
                {
                    args.Reduced = only.Layout;
                    int parts = Share(ref args, PartsOf(args));
                    if (parts == 1)
                    {
                        Start<TSum, F>(args, 1);
                        continue;
                    }
                    args.Partials = _parts.Take<TSum>((long)parts * task.Kept.Count);
                    args.ToPartials = 1;
                    Start<TSum, F>(args, parts);
                    Finish<TSum, F>(args, parts);
                    continue;
                }
                args.Partials = _parts.Take<TSum>((long)task.Parts.Count * task.Kept.Count);
                args.ToPartials = 1;
                foreach (LayoutPart part in task.Parts)
                {
                    args.X = View<byte>(x, task.Start.A + part.Start.A);
                    args.Reduced = part.Layout;
                    Share(ref args, 1);
                    Start<TSum, F>(args, 1);
                    args.FirstPart++;
                }
                Finish<TSum, F>(args, task.Parts.Count);
            }
        }
    }

    /// <summary>Combines the partials of so many parts into the results.</summary>
    private void Finish<TSum, F>(ReduceArgs<TSum> args, int parts)
        where TSum : unmanaged
        where F : struct, IFold<TSum>
    {
        args.Reduced = new Layout { Axes = 1, Count = parts, Axis0 = new Axis { Size = parts, A = args.Kept.Count } };
        args.FirstPart = args.ToPartials = 0;
        args.FromPartials = 1;
        Share(ref args, 1);
        Start<TSum, F>(args, 1);
    }

    private void Start<TSum, F>(in ReduceArgs<TSum> args, int parts)
        where TSum : unmanaged
        where F : struct, IFold<TSum> => _kernels.Launch<ReduceKernel<TSum, F>, ReduceArgs<TSum>>(new KernelConfig(args.Blocks * parts, Limits.MapGroup), args);

    private void ArgReduce<TSum, F>(bool largest, in TensorView x, in TensorView y)
        where TSum : unmanaged
        where F : struct, IFold<TSum>
    {
        lock (_lock)
        {
            foreach (ReduceTask task in ReducePlan.Of(x, y))
            {
                // one axis is reduced, so there is one part
                Layout reduced = task.Parts[0].Layout;
                bool adjacent = IsAdjacent(task.Kept, reduced);
                int slices = SlicesOf(task.Kept.Count, reduced.Count, adjacent);
                if (slices > reduced.Count) slices /= 2;
                ArgReduceArgs args = new()
                {
                    X = View<byte>(x, task.Start.A),
                    Y = View<long>(y, task.Start.Y),
                    Kept = task.Kept,
                    From = (int)x.DType,
                    Largest = largest ? 1 : 0,
                    Size = reduced.Count,
                    Stride = reduced.Axis0.A,
                    Slices = slices,
                    Adjacent = adjacent ? 1 : 0,
                };
                int groups = Ratio(task.Kept.Count, Limits.MapGroup / slices);
                _kernels.Launch<ArgReduceKernel<TSum, F>, ArgReduceArgs>(new KernelConfig(groups, Limits.MapGroup), args);
            }
        }
    }

    /// <summary>Shares the results and their elements among the threads of groups, in at most so many parts; how many there are.</summary>
    private int Share<TSum>(ref ReduceArgs<TSum> args, int parts)
        where TSum : unmanaged
    {
        bool adjacent = IsAdjacent(args.Kept, args.Reduced);
        args.Slices = SlicesOf(args.Kept.Count, args.Reduced.Count, adjacent);
        args.Adjacent = adjacent ? 1 : 0;
        args.Blocks = Ratio(args.Kept.Count, Limits.MapGroup / args.Slices);
        args.PartSize = Math.Max(Ratio(args.Reduced.Count, parts), 1);
        return Math.Max(Ratio(args.Reduced.Count, args.PartSize), 1);
    }

    /// <summary>How many parts the elements of each result are worth.</summary>
    private int PartsOf<TSum>(in ReduceArgs<TSum> args)
        where TSum : unmanaged
    {
        int slices = SlicesOf(args.Kept.Count, args.Reduced.Count, IsAdjacent(args.Kept, args.Reduced));
        int blocks = Ratio(args.Kept.Count, Limits.MapGroup / slices);
        if (args.Reduced.Count / slices <= ThreadElements) return 1;
        return Math.Clamp(ManyGroups / blocks, 1, Ratio(args.Reduced.Count, slices * ThreadElementsOfPart));
    }

    /// <summary>Threads a result: many where its elements lie side by side, otherwise what is left when neighbouring results have 32 threads.</summary>
    private int SlicesOf(int results, int elements, bool adjacent)
    {
        int most = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(elements, 1, Limits.MapGroup));
        int lanes = adjacent ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(results, 1, Math.Min(32, Limits.MapGroup)));
        return Math.Min(most, Limits.MapGroup / lanes);
    }

    /// <summary>Whether the elements of a result lie closer together than the results do.</summary>
    private static bool IsAdjacent(in Layout kept, in Layout reduced) =>
        kept.Axes == 0 || (reduced.Axes > 0 && Distance(reduced) < Distance(kept));

    private static long Distance(in Layout layout) => layout.Axis0.A == 0 ? long.MaxValue : Math.Abs((long)layout.Axis0.A);

    private static int Ratio(int count, int size) => (int)(((long)count + size - 1) / size);
}
