namespace MiniDeep.Tests;

/// <summary>Networks drawn by seed: images, sequences or vectors, with whatever layers fit.</summary>
internal static class RandomNetworks
{
    public const int Count = 50;

    private static readonly Activation[] s_activations =
    [
        Activation.Linear, Activation.ReLU, Activation.Swish, Activation.Tanh, Activation.Sigmoid, Activation.LeakyReLU(), Activation.LeakyReLU(0.05),
        Activation.Of("cubed", static x => x + (x * x.Square() * 0.1)),
    ];

    /// <param name="seed">Decides on everything. Every fifth network is of 64-bit floats, which ONNX Runtime has no convolutions for.</param>
    public static Sequential Draw(int seed)
    {
        var random = new Random(seed);
        DType dtype = seed % 5 == 0 ? DType.Float64 : DType.Float32;
        int rank = dtype == DType.Float64 ? random.Next(1, 3) : random.Next(1, 4);
        int[] sizes = rank switch
        {
            1 => [random.Next(2, 12)],
            2 => [random.Next(2, 7), random.Next(2, 7)],
            _ => [random.Next(5, 13), random.Next(5, 13), random.Next(1, 4)],
        };
        var model = new Sequential(Shape.Create(sizes), dtype, seed);
        for (int layers = random.Next(2, 7); layers > 0; layers--) model.Add(Layer(random, model.OutputShape, dtype));
        if (model.OutputShape.Rank > 1 && random.Next(2) == 0) model.Flatten();
        model.Dense(random.Next(2, 6), random.Next(2) == 0 ? Activation.Softmax : null);
        return OnnxFile.WithRandomWeights(model, seed);
    }

    private static Layer Layer(Random random, Shape shape, DType dtype)
    {
        Activation activation = s_activations[random.Next(s_activations.Length)];
        int kind = random.Next(shape.Rank == 3 ? 10 : 6);
        return kind switch
        {
            0 => new ActivationLayer(activation),
            1 => new Dropout(0.4),
            2 => Nested(random, shape, dtype),
            3 => new GatedUnit(random.Next(2, 8)),
            4 or 5 => new Dense(random.Next(2, 8), activation, useBias: random.Next(4) > 0),
            6 => Pool(random, shape),
            _ => Conv(random, shape, activation),
        };
    }

    private static Sequential Nested(Random random, Shape shape, DType dtype)
    {
        var model = new Sequential(shape, dtype, seed: random.Next());
        for (int layers = random.Next(1, 3); layers > 0; layers--) model.Add(Layer(random, model.OutputShape, dtype));
        return model;
    }

    private static Conv2D Conv(Random random, Shape shape, Activation activation)
    {
        var kernel = new Size2D(random.Next(1, Math.Min(4, shape[0]) + 1), random.Next(1, Math.Min(4, shape[1]) + 1));
        Padding padding = random.Next(2) == 0 ? Padding.Same : Padding.Valid;
        return new Conv2D(random.Next(1, 7), kernel, padding, activation, new Size2D(random.Next(1, 3), random.Next(1, 3)), useBias: random.Next(4) > 0);
    }

    private static MaxPool2D Pool(Random random, Shape shape)
    {
        var window = new Size2D(random.Next(1, Math.Min(3, shape[0]) + 1), random.Next(1, Math.Min(3, shape[1]) + 1));
        return new MaxPool2D(window, random.Next(2) == 0 ? null : new Size2D(random.Next(1, 4), random.Next(1, 4)), random.Next(2) == 0 ? Padding.Same : Padding.Valid);
    }
}
