using MiniDeep.Data;
using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Errors;

/// <summary>What gets an error: the type, and a message that names the layer or parameter, what was expected, what came and what to do. The model is as before.</summary>
public sealed class ErrorMessageTests
{
    private static T Fails<T>(Action call, params string[] parts)
        where T : Exception
    {
        T error = Assert.Throws<T>(call);
        Assert.All(parts, part => Assert.Contains(part, error.Message));
        return error;
    }

    /// <summary>A model with a known past: the call fails, the weights are those from before, and training goes on as if nothing had been.</summary>
    private static void FailsAndLeaves<T>(Sequential model, Action<Sequential> call, params string[] parts)
        where T : Exception
    {
        model.Train(Nets.Points(), 1);
        string before = model.Bits();
        Fails<T>(() => call(model), parts);
        Assert.Equal(before, model.Bits());
        Assert.All(model.Parameters, static p => Assert.Null(p.Grad));
        model.Train(Nets.Points(), 1);
    }

    private static Dataset Data(Tensor x, Tensor y) => new(x, y);

    private static Sequential Cnn() => new Sequential([8, 8, 1], seed: 1).Conv2D(2, 3, name: "first").Flatten().Dense(3, Activation.Softmax).Compiled();

    [Fact]
    public void Wrong_input_rank()
    {
        Sequential model = Cnn();
        string before = model.Bits();
        Dataset flat = Data(Tensor.Zeros([10, 64]), Tensor.Zeros([10], DType.Int32));
        string[] parts = ["Layer 'sequential' (Sequential)", "[8, 8, 1]", "[64]", "Reshape the features to [count, 8, 8, 1]"];

        Fails<ShapeException>(() => model.Train(flat), parts);
        Fails<ShapeException>(() => model.Evaluate(flat), parts);
        Fails<ShapeException>(() => model.Predict(flat), "Layer 'sequential' (Sequential)", "[batch, 8, 8, 1]", "[10, 64]", "The first axis is the batch");
        Fails<ShapeException>(() => model.Predict(Tensor.Zeros([8, 8, 1])), "[8, 8, 1]", "A single sample needs a batch axis in front: x.Reshape(1, ");
        Fails<ShapeException>(() => model.Predict(Tensor.Scalar(1)), "Layer 'sequential' (Sequential)", "not a scalar");
        Fails<ShapeException>(() => model.Call(Tensor.Zeros([2, 8, 8, 3])), "[batch, 8, 8, 1]", "[2, 8, 8, 3]");
        Assert.Equal(before, model.Bits());
    }

    [Fact]
    public void Wrong_class_count()
    {
        Tensor x = Nets.Points().Features;
        Sequential oneHot = Nets.Plain();
        oneHot.Compile(new SGD(), Loss.CategoricalCrossentropy);
        Fails<ShapeException>(() => oneHot.Train(Data(x, Tensor.Zeros([70, 5]))), "categorical_crossentropy", "[32, 3]", "[32, 5]");

        FailsAndLeaves<ShapeException>(Nets.Plain().Compiled(), m => m.Train(Data(x, Tensor.Zeros([70, 3], DType.Int32))),
            "sparse_categorical_crossentropy", "one class number a row", "[32, 3]", "use Loss.CategoricalCrossentropy");
    }

