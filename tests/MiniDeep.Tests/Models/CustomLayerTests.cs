using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Models;

/// <summary>Layers of the user's own, with their parts wherever fields can hold them.</summary>
public sealed class CustomLayerTests
{
    private sealed class Everywhere(Dense captured) : Layer
    {
        private readonly Dense _field = new(4);
        private readonly List<Layer> _list = [new Dense(4), new Inner()];
        private readonly Dense[] _array = [new(4), new(4)];
        private readonly Dictionary<string, Layer> _map = new() { ["b"] = new Dense(4), ["a"] = new Dense(4) };
        private readonly Dictionary<int, List<Dense>> _nested = new() { [3] = [new Dense(4)] };
        private readonly IReadOnlyList<string> _names = ["no", "layers"];
        private readonly int[] _sizes = [1, 2, 3];
        private readonly Layer? _none = null;
        private Parameter? _bare;

        public Dense Property { get; } = new(4);

        protected override Tensor Forward(Tensor x, bool training)
        {
            _bare ??= new Parameter("bare", Tensor.Ones([4]));
            Tensor y = _field.Call(captured.Call(Property.Call(x, training), training), training);
            foreach (Layer layer in _list.Concat(_array).Concat(_map.Values).Concat(_nested[_sizes[2]])) y = layer.Call(y, training);
            return _none is null && _names.Count == 2 ? y * _bare : x;
        }
    }

    private class Inner : Layer
    {
        private Parameter _gain = null!;

        protected override Shape Build(Shape input)
        {
            _gain = AddWeight("gain", [input[^1]], Initializer.Ones);
            return input;
        }

        protected override Tensor Forward(Tensor x, bool training) => x * _gain;
    }

    private static readonly string[] _names =
    [
        "everywhere.captured.kernel", "everywhere.captured.bias",
        "everywhere.field.kernel", "everywhere.field.bias",
        "everywhere.list.0.kernel", "everywhere.list.0.bias", "everywhere.list.1.gain",
        "everywhere.array.0.kernel", "everywhere.array.0.bias", "everywhere.array.1.kernel", "everywhere.array.1.bias",
        "everywhere.map.b.kernel", "everywhere.map.b.bias", "everywhere.map.a.kernel", "everywhere.map.a.bias",
        "everywhere.nested.3.0.kernel", "everywhere.nested.3.0.bias",
        "everywhere.bare",
        "everywhere.Property.kernel", "everywhere.Property.bias",
        "dense.kernel", "dense.bias",
    ];

    private static Sequential Make() => Nets.Empty(seed: 3).Add(new Everywhere(new Dense(4))).Dense(3, Activation.Softmax).Compiled();

    [Fact]
    public void Layers_and_parameters_are_found_in_fields_lists_arrays_dictionaries_and_properties()
    {
        Sequential model = Make();
        Assert.Equal(_names.Order(), model.GetWeights().Keys.Order());
        Assert.Equal(_names.Order(), model.Parameters.Select(static p => p.Name).Order());
    }

    [Fact]
    public void All_are_trained_the_same_in_each_run()
    {
        Sequential model = Make(), again = Make();
        Dictionary<string, float[]> before = model.GetWeights().ToDictionary(static w => w.Key, static w => w.Value.ToArray<float>());

        model.Train(Nets.Points());
        again.Train(Nets.Points());

        Assert.All(model.GetWeights(), w => Assert.NotEqual(before[w.Key], w.Value.ToArray<float>()));
        Assert.Equal(again.Bits(), model.Bits());
        Assert.Equal(model.GetWeights().Keys, again.GetWeights().Keys);
    }

    [Fact]
    public void Weights_travel_by_name()
    {
        Sequential trained = Make(), fresh = Make();
        trained.Train(Nets.Points());

        fresh.SetWeights(trained.GetWeights());

        Assert.Equal(trained.Bits(), fresh.Bits());
        IReadOnlyDictionary<string, Tensor> copies = trained.GetWeights();
        copies["dense.bias"].Fill(7);
        Assert.NotEqual(7, trained.GetParameter("dense.bias")[0].Item());
    }

    private sealed class Recursive : Layer
    {
        public Recursive? Parent;
        private readonly Dense _own = new(4);

        protected override Tensor Forward(Tensor x, bool training) => _own.Call(x, training);
    }

    [Fact]
    public void Layers_that_know_each_other_are_counted_once()
    {
        var a = new Recursive();
        var b = new Recursive { Parent = a };
        a.Parent = b;
        Sequential model = Nets.Empty().Add(a).Add(b);

        Assert.Equal(4, model.Parameters.Count);
        Assert.Equal(4, model.GetWeights().Count);
    }

    [Fact]
    public void A_model_within_a_model_is_a_layer_with_names_of_its_own()
    {
        Sequential inner = new Sequential(seed: 2, name: "inner").Dense(5, Activation.Tanh).Dense(4);
        Sequential outer = Nets.Empty().Add(inner).Dense(3, Activation.Softmax).Compiled();

        string[] names = ["inner.dense.kernel", "inner.dense.bias", "inner.dense_1.kernel", "inner.dense_1.bias", "dense.kernel", "dense.bias"];
        Assert.Equal(names, outer.GetWeights().Keys);
        outer.Train(Nets.Points());
        outer.Summary(TextWriter.Null);
        Assert.Equal(["dense.kernel", "dense.bias", "dense_1.kernel", "dense_1.bias"], inner.GetWeights().Keys);
        Assert.Equal(names, outer.Parameters.Select(static p => p.Name));
        Assert.Equal(outer.GetParameter("inner.dense.bias").ToArray<float>(), inner.GetParameter("dense.bias").ToArray<float>());
        inner.SetWeight("dense.bias", Tensor.Ones([5]));
        Assert.Equal(1, outer.GetParameter("inner.dense.bias")[2].Item());
        Assert.True(outer.TrainsOnArena);
    }

    [Fact]
    public void A_renamed_layer_renames_its_weights()
    {
        Sequential model = Nets.Plain();
        model.Layers[0].Name = "hidden";
        Assert.Equal(["hidden.kernel", "hidden.bias", "dense_1.kernel", "dense_1.bias"], model.Parameters.Select(static p => p.Name));
    }

    [Fact]
    public void Freezing_a_part_freezes_what_is_in_it()
    {
        Sequential model = Make();
        model.Layers[0].Trainable = false;
        Dictionary<string, float[]> before = model.GetWeights().ToDictionary(static w => w.Key, static w => w.Value.ToArray<float>());

        model.Train(Nets.Points());

        Assert.All(model.GetWeights(), w =>
        {
            if (w.Key.StartsWith("everywhere", StringComparison.Ordinal)) Assert.Equal(before[w.Key], w.Value.ToArray<float>());
            else Assert.NotEqual(before[w.Key], w.Value.ToArray<float>());
        });
        Assert.False(model.Layers[0].Trainable);
        Assert.True(model.Trainable);
    }

    [Fact]
    public void An_author_who_writes_only_forward_gets_shapes_and_a_summary()
    {
        Sequential model = new Sequential([6, 2]).Add(new Wide());
        Assert.Equal([6, 4], model.OutputShape.ToArray());
        Assert.Equal([5, 6, 4], model.Predict(Tensor.Ones([5, 6, 2])).Shape.ToArray());
    }

    private sealed class Wide : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => x.MatMul(Tensor.Ones([2, 4])).ReLU();
    }
}
