using CsCheck;
using MiniDeep.Data;
using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Errors;

/// <summary>Random calls of the public API, most of them wrong: either they work or they throw an exception of a documented type, and the model is as before.</summary>
public sealed class WrongCallTests
{
    private static readonly int[] _numbers = [0, 1, 2, 3, 4, 5, 7, -1, -2, int.MaxValue, int.MinValue];
    private static readonly double[] _doubles = [0, 1, 0.5, -1, 1e-3, double.NaN, double.PositiveInfinity, 1e300];
    private static readonly string?[] _names = ["dense.kernel", "dense", "", " ", null, "nothing", "loss", "accuracy"];

    private static readonly Tensor[] _tensors =
    [
        Tensor.Ones([70, 4]), Tensor.Ones([4]), Tensor.Scalar(2), Tensor.Ones([0, 4]), Tensor.Ones([4, 8]), Tensor.Ones([3, 4, 2]), Tensor.Ones([70, 4], DType.Float64),
        Tensor.Zeros([70], DType.Int32), Tensor.Full([70], 9, DType.Int64), Tensor.Ones([2, 4], DType.UInt8), Tensor.Zeros([3], DType.Bool), Tensor.Ones([8, 4]).Transpose(),
        Tensor.Full([2, 4], double.NaN), Tensor.Ones([5, 4])[.., 1..3],
    ];

    private static readonly Shape[] _shapes = [[], [4], [0], [4, 8], [70, 4], [28, 28, 1], [50_000, 50_000], [2, 0, 3]];

    private sealed class Draw(uint seed)
    {
        private uint _state = seed;

        public T Of<T>(params IReadOnlyList<T> values)
        {
            _state = (_state * 1_664_525) + 1_013_904_223;
            return values[(int)((_state >> 8) % (uint)values.Count)];
        }

        public int Int => Of(_numbers);

        /// <summary>Not two billion: running out of memory is no wrong call.</summary>
        public int Units => Of(0, 1, 2, 5, -1, int.MinValue);

        public double Double => Of(_doubles);

        public string? Name => Of(_names);

        public Tensor Tensor => Of(_tensors);

        /// <summary>One time in eight there is none.</summary>
        public Tensor MaybeTensor => Int == 5 ? null! : Tensor;

        public Shape Shape => Of(_shapes);

        public DType DType => Of(DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.UInt8, DType.Bool, (DType)42);

        public Activation? Activation => Of<Activation?>(MiniDeep.Activation.ReLU, MiniDeep.Activation.Softmax, MiniDeep.Activation.Sigmoid, null, MiniDeep.Activation.LeakyReLU(Double));

        public Size2D Size => Of<Size2D>(Int, new Size2D(Int, Int), default);

        public Padding Padding => Of(Padding.Same, Padding.Valid, (Padding)9);

        public Loss Loss => Of(MiniDeep.Loss.SparseCategoricalCrossentropy, MiniDeep.Loss.CategoricalCrossentropy, MiniDeep.Loss.BinaryCrossentropy, MiniDeep.Loss.MeanSquaredError,
            MiniDeep.Loss.SparseCategoricalCrossentropy with { FromLogits = true }, MiniDeep.Loss.BinaryCrossentropy with { FromLogits = true, Reduction = Reduction.Sum });

        public Metric Metric => Of(Metric.Accuracy, Metric.BinaryAccuracy, Metric.CategoricalAccuracy, Metric.SparseCategoricalAccuracy, Metric.MeanSquaredError);

        public Dataset Dataset => new(Tensor, Tensor, Double);

        public Dataset Good => Nets.Points(9);
    }

