namespace MiniDeep;

/// <summary>Class numbers as rows that are 1 at the class and 0 elsewhere. No gradient.</summary>
internal static class OneHotOp
{
    public static Tensor Apply(Tensor labels, int classes, DType dtype)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (labels.DType is not (DType.Int32 or DType.Int64)) throw new DTypeException($"OneHot takes Int32 or Int64 labels, not {labels.DType}.");
        var identity = new double[classes, classes];
        for (int i = 0; i < classes; i++) identity[i, i] = 1;
        try
        {
            return GatherOp.Apply(Tensor.From(identity).To(dtype).To(labels.Device), labels, axis: 0);
        }
        catch (ShapeException error) when (error.InnerException is IndexOutOfRangeException)
        {
            throw new LabelException($"OneHot: {error.InnerException.Message} With {classes} classes, labels go from 0 to {classes - 1}.");
        }
    }
}