    [Fact]
    public void Wrong_targets_of_the_validation_are_found_before_the_first_epoch()
    {
        Tensor x = Nets.Points().Features;
        Dataset wrong = Data(x, Tensor.Zeros([70, 3], DType.Int32));
        FailsAndLeaves<ShapeException>(Nets.Plain().Compiled(), m => m.Fit(Nets.Points(), validationData: wrong, verbosity: Verbosity.Silent), "one class number a row");
        FailsAndLeaves<LabelException>(Nets.Plain().Compiled(),
            m => m.Fit(Nets.Points(), validationData: Data(x, Tensor.Full([70], 3, DType.Int32)), verbosity: Verbosity.Silent), "label of sample 0 is 3", "3 classes");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void Label_out_of_range(int label)
    {
        int[] labels = new int[70];
        labels[66] = label;
        Dataset data = Data(Nets.Points().Features, Tensor.From(labels));
        string[] parts = [$"The label of sample 66 is {label}", "3 classes", "labels go from 0 to 2"];

        FailsAndLeaves<LabelException>(Nets.Plain().Compiled(), m => m.Train(data), parts);
        FailsAndLeaves<LabelException>(Nets.Plain().Compiled(), m => m.Evaluate(data), parts);
        FailsAndLeaves<LabelException>(Nets.Plain().Compiled(), m =>
        {
            Batch batch = data.Batch(70).Single();
            Loss.SparseCategoricalCrossentropy.Of(m.Call(batch.Features, training: true), batch.Labels).Backward();
        }, $"{label}", "3");
    }

    [Fact]
    public void A_label_too_large_for_a_class_number_isnt_cut_to_fit() =>
        Fails<LabelException>(() => new Dataset(Tensor.Zeros([2, 4]), Tensor.From([0L, (1L << 32) + 1])), "sample 1 is 4294967297");

    [Fact]
    public void Nan_in_the_input_while_watching()
    {
        float[] values = Nets.Points().Features.ToArray<float>();
        values[^1] = float.NaN;
        Dataset data = Data(Tensor.From(values, [70, 4]), Nets.Points().Labels);
        Sequential model = Nets.Plain();
        model.Compile(new SGD(0), Loss.SparseCategoricalCrossentropy);
        model.WatchNonFinite = true;

        Fails<NonFiniteException>(() => model.Fit(data, shuffle: false, verbosity: Verbosity.Silent), "Epoch 1, step 3: the input holds NaN or infinity");
        Fails<NonFiniteException>(() => model.Evaluate(data), "The input holds NaN or infinity");
        Fails<NonFiniteException>(() => model.Predict(data), "The input holds NaN or infinity");
        model.WatchNonFinite = false;
        Assert.True(float.IsNaN(model.Predict(data)[69, 0].Item<float>()));
    }

    [Fact]
    public void Nan_that_arises_in_a_layer_names_the_layer()
    {
        Sequential model = Nets.Empty().Dense(8, Activation.Tanh, name: "before")
            .Add(new FunctionLayer(static (x, _) => (x - 10).Log()) { Name = "culprit" }).Dense(3, Activation.Softmax, name: "after").Compiled();
        model.WatchNonFinite = true;
        string before = model.Bits();

        Fails<NonFiniteException>(() => model.Train(Nets.Points()), "Layer 'culprit' (FunctionLayer) gave NaN or infinity", "learning rate");
        Fails<NonFiniteException>(() => model.Predict(Nets.Points()), "Layer 'culprit' (FunctionLayer)");
        Assert.Equal(before, model.Bits());
    }

    [Fact]
    public void Infinity_in_a_fused_layer_names_it_too()
    {
        Sequential model = Nets.Empty().Dense(8, name: "huge", kernelInitializer: Initializer.Constant(1e38)).ReLU().Dense(3, Activation.Softmax).Compiled();
        model.WatchNonFinite = true;
        Fails<NonFiniteException>(() => model.Train(Nets.Points()), "Layer 'huge' (Dense)");
    }

    [Fact]
    public void A_gradient_that_isnt_finite_is_found_before_it_spoils_the_weights()
    {
        // sqrt has no slope at 0
        Sequential model = Nets.Empty().Dense(3, name: "zero", kernelInitializer: Initializer.Zeros).Add(new FunctionLayer(static (x, _) => x.Sqrt())).Softmax().Compiled();
        model.WatchNonFinite = true;
        string before = model.Bits();
        Fails<NonFiniteException>(() => model.Train(Nets.Points()), "Epoch 1, step 1: the gradient of parameter 'zero.kernel' [4, 3] holds NaN or infinity");
        Assert.Equal(before, model.Bits());
    }

    [Fact]
    public void Empty_data_set()
    {
        Dataset empty = Nets.Points().Take(0);
        FailsAndLeaves<ArgumentException>(Nets.Plain().Compiled(), m => m.Train(empty), "The data set is empty", "train");
        FailsAndLeaves<ArgumentException>(Nets.Plain().Compiled(), m => m.Evaluate(empty), "The data set is empty", "data");
        FailsAndLeaves<ArgumentException>(Nets.Plain().Compiled(), m => m.Fit(Nets.Points(), validationData: empty, verbosity: Verbosity.Silent), "The data set is empty", "validationData");
        FailsAndLeaves<ArgumentException>(Nets.Plain().Compiled(), m => m.Fit(Nets.Points(3), validationSplit: 0.01, verbosity: Verbosity.Silent), "0.01", "3 samples", "validationSplit");
        Assert.Equal([0, 3], Nets.Plain().Predict(empty).Shape.ToArray());
        Assert.Empty(empty.Batch(3));
    }

    [Fact]
    public void Batch_size_0_and_other_numbers_out_of_range()
    {
        Sequential model = Nets.Plain().Compiled();
        Dataset data = Nets.Points();
        Fails<ArgumentOutOfRangeException>(() => model.Train(data, batchSize: 0), "batchSize");
        Fails<ArgumentOutOfRangeException>(() => model.Evaluate(data, 0), "batchSize");
        Fails<ArgumentOutOfRangeException>(() => model.Predict(data, -1), "batchSize");
        Fails<ArgumentOutOfRangeException>(() => model.Predict(data.Features, 0), "batchSize");
        Fails<ArgumentOutOfRangeException>(() => data.Batch(0), "size");
        Fails<ArgumentOutOfRangeException>(() => model.Train(data, epochs: -1), "epochs");
        Fails<ArgumentOutOfRangeException>(() => model.Fit(data, validationSplit: 1), "validationSplit", "up to but not including 1");
        Fails<ArgumentOutOfRangeException>(() => model.Fit(data, validationSplit: double.NaN), "validationSplit");
        Fails<ArgumentException>(() => model.Fit(data, validationData: data, validationSplit: 0.5), "not both");
        Fails<ArgumentOutOfRangeException>(() => data.Split(1.5), "fraction");
        Fails<ArgumentException>(() => model.Fit(data, callbacks: [null!]), "A callback is null");
        Fails<ArgumentOutOfRangeException>(() => model.Fit(data, verbosity: (Verbosity)9), "verbosity");
        model.Train(data, 1, int.MaxValue);
        Assert.Single(data.Batch(int.MaxValue));
        Assert.Equal(1, data.Batch(int.MaxValue).Count);
    }

    [Fact]
    public void Fit_before_compile()
    {
        Sequential model = Nets.Plain();
        Fails<ModelStateException>(() => model.Train(Nets.Points()), "Layer 'sequential' (Sequential) isn't compiled", "call Compile(optimizer, loss) before Fit");
        Fails<ModelStateException>(() => model.Evaluate(Nets.Points()), "before Evaluate");
        Assert.Equal([70, 3], model.Predict(Nets.Points()).Shape.ToArray());
    }

    [Fact]
    public void Weights_that_dont_fit()
    {
        FailsAndLeaves<ShapeException>(Nets.Plain().Compiled(), m => m.SetWeights(
        [
            KeyValuePair.Create("dense.bias", Tensor.Ones([8])), KeyValuePair.Create("dense.kernel", Tensor.Ones([8, 4])),
        ]), "Weight 'dense.kernel' of Layer 'sequential' (Sequential)", "[4, 8]", "[8, 4]");
        FailsAndLeaves<KeyNotFoundException>(Nets.Plain().Compiled(), m => m.SetWeights(
        [
            KeyValuePair.Create("dense.bias", Tensor.Ones([8])), KeyValuePair.Create("dense.gamma", Tensor.Ones([8])),
        ]), "no weight 'dense.gamma'", "dense.kernel, dense.bias, dense_1.kernel, dense_1.bias");
        FailsAndLeaves<ArgumentException>(Nets.Plain().Compiled(), m => m.SetWeights(
        [
            KeyValuePair.Create("dense.bias", Tensor.Ones([8])), KeyValuePair.Create("dense.kernel", (Tensor)null!),
        ]), "'dense.kernel' is null");
        FailsAndLeaves<KeyNotFoundException>(Nets.Plain().Compiled(), static m => m.GetParameter("nothing"), "no weight 'nothing'");
    }

    [Fact]
    public void A_stale_weight_sets_none()
    {
        Tensor? stale = null;
        int step = 0;
        Sequential source = Nets.Empty().Add(new FunctionLayer((x, _) =>
        {
            if (++step == 3) stale = x * 2;
            return x;
        })).Dense(3, Activation.Softmax).Compiled();
        source.Train(Nets.Points(), 1, 8);
        FailsAndLeaves<StaleTensorException>(Nets.Plain().Compiled(), m => m.SetWeights(
        [
            KeyValuePair.Create("dense.bias", Tensor.Ones([8])), KeyValuePair.Create("dense_1.bias", stale!),
        ]), "after its training step");
    }

    [Fact]
    public void A_tensor_changed_in_place_before_backward()
    {
        var w = new Parameter("gain", Tensor.Full([3], 2));
        Tensor x = Tensor.From([1f, 2, 3]);
        Tensor loss = (x * w).Square().Sum();
        x.Fill(0);
        Fails<GradientException>(loss.Backward, "a tensor of shape [3] was changed in place after Multiply used it", "change a copy");
        Assert.Null(w.Grad);

        loss = (w * w).Sum();
        w.CopyFrom(Tensor.Ones([3]));
        Fails<GradientException>(loss.Backward, "parameter 'gain' [3] was changed in place");
        Fails<GradientException>((w * 2).Backward, "starts at a scalar", "[3]", "Sum() or Mean()");
        Fails<GradientException>(Tensor.Scalar(1).Backward, "depends on no parameter");
        loss = w.Sum();
        loss.Backward();
        Fails<GradientException>(loss.Backward, "already used by a Backward()");
    }

    [Fact]
    public void Mixed_dtypes_and_devices()
    {
        var other = new Device("other", CpuBackend.Instance);
        Fails<DTypeException>(() => _ = Tensor.Ones([2]) + Tensor.Ones([2], DType.Float64), "Add", "Float32 ([2])", "Float64 ([2])", "To(DType.");
        Fails<DeviceException>(() => _ = Tensor.Ones([2]) + Tensor.Ones([2], device: other), "Add", "cpu ([2])", "other ([2])", "To(device)");
        Fails<DTypeException>(() => Nets.Plain().Call(Tensor.Ones([2, 4], DType.Float64)), "Layer 'sequential' (Sequential)", "Float32", "Float64", "To(DType.Float32)");
        Fails<DeviceException>(() => Nets.Plain().Call(Tensor.Ones([2, 4], device: other)), "Layer '", "cpu", "other");
        Fails<DTypeException>(() => new Sequential([4], DType.Int32), "Float32 or Float64", "Int32");
        Fails<DTypeException>(() => new Dense(3).Call(Tensor.Ones([2, 4], DType.UInt8)), "Layer 'dense' (Dense)", "UInt8", "To(DType.Float32)");
        Fails<DTypeException>(() => new Parameter("p", Tensor.Ones([2], DType.Int32)), "Int32");
        Sequential model = Nets.Plain().Compiled();
        model.To(other);
        model.Train(Nets.Points());     // the data follows the model
        Assert.Equal("other", model.Device.Name);
    }

    [Fact]
    public void Bad_hyperparameters()
    {
        Fails<ArgumentOutOfRangeException>(() => new Dense(0), "units", "at least one unit");
        Fails<ArgumentOutOfRangeException>(() => new Conv2D(0, 3), "filters");
        Fails<ArgumentOutOfRangeException>(() => new Conv2D(4, 0), "kernelSize");
        Fails<ArgumentOutOfRangeException>(() => new Conv2D(4, 3, strides: 0), "strides");
        Fails<ArgumentOutOfRangeException>(() => new Conv2D(4, 3, (Padding)7), "padding");
        Fails<ArgumentOutOfRangeException>(() => new MaxPool2D(0), "poolSize");
        Fails<ArgumentOutOfRangeException>(() => new MaxPool2D(17), "poolSize", "256");
        Fails<ArgumentOutOfRangeException>(() => new MaxPool2D(2, padding: (Padding)7), "padding");
        Fails<ArgumentOutOfRangeException>(() => new Dropout(1), "rate", "up to but not including 1");
        Fails<ArgumentOutOfRangeException>(() => new Dropout(double.NaN), "rate");
        foreach (double rate in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Fails<ArgumentOutOfRangeException>(() => new SGD(rate), "learningRate", "finite");
            Fails<ArgumentOutOfRangeException>(() => new SGD().LearningRate = rate, "finite");
        }
        Fails<ArgumentOutOfRangeException>(() => new Momentum(momentum: 1), "momentum");
        Fails<ArgumentOutOfRangeException>(() => new Nesterov(momentum: -0.1), "momentum");
        Fails<ArgumentOutOfRangeException>(() => new Adam(beta1: 1), "beta1");
        Fails<ArgumentOutOfRangeException>(() => new Adam(beta2: double.NaN), "beta2");
        Fails<ArgumentOutOfRangeException>(() => new Adam(epsilon: 0), "epsilon");
        Fails<ArgumentOutOfRangeException>(() => new Adam(epsilon: double.PositiveInfinity), "epsilon");
        Fails<ArgumentOutOfRangeException>(() => Compute.Threads = 0, "0");
        Fails<ArgumentOutOfRangeException>(() => Compute.Threads = 1_000, "1000");
        Fails<ArgumentOutOfRangeException>(() => Initializer.Normal(standardDeviation: -1), "standardDeviation");
        Fails<ArgumentOutOfRangeException>(() => Initializer.Uniform(2, 1), "maximum");
    }

    [Fact]
    public void A_layer_that_doesnt_fit_names_itself_and_the_shapes_and_isnt_added()
    {
        Sequential model = new([28, 28, 1], seed: 1);
        model.Flatten();
        Fails<ShapeException>(() => model.Conv2D(8, 3, name: "late"), "Layer 'late' (Conv2D)", "[784]", "[batch, height, width, channels]");
        Fails<ShapeException>(() => model.MaxPool2D(2), "Layer 'max_pool2d' (MaxPool2D)", "[784]", "Pool before flattening");
        Fails<ShapeException>(() => new Sequential([4, 4, 1]).Conv2D(1, 5), "Layer 'conv2d' (Conv2D)", "5", "[4, 4, 1]");
        Fails<ShapeException>(() => new Sequential([4, 4, 1]).MaxPool2D(5), "Layer 'max_pool2d' (MaxPool2D)", "[4, 4, 1]", "Padding.Same");
        Fails<ShapeException>(() => new Sequential([]).Dense(2), "Layer 'dense' (Dense)", "Reshape(-1, 1)");
        Fails<ShapeException>(() => new Sequential([50_000]).Dense(50_000), "Layer 'dense' (Dense)", "[50000, 50000]", "more elements than a tensor can hold");
        var shared = new Dense(5);
        Fails<ShapeException>(() => new Sequential([4]).Add(shared).Add(shared), "Layer 'dense' (Dense) was built for [4] and can't also take [5]");
        Assert.Single(model.Layers);
        model.Dense(3);
        Assert.Equal(["dense.kernel", "dense.bias"], model.GetWeights().Keys);
    }

    [Fact]
    public void Data_of_a_wrong_shape_doesnt_leave_an_unbuilt_model_half_built()
    {
        Sequential Make() => new Sequential(seed: 3).Dense(4).Add(new Outer()).Conv2D(2, 3).Flatten().Dense(3, Activation.Softmax).Compiled();
        Sequential model = Make(), reference = Make();
        Dataset images = Data(Tensor.From(Nets.Points(160).Features.ToArray<float>(), [10, 8, 8, 1]), Tensor.Zeros([10], DType.Int32));

        Fails<ShapeException>(() => model.Train(Nets.Points()), "Layer 'conv2d' (Conv2D)", "[4]");

        Assert.False(model.IsBuilt);
        Assert.All(model.Layers, static layer => Assert.False(layer.IsBuilt));
        Assert.Empty(model.Parameters);
        model.Train(images);
        reference.Train(images);
        Assert.Equal(reference.Bits(), model.Bits());
    }

    private sealed class Outer : Layer
    {
        private readonly Sequential _inner = new Sequential(seed: 4).Dense(4).Dense(4);

        protected override Tensor Forward(Tensor x, bool training) => _inner.Call(x, training);
    }

    [Fact]
    public void Duplicate_names()
    {
        Sequential model = Nets.Empty().Dense(4, name: "a");
        Fails<ArgumentException>(() => model.Dense(4, name: "a"), "The model has a layer 'a' already");
        Fails<ArgumentException>(() => model.Compile(new SGD(), Loss.MeanSquaredError, Metric.Accuracy, Metric.Accuracy), "two metrics named 'accuracy'");
        Fails<ArgumentException>(() => model.Compile(new SGD(), Loss.MeanSquaredError, Metric.Of("loss", static (p, t) => p - t)), "two metrics named 'loss'");
        Fails<ArgumentException>(() => model.Add(new Twice(inBuild: true)), "Layer 'twice' (Twice) has a weight 'w' already");
        Fails<ModelStateException>(() => model.Add(new Twice(inBuild: false)), "two weights named 'twice.w'", "another name");
        Assert.Single(model.Layers);
        model.Dense(4, name: "b");
        model.Layers[1].Name = "a";
        Fails<ModelStateException>(() => model.GetWeights(), "two weights named 'a.kernel'");
        model.Layers[1].Name = "c";
        Assert.Equal(["a.kernel", "a.bias", "c.kernel", "c.bias"], model.GetWeights().Keys);
    }

    private sealed class Twice(bool inBuild) : Layer
    {
        private Parameter? _one, _two;

        protected override Shape Build(Shape input)
        {
            _one = inBuild ? AddWeight("w", [1], Initializer.Zeros) : new Parameter("w", Tensor.Ones([1]));
            _two = inBuild ? AddWeight("w", [1], Initializer.Zeros) : new Parameter("w", Tensor.Ones([1]));
            return input;
        }

        protected override Tensor Forward(Tensor x, bool training) => x * _one! * _two!;
    }

    [Fact]
    public void Custom_layers_that_go_wrong()
    {
        Fails<ModelStateException>(() => Nets.Empty().Add(new FunctionLayer(static (_, _) => null!)).Predict(Nets.Points()), "Layer 'function_layer' (FunctionLayer)", "Forward gave null");
        Fails<ShapeException>(() => Nets.Empty().Add(new Reads()), "Layer 'reads' (Reads)", "Forward reads the values", "Override Build");
        Fails<ShapeException>(() => Nets.Empty().Add(new LosesBatch()), "Layer 'loses_batch' (LosesBatch)", "the first axis must stay the batch");
        Fails<ShapeException>(() => Nets.Empty().Add(new FunctionLayer(static (x, _) => x.Sum())).Predict(Nets.Points()), "70 samples", "the batch must stay the first axis");
        Fails<InvalidOperationException>(() => new EarlyWeight(), "Weights are made in Build, or in Forward");
        Sequential wrong = Nets.Empty().Add(new FunctionLayer(static (x, _) => x.MatMul(Tensor.Ones([5, 2]))) { Name = "product" });
        Fails<ShapeException>(() => wrong.Predict(Nets.Points()), "Layer 'product' (FunctionLayer)", "[70, 4]", "[5, 2]");
    }

    private sealed class Reads : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => x * x.Sum().Item();
    }

    private sealed class LosesBatch : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => x.Sum(0);
    }

    private sealed class EarlyWeight : Layer
    {
        public EarlyWeight() => AddWeight("w", [1], Initializer.Zeros);

        protected override Tensor Forward(Tensor x, bool training) => x;
    }

    [Fact]
    public void Optimizers_without_work()
    {
        var w = new Parameter("w", Tensor.Ones([1]));
        Fails<GradientException>(() => new SGD().Step([w]), "No parameter has a gradient", "call Backward()");
        Fails<GradientException>(() => new SGD().Step([]), "no parameters to train");
        Fails<ArgumentException>(() => new SGD().Step([null!]), "A parameter is null");
        Fails<ArgumentNullException>(() => new SGD().Step(null!));
        Sequential frozen = Nets.Plain().Compiled();
        frozen.Trainable = false;
        Fails<GradientException>(() => frozen.Train(Nets.Points()), "depends on no parameter");
    }

    [Fact]
    public void A_leaf_may_be_where_backward_starts()
    {
        var w = new Parameter("w", Tensor.Ones([1]));
        w.Backward();
        w.Backward();
        Assert.Equal(2, w.Grad!.Item());
    }
}