    private static readonly (string Name, Action<Draw, Sequential> Call)[] _calls =
    [
        ("Dense", static (d, _) => new Sequential(d.Shape, d.DType).Dense(d.Units, d.Activation, name: d.Name).Predict(d.MaybeTensor)),
        ("Conv2D", static (d, _) => new Sequential(d.Of<Shape>([6, 6, 1], d.Shape)).Conv2D(d.Of(1, d.Units), d.Of(3, new Size2D(d.Units, d.Units)), d.Padding, d.Activation, d.Of<Size2D>(1, d.Size), name: d.Name)),
        ("MaxPool2D", static (d, _) => new Sequential(d.Of<Shape>([6, 6, 1], d.Shape)).MaxPool2D(d.Size, d.Of<Size2D?>(null, d.Size), d.Padding, d.Name)),
        ("Dropout", static (d, _) => new Dropout(d.Double).Call(d.MaybeTensor, training: true)),
        ("Flatten", static (d, _) => new Flatten().Call(d.MaybeTensor)),
        ("Activation", static (d, _) => new Sequential(d.Shape).Activation(d.Activation!, d.Name)),
        ("Layer.Call", static (d, m) => m.Layers[0].Call(d.MaybeTensor)),
        ("Layer.Name", static (d, _) => new Dense(2).Name = d.Name!),
        ("Add", static (d, m) => m.Add(d.Of<Layer>(null!, m.Layers[0], new Conv2D(2, 3), new MaxPool2D(2)))),
        ("Fit", static (d, m) => m.Fit(d.Dataset, d.Of(0, 1, -1), d.Int, d.Of(null, d.Good), d.Double, d.Int > 0, verbosity: Verbosity.Silent)),
        ("Fit good data", static (d, m) => m.Fit(d.Good, d.Of(0, -1), d.Int, d.Of(null, d.Dataset), d.Double, verbosity: d.Of(Verbosity.Silent, (Verbosity)77))),
        ("Fit tensors", static (d, m) => m.Fit(d.MaybeTensor, d.MaybeTensor, 1, d.Int, verbosity: Verbosity.Silent)),
        ("Fit none", static (d, m) => m.Fit((Dataset)null!)),
        ("Evaluate", static (d, m) => m.Evaluate(d.Dataset, d.Int)),
        ("Evaluate tensors", static (d, m) => m.Evaluate(d.MaybeTensor, d.MaybeTensor, d.Int)),
        ("Evaluate uncompiled", static (d, _) => Nets.Plain().Evaluate(d.Dataset, d.Int)),
        ("Predict", static (d, m) => m.Predict(d.MaybeTensor, d.Int)),
        ("Predict data", static (d, m) => m.Predict(d.Dataset, d.Int)),
        ("Predict unbuilt", static (d, _) => new Sequential().Dense(3).Conv2D(2, 3).Predict(d.Tensor)),
        ("Call", static (d, m) => m.Call(d.MaybeTensor, d.Int > 0)),
        ("GetParameter", static (d, m) => m.GetParameter(d.Name!)),
        ("SetWeight", static (d, m) => m.SetWeight(d.Of("dense.kernel", "dense.bias", d.Name)!, d.Of(Tensor.Ones([5]), null!, d.Of(_tensors[1], _tensors[5])))),
        ("SetWeights", static (d, m) => m.SetWeights(null!)),
        ("To", static (d, m) => m.To(null!)),
        ("Compile", static (d, m) => m.Compile(d.Of<Optimizer>(null!, m.Optimizer!), d.Of<Loss>(null!, m.Loss!), d.Of<Metric>(null!, Metric.Accuracy), Metric.Accuracy)),
        ("Summary", static (d, m) => m.Summary(null!)),
        ("Loss", static (d, _) => d.Loss.Of(d.MaybeTensor, d.MaybeTensor)),
        ("Loss.Of", static (d, _) => Loss.Of(d.Name!, d.Of<Func<Tensor, Tensor, Tensor>>(null!, static (p, t) => p - t, static (_, _) => null!)).Of(d.MaybeTensor, d.MaybeTensor)),
        ("Metric", static (d, _) => d.Metric.Of(d.MaybeTensor, d.MaybeTensor)),
        ("Metric.Of", static (d, _) => Metric.Of(d.Name!, d.Of<Func<Tensor, Tensor, Tensor>>(null!, static (p, t) => p - t, static (_, _) => null!)).Of(d.MaybeTensor, d.MaybeTensor)),
        ("Activation.Apply", static (d, _) => d.Activation?.Apply(d.MaybeTensor)),
        ("Activation.Of", static (d, _) => Activation.Of(d.Name!, d.Of<Func<Tensor, Tensor>>(null!, static _ => null!)).Apply(d.MaybeTensor)),
        ("Optimizers", static (d, _) => d.Of<Func<Optimizer>>(() => new SGD(d.Double), () => new Momentum(d.Double, d.Double), () => new Nesterov(d.Double, d.Double), () => new Adam(d.Double, d.Double, d.Double, d.Double))().LearningRate = d.Double),
        ("Optimizer.Step", static (d, m) => m.Optimizer!.Step(d.Of<IReadOnlyList<Parameter>>(null!, [null!], m.Parameters, []))),
        ("Initializers", static (d, _) => new Sequential(d.Shape).Dense(2, kernelInitializer: d.Of(Initializer.Normal(d.Double, d.Double), Initializer.Uniform(d.Double, d.Double), Initializer.TruncatedNormal(d.Double, d.Double)))),
        ("Dataset", static (d, _) => Use(new Dataset(d.MaybeTensor, d.MaybeTensor, d.Double).Features)),
        ("Dataset arrays", static (d, _) => new Dataset(d.Of<Array>(null!, new float[3, 4], new string[2], new int[0]), d.Of<Array>(null!, new int[3], new DateTime[3]))),
        ("Dataset parts", static (d, _) => d.Good.Shuffle(d.Int).Take(d.Int).Skip(d.Int).Split(d.Double).First.Batch(d.Int).Count()),
        ("Parameter", static (d, _) => new Parameter(d.Name!, d.MaybeTensor)),
        ("Backward", static (d, _) => d.Tensor.Backward()),
        ("RequiresGrad", static (d, _) => d.Tensor.Clone().RequiresGrad = true),
        ("Item", static (d, _) => d.Tensor.Item()),
        ("ToArray", static (d, _) => d.Tensor.ToArray<float>()),
        ("CopyFrom", static (d, _) => d.Tensor.Clone().CopyFrom(d.MaybeTensor)),
        ("From", static (d, _) => Tensor.From(d.Of<float[]>(null!, [], [1, 2, 3, 4]), d.Shape)),
        ("Full", static (d, _) => Tensor.Full(d.Of<Shape>([3], [], [0, 5]), d.Double, d.DType)),
        ("Range", static (d, _) => Tensor.Range(d.Of(-1, 0, 5), d.DType)),
        ("Binary", static (d, _) => Use(d.Of(d.Tensor + d.Tensor, d.Tensor * d.Tensor))),
        ("MatMul", static (d, _) => d.Tensor.MatMul(d.Tensor)),
        ("Reshape", static (d, _) => d.Tensor.Reshape(d.Int, d.Int)),
        ("Transpose", static (d, _) => d.Tensor.Transpose(d.Int, d.Int)),
        ("Sum", static (d, _) => d.Tensor.Sum(d.Int)),
        ("ArgMax", static (d, _) => d.Tensor.ArgMax(d.Int)),
        ("Softmax", static (d, _) => d.Tensor.Softmax(d.Int)),
        ("Slice", static (d, _) => Use(d.Tensor[d.Int, d.Int..])),
        ("Gather", static (d, _) => d.Tensor.Gather(d.Tensor, d.Int)),
        ("OneHot", static (d, _) => d.Tensor.OneHot(d.Of(0, 3, 10, -1), d.DType)),
        ("To dtype", static (d, _) => d.Tensor.To(d.DType)),
        ("BroadcastTo", static (d, _) => d.Tensor.BroadcastTo(d.Of<Shape>([70, 4], [4, 4], [], [2]))),
        ("History", static (d, m) => Use(m.Fit(d.Good, 0, verbosity: Verbosity.Silent)[d.Name!])),
        ("Evaluation", static (d, m) => Use(m.Evaluate(d.Good)[d.Name!])),
        ("Compute", static (d, _) => Compute.Threads = d.Of(0, -1, 65, int.MaxValue)),
        ("Shape", static (d, _) => Use(Shape.Create([d.Int, d.Int]).ElementCount)),
    ];

