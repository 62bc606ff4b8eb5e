namespace MiniDeep;

/// <summary>total += weight * value, on the device and in Float64: running losses and metrics that nobody has to wait for. No gradient.</summary>
internal static class AccumulateOp
{
    /// <param name="total">One element, as a vector.</param>
    /// <param name="value">One element.</param>
    /// <param name="weight">How often it counts.</param>
    public static void Apply(Tensor total, Tensor value, double weight)
    {
        Device device = total.Device;
        IBackend backend = device.Backend;
        TensorView slot = total.View, scalar = value.View.Reshaped(total.Shape);
        if (value.DType == total.DType)
        {
            backend.Unary(UnaryKind.MultiplyScalar, weight, scalar, slot, accumulate: true);
            return;
        }
        var converted = new TensorView(MemoryScope.Rent(device, total.DType, 1), 0, total.Shape);
        backend.Copy(scalar, converted);
        backend.Unary(UnaryKind.MultiplyScalar, weight, converted, slot, accumulate: true);
        MemoryScope.Return(device, converted.Storage);
    }
}
