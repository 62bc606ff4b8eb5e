namespace MiniDeep.Tests.Serialization;

/// <summary>Models of random layers with random settings.</summary>
internal static class RandomModels
{
    /// <summary>A model that is a function of the seed.</summary>
    public static Sequential Draw(int seed)
    {
        var random = new NumPyRandom(seed);
        bool isImage = random.RandInt(0, 2) == 0;
        Shape shape = isImage ? [Size(4, 8), Size(4, 8), Size(1, 3)] : [Size(1, 6)];
        var model = new Sequential(shape, Pick(DType.Float32, DType.Float64), seed: seed * 7919L, name: Pick("net", "größe 🙂", "a/b"));
        for (int i = Size(0, 5); i > 0; i--) Add(model);
        if (model.Parameters.Count > 0 && random.RandInt(0, 3) == 0) model.Parameters[(int)random.RandInt(0, model.Parameters.Count)].Trainable = false;
        if (random.RandInt(0, 4) == 0) model.FuseLayers = false;
        foreach (Parameter parameter in model.Parameters) parameter.CopyFrom(Tensor.From(random.Randn(parameter.Count), parameter.Shape));
        return model;

        int Size(int low, int high) => (int)random.RandInt(low, high + 1);

        T Pick<T>(params T[] options) => options[random.RandInt(0, options.Length)];

        Activation? Function() => Pick(
            null, Activation.ReLU, Activation.Swish, Activation.Tanh, Activation.Sigmoid, Activation.Softmax, Activation.Linear, Activation.LeakyReLU(random.Randn()));

        Initializer? Start() => Pick(
            null, Initializer.Zeros, Initializer.HeNormal, Initializer.GlorotNormal, Initializer.Constant(random.Randn()), Initializer.Constant(double.NaN),
            Initializer.Uniform(-1, random.Rand()), Initializer.Normal(random.Randn(), 0.1), Initializer.TruncatedNormal(0, random.Rand()), Initializer.LeCunUniform);

        void Add(Sequential to)
        {
            bool image = to.OutputShape.Rank == 3;
            switch (Size(0, 7))
            {
                case 0 when image:
                    Padding padding = Pick(Padding.Same, Padding.Valid);
                    bool isSmall = to.OutputShape[0] < 2 || to.OutputShape[1] < 2;
                    to.Conv2D(Size(1, 3), (Size(1, 2), Size(1, 2)), isSmall ? Padding.Same : padding, Function(), Size(1, 2), Size(0, 1) == 0, Start(), Start());
                    break;
                case 1 when image:
                    to.MaxPool2D((Size(1, 2), Size(1, 2)), Pick<Size2D?>(null, 1, (2, 1)), Padding.Same);
                    break;
                case 2:
                    to.Flatten();
                    break;
                case 3:
                    to.Dropout(Pick(0, 0.25, 0.9));
                    break;
                case 4:
                    to.Activation(Function() ?? Activation.ReLU);
                    break;
                case 5:
                    var inner = new Sequential(to.ModelDType, seed: seed);
                    if (random.RandInt(0, 2) == 0) inner.Dense(Size(1, 4), Function());
                    inner.Dropout(0.5);
                    to.Add(inner);
                    break;
                default:
                    to.Dense(Size(1, 5), Function(), Size(0, 1) == 0, Start(), Start(), name: random.RandInt(0, 4) == 0 ? $"own name {to.Layers.Count}" : null);
                    break;
            }
        }
    }

    /// <summary>Saves, loads and saves again; the two files and the answers of the two models must be the same to the bit.</summary>
    /// <returns>What differs; null if nothing does.</returns>
    public static string? RoundTrip(int seed, string folder)
    {
        Sequential model = Draw(seed);
        string first = Path.Combine(folder, "first.safetensors"), second = Path.Combine(folder, "second.safetensors");
        model.Save(first);
        Sequential loaded = Sequential.Load(first);
        loaded.Save(second);
        if (!File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second))) return $"seed {seed}: the files differ";
        Tensor x = Tensor.From(new NumPyRandom(seed).Randn(2 * model.InputShape.ElementCount), model.InputShape.Prepend(2)).To(model.ModelDType);
        foreach (bool training in new[] { false, true })
        {
            double[] before = model.Call(x, training).To(DType.Float64).ToArray<double>(), after = loaded.Call(x, training).To(DType.Float64).ToArray<double>();
            if (!before.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(after.Select(BitConverter.DoubleToInt64Bits))) return $"seed {seed}: the answers differ, training: {training}";
        }
        return null;
    }
}
