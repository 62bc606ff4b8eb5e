namespace MiniDeep.Tests;

/// <summary>Models that between them hold everything that can be exported. The weights are random.</summary>
internal static class Samples
{
    private static readonly Dictionary<string, Func<DType, Sequential>> s_layers = new()
    {
        ["dense"] = t => Vectors(t).Dense(4),
        ["dense without bias"] = t => Vectors(t).Dense(4, useBias: false),
        ["dense with activation"] = t => Vectors(t).Dense(4, Activation.Tanh),
        ["dense over a sequence"] = t => Steps(t).Dense(4, Activation.ReLU).Dense(3),
        ["flatten a sequence"] = t => Steps(t).Flatten().Dense(2),
        ["flatten alone"] = t => Images(t).Flatten(),
        ["dropout"] = t => Vectors(t).Dropout(0.5).Dense(3).Dropout(0.2),
        ["softmax over steps"] = t => Steps(t).Dense(3).Softmax(),
        ["activations as layers"] = t => Vectors(t).Dense(8).ReLU().Dense(8).LeakyReLU(0.1).Dense(8).Swish().Dense(8).Sigmoid().Dense(8).Tanh().Dense(4).Softmax(),
        ["nested"] = t => Vectors(t).Add(Vectors(t, "encoder").Dense(5, Activation.ReLU).Dense(4)).Add(new Sequential(t, name: "head").Dense(3)),
    };

    // ONNX Runtime has convolutions of 32-bit floats alone
    private static readonly Dictionary<string, Func<DType, Sequential>> s_images = new()
    {
        ["convolution"] = t => Images(t).Conv2D(4, 3),
        ["convolution, same"] = t => Images(t).Conv2D(4, 3, Padding.Same, Activation.ReLU),
        ["convolution, same, even kernel"] = t => Images(t).Conv2D(4, (2, 4), Padding.Same),
        ["convolution, same, strides"] = t => Images(t).Conv2D(4, (3, 2), Padding.Same, strides: (2, 3)),
        ["convolution, valid, strides with a rest"] = t => Images(t).Conv2D(4, (2, 3), strides: (3, 4)),
        ["convolution without bias"] = t => Images(t).Conv2D(4, 3, useBias: false),
        ["convolution of one channel"] = t => new Sequential([6, 5, 1], t).Conv2D(4, 3),
        ["pool"] = t => Images(t).Conv2D(4, 3).MaxPool2D(2),
        ["pool, same, odd sizes"] = t => Images(t).Conv2D(4, 3, Padding.Same).MaxPool2D((2, 3), (2, 2), Padding.Same),
        ["pool, overlapping"] = t => Images(t).MaxPool2D(3, 2),
        ["flatten to dense"] = t => Images(t).Conv2D(4, 3, activation: Activation.ReLU).MaxPool2D(2).Flatten().Dense(5),
        ["flatten, activation, dropout, dense"] = t => Images(t).Conv2D(4, 3).Flatten().Swish().Dropout(0.3).Dense(5),
        ["flatten to the output"] = t => Images(t).Conv2D(4, 3).Flatten(),
        ["flatten to softmax"] = t => Images(t).Conv2D(4, 3).Flatten().Softmax(),
        ["dense over channels"] = t => Images(t).Conv2D(4, 3).Dense(3).Conv2D(2, 2),
        ["softmax over channels"] = t => Images(t).Conv2D(4, 3).Softmax(),
        ["nested convolutions"] = t => Images(t).Add(new Sequential(t, name: "features").Conv2D(4, 3).MaxPool2D(2)).Flatten().Dense(3),
        ["fused and not"] = t => Images(t).Conv2D(4, 3, Padding.Same).ReLU().MaxPool2D(2).Conv2D(3, 3, Padding.Same).Swish().Flatten().Dense(4).Tanh(),
        ["residual"] = t => Images(t).Conv2D(4, 3).Add(new Residual(4)).Add(new Residual(4)).Flatten().Dense(3),
        ["squeeze and excite"] = t => Images(t).Conv2D(6, 3).Add(new SqueezeAndExcite(2)).Conv2D(2, 1),
        ["global mean"] = t => Images(t).Conv2D(6, 3).Add(new Lambda(static x => x.Mean(1, 2))).Dense(3),
        ["channels first in between"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(static x => x.Transpose(0, 3, 1, 2).Contiguous() * 2)).Flatten().Dense(3),
        ["several orders of one image"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(
            static x => Flat(x.Transpose(0, 2, 1, 3)) + Flat(x.Transpose(0, 1, 3, 2)) + Flat(x.Transpose(0, 3, 2, 1)) + Flat(x.Transpose(0, 3, 1, 2)) + Flat(x))),
        ["images flattened twice"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(static x => (Flat(x) * Flat(x.Sin())) + Flat(x.Transpose(0, 2, 1, 3)).Softmax())).Dense(3),
        ["sums of flattened images"] = t => Images(t).Conv2D(4, 3).Flatten().Add(new Lambda(
            static x => x - x.Mean([0], keepDims: true) + x.Max([1], keepDims: true) + x[.., 3..4] + Tensor.Range(x.Shape[1], x.DType).Sin())).Dense(3),
        ["image by image"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(static x => x * Tensor.Where(x > x.Mean([1, 2], keepDims: true), x, x.Transpose(0, 1, 2, 3) * 0.5))).Conv2D(2, 2),
        ["part of the channels"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(static x => x[.., .., .., 1..3].Contiguous())).Conv2D(2, 2),
        ["rows and columns swapped"] = t => Images(t).Conv2D(4, 3).Add(new Lambda(static x => x.Transpose(0, 2, 1, 3).Contiguous())).Conv2D(2, 2),
    };

