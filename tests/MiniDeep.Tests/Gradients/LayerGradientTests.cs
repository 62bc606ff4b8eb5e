using System.Reflection;

namespace MiniDeep.Tests.Gradients;

/// <summary>Every layer, with every activation, in shape corners of its own.</summary>
public class LayerGradientTests
{
    // away from 0, where a bias would hide a wrong sign
    private static readonly Initializer _weights = Initializer.Normal(0, 0.7);

    private static readonly (string Name, Func<Activation> Activation)[] _activations =
    [
        ("linear", static () => Activation.Linear),
        ("relu", static () => Activation.ReLU),
        ("leaky_relu", static () => Activation.LeakyReLU(0.2)),
        ("swish", static () => Activation.Swish),
        ("tanh", static () => Activation.Tanh),
        ("sigmoid", static () => Activation.Sigmoid),
        ("softmax", static () => Activation.Softmax),
        ("user's own", static () => Activation.Of("mish", static x => x * x.Softplus().Tanh())),
    ];

    private static readonly (string Name, Shape Input, Func<Activation, Layer> Layer)[] _layers =
    [
        ("Dense 1", [1], static f => Dense(1, f)),
        ("Dense 3 of 1", [1], static f => Dense(3, f)),
        ("Dense 1 of 5", [5], static f => Dense(1, f)),
        ("Dense 4 of 5", [5], static f => Dense(4, f)),
        ("Dense 8 of 8", [8], static f => Dense(8, f)),
        ("Dense 17 of 33", [33], static f => Dense(17, f)),
        ("Dense 3 over rows", [4, 5], static f => Dense(3, f)),
        ("Dense 3 over images", [2, 3, 4], static f => Dense(3, f)),
        ("Dense 10 of 128", [128], static f => Dense(10, f)),
        ("Dense 65 of 3", [3], static f => Dense(65, f)),
        ("Dense 5 of 1 x 1", [1, 1], static f => Dense(5, f)),
        ("Dense without a bias", [4], static f => new Dense(3, f, useBias: false, kernelInitializer: _weights)),
        ("Conv2D of a pixel", [1, 1, 1], static f => Conv(2, 1, Padding.Valid, f)),
        ("Conv2D 1 x 1", [3, 4, 5], static f => Conv(3, 1, Padding.Same, f)),
        ("Conv2D 3 x 3", [5, 6, 2], static f => Conv(4, 3, Padding.Valid, f)),
        ("Conv2D 3 x 3 same", [6, 5, 1], static f => Conv(16, 3, Padding.Same, f)),
        ("Conv2D 2 x 2 same", [5, 5, 3], static f => Conv(2, 2, Padding.Same, f)),
        ("Conv2D 2 x 3", [5, 4, 2], static f => Conv(3, (2, 3), Padding.Valid, f)),
        ("Conv2D 3 x 1", [6, 1, 3], static f => Conv(3, (3, 1), Padding.Same, f)),
        ("Conv2D, strides of 2", [7, 6, 2], static f => Conv(3, 3, Padding.Valid, f, 2)),
        ("Conv2D same, strides of 2", [7, 6, 2], static f => Conv(3, 3, Padding.Same, f, 2)),
        ("Conv2D same, strides 1 and 3", [5, 8, 2], static f => Conv(2, 3, Padding.Same, f, (1, 3))),
        ("Conv2D as large as the image", [4, 4, 2], static f => Conv(3, 4, Padding.Valid, f)),
        ("Conv2D without a bias", [5, 5, 2], static f => new Conv2D(3, 3, Padding.Same, f, useBias: false, kernelInitializer: _weights)),
        ("Activation [1]", [1], static f => new ActivationLayer(f)),
        ("Activation [2]", [2], static f => new ActivationLayer(f)),
        ("Activation [7]", [7], static f => new ActivationLayer(f)),
        ("Activation [16]", [16], static f => new ActivationLayer(f)),
        ("Activation [33]", [33], static f => new ActivationLayer(f)),
        ("Activation [257]", [257], static f => new ActivationLayer(f)),
        ("Activation [3, 4]", [3, 4], static f => new ActivationLayer(f)),
        ("Activation [1, 5]", [1, 5], static f => new ActivationLayer(f)),
        ("Activation [5, 1]", [5, 1], static f => new ActivationLayer(f)),
        ("Activation [2, 3, 4]", [2, 3, 4], static f => new ActivationLayer(f)),
        ("Activation [3, 3, 3]", [3, 3, 3], static f => new ActivationLayer(f)),
        ("Activation [1, 1, 1, 2]", [1, 1, 1, 2], static f => new ActivationLayer(f)),
    ];