    private static void Use(object? value) => GC.KeepAlive(value);

    private static bool IsDocumented(Exception error) => error is ArgumentException or MiniDeepException or KeyNotFoundException;

    [Fact]
    public void A_wrong_call_throws_what_is_documented_and_leaves_the_model()
    {
        Sequential model = Nets.Plain().Compiled();
        model.Train(Nets.Points(9), 1);
        IReadOnlyDictionary<string, Tensor> weights = model.GetWeights();
        string before = model.Bits();
        Tensor x = Nets.Points(9).Features;
        float[] expected = model.Predict(x).ToArray<float>();
        var failed = new HashSet<string>();
        int threw = 0, ran = 0;
        Gen.Select(Gen.Int[0, _calls.Length - 1], Gen.UInt).Sample((index, seed) =>
        {
            ran++;
            (string name, Action<Draw, Sequential> call) = _calls[index];
            try
            {
                call(new Draw(seed), model);
            }
            catch (Exception error) when (IsDocumented(error))
            {
                threw++;
                Assert.True(error.Message.Length > 10);
                Assert.Equal(2, model.Layers.Count);
                Assert.Equal(before, model.Bits());
                return;
            }
            catch (Exception error)
            {
                lock (failed) failed.Add($"{name}: {error.GetType().Name}: {error.Message} at {error.StackTrace?.Split('\n')[0].Trim()}");
                return;
            }
            if (name.StartsWith("Fit", StringComparison.Ordinal) || name is "SetWeight") model.SetWeights(weights);    // it was a right call
            Assert.Equal(before, model.Bits());
        }, iter: 5_000, threads: 1);

        Assert.True(failed.Count == 0, string.Join("\n", failed.Order()));
        Assert.InRange(threw, ran / 3, ran - 1);
        Assert.Equal(expected, model.Predict(x).ToArray<float>());
    }
}
