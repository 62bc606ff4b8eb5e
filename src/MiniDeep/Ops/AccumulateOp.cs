namespace MiniDeep;

/// <summary>totals[i] += weight * value, on the device and in Float64: running losses and metrics that nobody has to wait for. No gradient.</summary>
internal static class AccumulateOp
{
    public static void Apply(Tensor totals, int index, Tensor value, double weight)
    {
        IBackend backend = totals.Device.Backend;
        TensorView whole = totals.View;
        var slot = new TensorView(whole.Storage, whole.Offset + index, [1]);
        TensorView scalar = value.View.Reshaped(slot.Shape);
        if (value.DType == totals.DType)
        {
            backend.Unary(UnaryKind.MultiplyScalar, weight, scalar, slot, accumulate: true);
            return;
        }
        var converted = new TensorView(MemoryScope.Rent(totals.Device, totals.DType, 1), 0, slot.Shape);
        backend.Copy(scalar, converted);
        backend.Unary(UnaryKind.MultiplyScalar, weight, converted, slot, accumulate: true);
        MemoryScope.Return(totals.Device, converted.Storage);
    }
}
