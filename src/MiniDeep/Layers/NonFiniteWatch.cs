namespace MiniDeep;

/// <summary>Looks for NaN and infinity in what layers compute, while a model asks for it.</summary>
internal sealed class NonFiniteWatch : LayerWatch
{
    private static readonly NonFiniteWatch s_instance = new();

    private NonFiniteWatch()
    {
    }

    public static bool IsOn => Current == s_instance;

    public static Scope Enter(bool on) => on ? s_instance.Enter() : default;

    /// <exception cref="NonFiniteException">The output holds NaN or infinity.</exception>
    public override void Ends(Layer layer, Tensor output)
    {
        if (output.Device.HasData && !IsFinite(output))
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
}
