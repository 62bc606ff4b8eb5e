namespace MiniDeep.Tests.Gradients;

/// <summary>Float64 tensors of random numbers on a device: the same in each run, others for each tensor.</summary>
internal sealed class Draw(Device device, long seed = 1)
{
    private int _tensors;

    public Device Device => device;

    /// <summary>Standard normal.</summary>
    public Tensor Normal(Shape shape)
    {
        var values = new double[shape.ElementCount];
        RandomStream stream = Next();
        Philox.FillNormal<double>(values, stream.Key, stream.Stream, 0, 1);
        return Tensor.From(values, shape, device);
    }

    /// <summary>Uniform between two numbers.</summary>
    public Tensor Uniform(Shape shape, double low, double high) => Tensor.From(Uniforms(shape, low, high), shape, device);

    /// <summary>0.3 to 1.5, of either sign: no function has a kink or a pole there but the one at 0.</summary>
    public Tensor OffZero(Shape shape)
    {
        double[] values = Uniforms(shape, -1.2, 1.2);
        for (int i = 0; i < values.Length; i++) values[i] += values[i] < 0 ? -0.3 : 0.3;
        return Tensor.From(values, shape, device);
    }

    /// <summary>Numbers at least 0.01 apart, in random order: no two are equal, nor become so in a step. Two draws with offsets 0 and 0.005 have none in common.</summary>
    public Tensor Distinct(Shape shape, double offset = 0)
    {
        RandomStream stream = Next();
        int[] order = Philox.Permutation(shape.ElementCount, stream.Key, stream.Stream);
        return Tensor.From([.. order.Select(i => offset + 0.01 * (i - order.Length / 2))], shape, device);
    }

    /// <summary>Multiples of 1/64: exact in Float32, a step of 1/64 on either side too.</summary>
    public Tensor Coarse(Shape shape) => Tensor.From([.. Uniforms(shape, -2, 2).Select(static v => Math.Round(v * 64) / 64)], shape, device);

    /// <summary>Positive rows that sum to 1 along the last axis.</summary>
    public Tensor Distributions(Shape shape)
    {
        Tensor raw = Uniform(shape, 0.2, 1);
        return raw / raw.Sum([-1], keepDims: true);
    }

    public Tensor Bool(Shape shape) => Uniform(shape, -1, 1) > 0;

    /// <summary>Numbers from 0 up to but not including the bound.</summary>
    public Tensor Integers(Shape shape, int bound, DType dtype = DType.Int32) => Uniform(shape, 0, bound).To(dtype);

    private double[] Uniforms(Shape shape, double low, double high)
    {
        var values = new double[shape.ElementCount];
        RandomStream stream = Next();
        Philox.FillUniform<double>(values, stream.Key, stream.Stream, low, high);
        return values;
    }

    private RandomStream Next() => RandomStream.Of(seed, RandomPurpose.Noise, _tensors++);
}