    private static readonly Dictionary<string, Activation> s_activations = new()
    {
        ["linear"] = Activation.Linear,
        ["relu"] = Activation.ReLU,
        ["swish"] = Activation.Swish,
        ["tanh"] = Activation.Tanh,
        ["sigmoid"] = Activation.Sigmoid,
        ["softmax"] = Activation.Softmax,
        ["leaky relu"] = Activation.LeakyReLU(),
        ["leaky relu, negative"] = Activation.LeakyReLU(-0.2),
        ["own"] = Activation.Of("own", static x => x * (x * 0.5).Softplus().Tanh()),
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_functions = new()
    {
        ["arithmetic"] = static x => (((x + 2) * 3) - (1 / (x.Square() + 1)) - 0.5) / (x.Abs() + 2),
        ["exponentials"] = static x => x.Exp() + (x.Abs() + 1).Log() + x.Softplus(),
        ["roots and powers"] = static x => (x.Abs() + 1).Sqrt() + (x.Abs() + 1).Pow(1.7) + (x.Abs() + 1).Pow(x),
        ["waves"] = static x => x.Sin() + (2 * x.Cos()),
        ["steps"] = static x => (x * 3).Floor() + x.Sign() - (-x).Clip(-0.5, 0.25),
        ["choices"] = static x => Tensor.Where(x > 0.2, x, 2 * x) + Tensor.Where(!(x <= 0), x.Sin(), x.Maximum(-x)) + x.Minimum(x.Square()),
        ["a choice of constants"] = static x => x * Tensor.Where(x > 0, Tensor.Ones([6], x.DType), Tensor.Full([6], 0.5, x.DType)),
        ["comparisons"] = static x => x.EqualTo(x.Abs()).To(x.DType) + (2 * x.NotEqualTo(x.Abs()).To(x.DType)) + (x >= 0.3).To(x.DType) + (x < x.Sin()).To(x.DType) + (x > -0.1).To(DType.Int64).To(x.DType),
        ["reductions"] = static x => x.Sum([1], keepDims: true) + x.Mean([1], keepDims: true) + x.Max([1], keepDims: true) - x.Min([1], keepDims: true) + x,
        ["over the batch"] = static x => x - x.Mean([0], keepDims: true) + x.Max([0], keepDims: true) + x.Sum([0], keepDims: true),
        ["softmax of another axis"] = static x => x.Reshape(x.Shape[0], 2, 3).Softmax(axis: 1).Reshape(x.Shape[0], 6),
        ["log softmax"] = static x => x.LogSoftmax(),
        ["argmax"] = static x => x.ArgMax(keepDims: true).To(x.DType) + (x.ArgMin(keepDims: true).To(x.DType) * 10) + x,
        ["one hot"] = static x => x.ArgMax().OneHot(6, x.DType) + x,
        ["parts"] = static x => x[.., 1..4] + x[.., ^3..] + x[.., 0].Reshape(x.Shape[0], 1) + (x.Reshape(x.Shape[0], 2, 3)[.., 1] * 2),
        ["all but the first, then all"] = static x => x + (x[1..].Sum([0], keepDims: true) - x[..^1].Sum([0], keepDims: true)),
        ["transposed"] = static x => x.Transpose().Contiguous().Square().Transpose().Contiguous() + x,
        ["transposed product"] = static x => x.MatMul(x.Transpose()).MatMul(x),
        ["grouped and swapped"] = static x => x.Reshape(x.Shape[0], 2, 3).Transpose(0, 2, 1).Reshape(x.Shape[0], 6) * 2,
        ["stretched"] = static x => x.Reshape(x.Shape[0], 6, 1).BroadcastTo([x.Shape[0], 6, 4]).Sum(2) + x,
        ["zeros and ones of the batch's size"] = static x => x + Tensor.Ones([x.Shape[0], 6], x.DType, x.Device).Softmax() + Tensor.Ones([x.Shape[0], 1], x.DType),
        ["a matrix of the batch's size"] = static x => Tensor.Full([x.Shape[0], 4], 0.5, x.DType).MatMul(Tensor.Full([4, 6], 0.25, x.DType)) + x,
        ["a product with ones"] = static x => Tensor.Ones([x.Shape[0], x.Shape[0]], x.DType, x.Device).MatMul(x),
        ["positions"] = static x => x + Tensor.Range(6, x.DType, x.Device) + Tensor.Range(6, x.DType),
        ["picked"] = static x => x.Gather(Tensor.From([5, 0, 2]), axis: 1) + x.Gather(Tensor.From([1, 1, 4], x.Device), axis: 1),
        ["matrix by vector"] = static x => x.MatMul(Tensor.Range(6, x.DType)).Reshape(x.Shape[0], 1),
        ["each sample with each"] = static x => (x.Reshape(x.Shape[0], 1, 6) - x.Reshape(1, x.Shape[0], 6)).Square().Sum(2).Sum([1], keepDims: true) + x,
        ["nothing but a constant"] = static x => Tensor.Ones([x.Shape[0], 3], x.DType, x.Device),
        ["a scalar on top"] = static x => x / x.Square().Sum().Sqrt(),
        ["a dense batch norm"] = static x => (x - x.Mean([0], keepDims: true)) * ((x - x.Mean([0], keepDims: true)).Square().Mean([0], keepDims: true) + 1e-3).Pow(-0.5) + x,
    };

    private static readonly Dictionary<string, Func<DType, Sequential>> s_custom = new()
    {
        ["gated unit"] = t => Vectors(t).Add(new GatedUnit(8)).Dense(1),
        ["two gated units"] = t => Vectors(t).Add(new GatedUnit(8)).Add(new GatedUnit(3)),
        ["attention"] = t => Steps(t).Add(new Attention(6)).Dense(2),
        ["heads"] = t => Steps(t).Dense(6).Add(new Heads(3)).Flatten().Dense(2),
        ["embedding"] = t => new Sequential([5], t).Add(new Embedding(4, 3)).Flatten().Dense(2),
    };

    /// <summary>Each layer, activation and operation, in models that run in both dtypes.</summary>
    public static IReadOnlyDictionary<string, Func<DType, Sequential>> Any { get; } = s_layers
        .Concat(s_custom)
        .Concat(s_activations.Select(a => KeyValuePair.Create<string, Func<DType, Sequential>>($"activation {a.Key}", t => Vectors(t).Dense(8, a.Value).Dense(3, a.Value))))
        .Concat(s_functions.Select(f => KeyValuePair.Create<string, Func<DType, Sequential>>($"function {f.Key}", t => Vectors(t).Add(new Lambda(f.Value)))))
        .ToDictionary(static sample => sample.Key, static sample => Randomized(sample.Value));

    /// <summary>What has convolutions.</summary>
    public static IReadOnlyDictionary<string, Func<DType, Sequential>> Convolutional { get; } = s_images
        .Concat(s_activations.Select(a => KeyValuePair.Create<string, Func<DType, Sequential>>($"convolution with {a.Key}", t => Images(t).Conv2D(4, 3, activation: a.Value).MaxPool2D(2))))
        .ToDictionary(static sample => sample.Key, static sample => Randomized(sample.Value));

    private static Tensor Flat(Tensor x) => x.Reshape(x.Shape[0], -1);

    private static Sequential Vectors(DType dtype, string? name = null) => new([6], dtype, seed: 1, name);

    private static Sequential Steps(DType dtype) => new([5, 4], dtype, seed: 1);

    private static Sequential Images(DType dtype) => new([9, 8, 3], dtype, seed: 1);

    private static Func<DType, Sequential> Randomized(Func<DType, Sequential> create) => dtype => OnnxFile.WithRandomWeights(create(dtype));
}
