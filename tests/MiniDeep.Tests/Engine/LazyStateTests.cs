using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>Layers that make their state in the first Forward, after Build was overridden and couldn't.</summary>
public sealed class LazyStateTests
{
    private sealed class LateWeight : Layer
    {
        private Parameter? _scale;

        protected override Shape Build(Shape input) => input;

        protected override Tensor Forward(Tensor x, bool training)
        {
            _scale ??= AddWeight("scale", [x.Shape[^1]], Initializer.Ones);
            return x * _scale;
        }
    }

    private sealed class Threshold : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => Tensor.Where(x > 0, Tensor.Ones([1]), Tensor.Full([1], -1));
    }

    private sealed class LateParameter : Layer
    {
        private Parameter? _shift;

        protected override Shape Build(Shape input) => input;

        protected override Tensor Forward(Tensor x, bool training)
        {
            _shift ??= new Parameter("shift", Tensor.Zeros([x.Shape[^1]]));
            return x + _shift;
        }
    }

    private sealed class LateChildren : Layer
    {
        private readonly List<Layer> _steps = [];

        protected override Shape Build(Shape input) => input;

        protected override Tensor Forward(Tensor x, bool training)
        {
            if (_steps.Count == 0) _steps.AddRange([new Dense(x.Shape[^1], Activation.Tanh), new Dense(x.Shape[^1])]);
            foreach (Layer step in _steps) x = step.Call(x, training);
            return x;
        }
    }

    private sealed class KeepsFromDryRun : Layer
    {
        private Tensor? _constant;

        protected override Tensor Forward(Tensor x, bool training) => x + (_constant ??= x * 0);
    }

    private sealed class ConstantOnFirstUse : Layer
    {
        private Tensor? _constant;

        protected override Tensor Forward(Tensor x, bool training) => x * (_constant ??= Tensor.Full([x.Shape[^1]], 2));
    }

    public static TheoryData<string> Late => ["weight", "parameter", "children"];

    private static Layer Make(string what) => what switch
    {
        "weight" => new LateWeight(),
        "parameter" => new LateParameter(),
        _ => new LateChildren(),
    };

    [Theory]
    [MemberData(nameof(Late))]
    public void Late_weights_are_trained_named_and_counted_from_the_first_step(string what)
    {
        Sequential model = Nets.Empty().Dense(8).Add(Make(what)).Dense(3, Activation.Softmax).Compiled();
        Dataset data = Nets.Points();
        _ = model.Parameters.Count;     // whoever has looked before doesn't see less afterwards

        model.Train(data, 1);

        string[] expected = what switch
        {
            "weight" => ["dense.kernel", "dense.bias", "late_weight.scale", "dense_1.kernel", "dense_1.bias"],
            "parameter" => ["dense.kernel", "dense.bias", "late_parameter.shift", "dense_1.kernel", "dense_1.bias"],
            _ =>
            [
                "dense.kernel", "dense.bias", "late_children.steps.0.kernel", "late_children.steps.0.bias",
                "late_children.steps.1.kernel", "late_children.steps.1.bias", "dense_1.kernel", "dense_1.bias",
            ],
        };
        Assert.Equal(expected, model.GetWeights().Keys);
        Assert.Equal(expected, model.Parameters.Select(static p => p.Name));
        Assert.True(model.TrainsOnArena);

        Dictionary<string, float[]> before = model.GetWeights().ToDictionary(static w => w.Key, static w => w.Value.ToArray<float>());
        model.Train(data, 1);
        Assert.All(model.GetWeights(), weight => Assert.NotEqual(before[weight.Key], weight.Value.ToArray<float>()));
    }

    [Theory]
    [MemberData(nameof(Late))]
    public void Late_weights_follow_from_the_seed(string what)
    {
        string Run()
        {
            Sequential model = Nets.Empty(seed: 9).Dense(8).Add(Make(what)).Dense(3, Activation.Softmax).Compiled();
            model.Train(Nets.Points(), 2);
            return model.Bits();
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void A_late_weight_keeps_its_values_on_the_arena()
    {
        Sequential model = Nets.Empty().Add(new LateWeight()).Dense(3, Activation.Softmax);
        model.Compile(new SGD(0), Loss.SparseCategoricalCrossentropy);

        model.Train(Nets.Points(), 5);

        Assert.Equal([1, 1, 1, 1], model.GetParameter("late_weight.scale").ToArray<float>());
    }

    [Fact]
    public void A_constant_made_on_first_use_stays()
    {
        Sequential model = Nets.Empty().Add(new ConstantOnFirstUse());
        Tensor x = Nets.Points().Features;

        for (int i = 0; i < 4; i++) Assert.Equal((x * 2).ToArray<float>(), model.Predict(x, 16).ToArray<float>());
    }

    [Fact]
    public void A_choice_between_constants_finds_its_shape_without_data()
    {
        Sequential model = Nets.Empty().Add(new Threshold());
        Tensor x = Nets.Points().Features;

        Assert.Equal(x.ToArray<float>().Select(static v => v > 0 ? 1f : -1f), model.Predict(x).ToArray<float>());
    }

    [Fact]
    public void A_tensor_kept_from_the_run_that_found_the_shapes_is_an_error_that_says_so()
    {
        Sequential model = Nets.Empty().Add(new KeepsFromDryRun()).Dense(3, Activation.Softmax).Compiled();

        foreach (Action use in new Action[] { () => model.Predict(Nets.Points().Features), () => model.Train(Nets.Points()) })
        {
            var error = Assert.Throws<ShapeException>(use);
            Assert.Contains("Layer 'keeps_from_dry_run' (KeepsFromDryRun)", error.Message);
            Assert.Contains("without data", error.Message);
            Assert.Contains("Override Build", error.Message);
        }
    }
}