    private static readonly (string Name, Shape Input, Func<Layer> Layer)[] _plain =
    [
        ("MaxPool2D of a pixel", [1, 1, 1], static () => new MaxPool2D(1)),
        ("MaxPool2D 2", [4, 6, 3], static () => new MaxPool2D(2)),
        ("MaxPool2D 2, odd", [5, 7, 2], static () => new MaxPool2D(2)),
        ("MaxPool2D 2 same, odd", [5, 7, 2], static () => new MaxPool2D(2, padding: Padding.Same)),
        ("MaxPool2D 2 x 3", [6, 6, 2], static () => new MaxPool2D((2, 3))),
        ("MaxPool2D 3, strides 1", [5, 5, 2], static () => new MaxPool2D(3, 1)),
        ("MaxPool2D 3 same, strides 2", [6, 5, 2], static () => new MaxPool2D(3, 2, Padding.Same)),
        ("MaxPool2D 2, strides 3", [8, 8, 1], static () => new MaxPool2D(2, 3)),
        ("MaxPool2D as large as the image", [3, 4, 5], static () => new MaxPool2D((3, 4))),
        ("MaxPool2D 1 x 2", [1, 8, 3], static () => new MaxPool2D((1, 2))),
        ("MaxPool2D of 17 channels", [4, 4, 17], static () => new MaxPool2D(2)),
        ("MaxPool2D large", [20, 20, 2], static () => new MaxPool2D(2)),
        ("Flatten []", [], static () => new Flatten()),
        ("Flatten [1]", [1], static () => new Flatten()),
        ("Flatten [5]", [5], static () => new Flatten()),
        ("Flatten [1, 1]", [1, 1], static () => new Flatten()),
        ("Flatten [3, 4]", [3, 4], static () => new Flatten()),
        ("Flatten [7, 1]", [7, 1], static () => new Flatten()),
        ("Flatten [1, 7]", [1, 7], static () => new Flatten()),
        ("Flatten [2, 3, 4]", [2, 3, 4], static () => new Flatten()),
        ("Flatten [4, 4, 1]", [4, 4, 1], static () => new Flatten()),
        ("Flatten [1, 1, 3]", [1, 1, 3], static () => new Flatten()),
        ("Flatten [2, 2, 2, 2]", [2, 2, 2, 2], static () => new Flatten()),
        ("Flatten [17, 5]", [17, 5], static () => new Flatten()),
        ("Dropout 0", [5], static () => new Dropout(0)),
        ("Dropout [1]", [1], static () => new Dropout(0.3)),
        ("Dropout [7]", [7], static () => new Dropout(0.5)),
        ("Dropout [16]", [16], static () => new Dropout(0.1)),
        ("Dropout [33]", [33], static () => new Dropout(0.9)),
        ("Dropout [3, 4]", [3, 4], static () => new Dropout(0.4)),
        ("Dropout [1, 5]", [1, 5], static () => new Dropout(0.5)),
        ("Dropout [5, 1]", [5, 1], static () => new Dropout(0.5)),
        ("Dropout [2, 3, 4]", [2, 3, 4], static () => new Dropout(0.2)),
        ("Dropout [4, 4, 3]", [4, 4, 3], static () => new Dropout(0.25)),
        ("Dropout [129]", [129], static () => new Dropout(0.6)),
        ("Dropout [300]", [300], static () => new Dropout(0.7)),
        ("a layer of the user's own", [4], static () => new GatedUnit(3)),
        ("a layer of the user's own, over rows", [2, 4], static () => new GatedUnit(5)),
        ("one layer used twice", [4], static () => new Tied()),
        ("layers in a list and a dictionary", [3], static () => new Collected()),
        ("exercise 1", [4], static () => new Sequential([4], DType.Float64, seed: 5).Dense(5, Activation.ReLU).Dense(4, Activation.ReLU).Dense(3, Activation.Sigmoid)),
        ("exercise 3, small", [8, 8, 1], static () => new Sequential([8, 8, 1], DType.Float64, seed: 6)
            .Conv2D(3, 3, Padding.Same, Activation.Swish).MaxPool2D(2).Conv2D(4, 3, Padding.Same, Activation.ReLU).MaxPool2D(2).Flatten().Dense(6, Activation.LeakyReLU()).Dropout(0.3)
            .Dense(3, Activation.Softmax)),
        ("layers that are not built", [5], static () => new Sequential(DType.Float64, seed: 7).Dense(4).Tanh().Dense(2)),
        ("a model in a model", [3], static () => new Sequential([3], DType.Float64, seed: 8).Add(new Sequential([3], DType.Float64, seed: 9).Dense(4, Activation.Tanh)).Dense(2)),
    ];

