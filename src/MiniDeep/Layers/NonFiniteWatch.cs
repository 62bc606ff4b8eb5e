namespace MiniDeep;

/// <summary>Looks for NaN and infinity in what layers compute, while a model asks for it.</summary>
internal static class NonFiniteWatch
{
    [ThreadStatic] private static int t_depth;

    public static bool IsOn => t_depth > 0;

    public static Scope Enter(bool on) => new(on);

    /// <exception cref="NonFiniteException">The output holds NaN or infinity.</exception>
    public static void Check(Tensor output, Layer layer)
    {
        if (output.Device != Device.Shapes && !IsFinite(output))
            throw new NonFiniteException($"{LayerError.Name(layer)} gave NaN or infinity. Its inputs were finite: look at its weights, at the learning rate and at the scale of the data.");
    }

    /// <exception cref="NonFiniteException">The tensor holds NaN or infinity.</exception>
    public static void Check(Tensor tensor, string what)
    {
        if (!IsFinite(tensor)) throw new NonFiniteException($"{what} holds NaN or infinity.");
    }

    /// <summary>0 x is 0 for finite x and NaN for all others.</summary>
    public static bool IsFinite(Tensor tensor)
    {
        if (!tensor.DType.IsFloat()) return true;
        using (Tensor.NoGrad()) return (tensor.Detach() * 0).Sum().Item() == 0;
    }

    internal readonly ref struct Scope
    {
        private readonly bool _on;

        public Scope(bool on)
        {
            _on = on;
            if (on) t_depth++;
        }

        public void Dispose()
        {
            if (_on) t_depth--;
        }
    }
}
