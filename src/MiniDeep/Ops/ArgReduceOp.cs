namespace MiniDeep;

/// <summary>The position (Int64) of the first largest or smallest element along an axis. No gradient.</summary>
internal static class ArgReduceOp
{
    public static Tensor Apply(bool largest, Tensor x, int axis, bool keepDims)
    {
        string name = largest ? "ArgMax" : "ArgMin";
        axis = Axes.Resolve(x.Shape, axis, name);
        if (x.DType == DType.Bool) throw new DTypeException($"{name} doesn't take Bool.");
        if (x.Shape[axis] == 0) throw new ShapeException($"{name}: axis {axis} of shape {x.Shape} has no element to choose.");
        int[] sizes = x.Shape.ToArray();
        sizes[axis] = 1;
        Shape kept = Shape.Adopt(sizes);
        Tensor y = Tensor.Empty(keepDims ? kept : ReduceOp.Dropped(x.Shape, [axis]), DType.Int64, x.Device);
        x.Device.Backend.ArgReduce(largest, x.View, axis, y.View.Reshaped(kept));
        return y;
    }
}