    public static TheoryData<string> Names =>
    [
        .. from layer in _layers from activation in _activations select $"{layer.Name}, {activation.Name}",
        .. _plain.Select(static layer => layer.Name),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_the_slopes_of_the_layer(string name)
    {
        (Shape input, Func<Layer> make) = Find(name);
        foreach (bool training in new[] { false, true })
        {
            Layer layer = make();
            GradientCheckResult result = GradientCheck.Run(layer, input, batch: 2, seed: 3, training: training);
            result.ThrowIfFailed();
            Assert.Equal(layer.Parameters.Count + 1, result.Entries.Count);
        }
    }

    /// <summary>A batch of one and an odd batch take other paths in the kernels than the batch of two above.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(17)]
    public void Any_batch_size_will_do(int batch)
    {
        foreach ((_, Shape input, Func<Activation, Layer> make) in _layers)
            GradientCheck.Run(make(Activation.Swish), input, batch, seed: 11).ThrowIfFailed();
    }

    [Fact]
    public void Every_layer_and_every_activation_has_a_row()
    {
        HashSet<Type> made = [.. _layers.Select(layer => layer.Layer(Activation.Linear).GetType()), .. _plain.Select(layer => layer.Layer().GetType())];
        IEnumerable<Type> layers = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract);
        Assert.Empty(layers.Except(made).Select(type => type.Name));

        IEnumerable<Activation> activations = typeof(Activation).GetProperties(BindingFlags.Static | BindingFlags.Public).Select(property => (Activation)property.GetValue(null)!);
        Assert.Empty(activations.Select(activation => activation.Name).Except(_activations.Select(activation => activation.Name)));
    }

    private static (Shape Input, Func<Layer> Make) Find(string name)
    {
        foreach ((string layerName, Shape input, Func<Activation, Layer> layer) in _layers)
        {
            foreach ((string activationName, Func<Activation> activation) in _activations)
                if ($"{layerName}, {activationName}" == name) return (input, () => layer(activation()));
        }
        (_, Shape shape, Func<Layer> make) = _plain.Single(layer => layer.Name == name);
        return (shape, make);
    }

    private static Dense Dense(int units, Activation activation) => new(units, activation, kernelInitializer: _weights, biasInitializer: _weights);

    private static Conv2D Conv(int filters, Size2D kernel, Padding padding, Activation activation, Size2D? strides = null) =>
        new(filters, kernel, padding, activation, strides, kernelInitializer: _weights, biasInitializer: _weights);

    private sealed class GatedUnit(int units) : Layer
    {
        private Parameter _value = null!, _gate = null!;

        protected override Shape Build(Shape input)
        {
            _value = AddWeight("value", [input[^1], units], Initializer.GlorotUniform);
            _gate = AddWeight("gate", [input[^1], units], Initializer.GlorotUniform);
            return input.WithLast(units);
        }

        protected override Tensor Forward(Tensor x, bool training) => x.MatMul(_value) * x.MatMul(_gate).Sigmoid();
    }

    private sealed class Tied : Layer
    {
        private readonly Dense _dense = new(4, Activation.Tanh, kernelInitializer: _weights);

        protected override Tensor Forward(Tensor x, bool training) => _dense.Call(_dense.Call(x, training), training) + x;
    }

    private sealed class Collected : Layer
    {
        private readonly List<Layer> _list = [new Dense(3, Activation.Tanh, kernelInitializer: _weights), new Dropout(0.4)];
        private readonly Dictionary<string, Layer> _map = new() { ["out"] = new Dense(2, kernelInitializer: _weights) };

        protected override Tensor Forward(Tensor x, bool training)
        {
            foreach (Layer layer in _list) x = layer.Call(x, training);
            return _map["out"].Call(x, training);
        }
    }
}
