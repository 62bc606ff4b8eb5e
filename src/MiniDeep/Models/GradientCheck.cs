namespace MiniDeep;

/// <summary>
/// Compares the gradients that <see cref="Tensor.Backward"/> gives with differences of the function itself, (f(x + h) - f(x - h)) / 2h, in Float64: a check of a layer or of a function of
/// one's own.
/// <para>The result is weighted by random numbers before it is summed to a scalar, so that errors can't cancel out. Errors are relative to the largest gradient of each tensor. Around 1e-9 is
/// usual; a wrong gradient is off by 1e-3 and more. At a kink (ReLU at 0, equal elements in a maximum) there is no derivative to compare with: keep inputs away from those.</para>
/// <example>
/// <code>
/// GradientCheck.Run(new GatedUnit(units: 5), inputShape: [4]).ThrowIfFailed();
///
/// GradientCheckResult result = GradientCheck.Run(x => (x[0] * x[1]).Tanh().Sum(), Tensor.From([0.5, -1.5]), Tensor.From([2.0, 0.3]));
/// Console.WriteLine(result);                  // one line for each tensor, the worst error first
/// Console.WriteLine(result.Passed());         // True
/// </code>
/// </example>
/// </summary>
public static class GradientCheck
{
    /// <summary>How many elements of a tensor are checked; of a larger one, as many are drawn.</summary>
    public const int CheckedElements = 100;

    /// <summary>How far apart two points of a difference are, halved, where nothing else is said.</summary>
    public const double DefaultStep = 1e-5;

    /// <summary>Checks a layer: the gradient of its input and of each of its trainable parameters, at the values that they have. Their gradients are cleared.</summary>
    /// <param name="layer">Not built yet, or built in Float64. A model says so itself: <c>new Sequential([4], DType.Float64)</c>.</param>
    /// <param name="inputShape">The shape of a sample, without the batch.</param>
    /// <param name="batch">Samples in the batch.</param>
    /// <param name="step">h.</param>
    /// <param name="seed">Draws the input (standard normal), the weights of a layer that isn't built, and the numbers that weight the result.</param>
    /// <param name="training">Whether the layer is called as in training. Dropout then keeps its mask for the whole check.</param>
    /// <exception cref="DTypeException">The layer was built in Float32, or gives another dtype than Float64.</exception>
    /// <exception cref="GradientException">The layer gives other results from the same input, or NaN or infinity.</exception>
    public static GradientCheckResult Run(Layer layer, Shape inputShape, int batch = 3, double step = DefaultStep, long seed = 0, bool training = false)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        Build(layer, inputShape, seed);
        if (layer.DType != DType.Float64)
        {
            throw new DTypeException(
                $"A gradient check computes in Float64, but {LayerError.Name(layer)} was built in {layer.DType}. Check a layer that isn't built yet, or a model made with DType.Float64.");
        }
        Device device = layer.Parameters is [var first, ..] ? first.Device : Device.Cpu;
        Shape shape = inputShape.Prepend(batch);
        var values = new double[shape.ElementCount];
        RandomStream stream = RandomStream.Of(seed, RandomPurpose.Noise, "input");
        Philox.FillNormal<double>(values, stream.Key, stream.Stream, 0, 1);
        Dropout[] dropouts = [.. LayerFields.LayersOf(layer).OfType<Dropout>()];
        double[] draws = [.. dropouts.Select(static d => d.Draws.Value)];

        return new Comparison(Call, [Tensor.From(values, shape, device)], layer.Parameters, step, seed) { Subject = LayerError.Name(layer) }.Run();

        Tensor Call(Tensor[] inputs)
        {
            for (int i = 0; i < dropouts.Length; i++) dropouts[i].Draws.Value = draws[i];
            return layer.Call(inputs[0], training);
        }
    }

    /// <summary>Checks a function: the gradient of each input that holds floats. The inputs are copied, in Float64.</summary>
    /// <param name="function">Makes one tensor, of any shape, of all of them.</param>
    /// <param name="inputs">Where to check; class numbers and other integers are handed on as they are.</param>
    /// <exception cref="DTypeException">The function gives another dtype than Float64.</exception>
    /// <exception cref="GradientException">The function gives other results from the same input, or NaN or infinity.</exception>
    public static GradientCheckResult Run(Func<Tensor[], Tensor> function, params Tensor[] inputs) => Run(function, inputs, parameters: null);

    /// <summary>Checks a function: the gradient of each input that holds floats and of trainable parameters that the function uses.</summary>
    /// <param name="function">Makes one tensor, of any shape, of all the inputs.</param>
    /// <param name="inputs">Where to check; class numbers and other integers are handed on as they are.</param>
    /// <param name="parameters">Parameters in Float64, checked beside the inputs. Their gradients are cleared.</param>
    /// <param name="step">h.</param>
    /// <param name="seed">Draws the numbers that weight the result.</param>
    /// <exception cref="DTypeException">The function gives another dtype than Float64, or a parameter holds Float32.</exception>
    /// <exception cref="GradientException">The function gives other results from the same input, or NaN or infinity.</exception>
    public static GradientCheckResult Run(
        Func<Tensor[], Tensor> function, IReadOnlyList<Tensor> inputs, IReadOnlyList<Parameter>? parameters, double step = DefaultStep, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        return new Comparison(function, inputs, parameters ?? [], step, seed) { Subject = "The function" }.Run();
    }

    private static void Build(Layer layer, Shape inputShape, long seed)
    {
        if (layer.IsBuilt) return;
        if (layer is Model model)
        {
            model.EnsureBuilt(inputShape);
            return;
        }
        using BuildContext.Scope scope = new BuildContext(DType.Float64, Device.Cpu, seed).Enter();
        layer.BuildFor(inputShape, DType.Float64, Device.Cpu);
    }

    /// <summary>One function at one point.</summary>
    private sealed class Comparison
    {
        // an element that is further off is looked at again with smaller steps: a kink may lie between two points that are far apart
        private const double Suspicious = 1e-8;
        private static readonly double[] s_closer = [1.0 / 8, 1.0 / 64];

        private readonly Func<Tensor[], Tensor> _function;
        private readonly Tensor[] _inputs;
        private readonly List<(string Name, Tensor Tensor)> _checked = [];
        private readonly double _step;
        private readonly long _seed;
        private double[] _cotangent = [];
        private double[] _result = [];

        public Comparison(Func<Tensor[], Tensor> function, IReadOnlyList<Tensor> inputs, IReadOnlyList<Parameter> parameters, double step, long seed)
        {
            if (!(step > 0) || !double.IsFinite(step)) throw new ArgumentOutOfRangeException(nameof(step), step, "A step is a finite number above 0.");
            _function = function;
            _step = step;
            _seed = seed;
            _inputs = new Tensor[inputs.Count];
            for (int i = 0; i < _inputs.Length; i++)
            {
                ArgumentNullException.ThrowIfNull(inputs[i], nameof(inputs));
                _inputs[i] = CopyOf(inputs[i]);
                if (_inputs[i].RequiresGrad) _checked.Add((_inputs.Length == 1 ? "input" : $"input {i}", _inputs[i]));
            }
            foreach (Parameter parameter in parameters)
            {
                if (!parameter.Trainable) continue;
                if (parameter.DType != DType.Float64)
                    throw new DTypeException($"A gradient check computes in Float64, but {parameter.Description} holds {parameter.DType}.");
                _checked.Add((parameter.Name, parameter));
            }
            if (_checked.Count == 0) throw new ArgumentException("There is nothing to check: no input holds floats, and there are no trainable parameters.", nameof(inputs));
        }

        public required string Subject { get; init; }

        public GradientCheckResult Run()
        {
            double[][] gradients = Gradients();
            int[][] elements = [.. _checked.Select((entry, i) => Drawn(entry.Tensor.Count, i))];
            double[][] slopes = [.. _checked.Select((entry, i) => Slopes(entry.Tensor, elements[i], _step))];

            // what rounding of the results lets through isn't held against a gradient that is nearly 0
            double scale = Largest(_result.Zip(_cotangent, static (y, c) => y * c));
            foreach (double[] slope in slopes) scale = Math.Max(scale, Largest(slope));
            var entries = new GradientCheckEntry[_checked.Count];
            for (int i = 0; i < entries.Length; i++)
            {
                double unit = Math.Max(Largest(slopes[i]), 1e-3 * scale);
                entries[i] = Compare(i, elements[i], gradients[i], slopes[i], unit);
            }
            Array.Sort(entries, static (a, b) => b.Error.CompareTo(a.Error));
            return new GradientCheckResult(Subject, entries, IsFloat32(_result));
        }

        private static Tensor CopyOf(Tensor input)
        {
            using NoGradScope noGrad = Tensor.NoGrad();
            if (!input.DType.IsFloat()) return input.Detach();
            Tensor copy = input.Detach().To(DType.Float64).Clone();
            copy.RequiresGrad = true;
            return copy;
        }

        private static double Largest(IEnumerable<double> values)
        {
            double largest = 0;
            foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
            return largest;
        }

        /// <summary>Whether all of many results are Float32 numbers: then something on the way computed in Float32.</summary>
        private static bool IsFloat32(double[] values) =>
            values.Count(static v => v != Math.Round(v)) >= 4 && Array.TrueForAll(values, static v => (float)v == v);

        private GradientCheckEntry Compare(int index, int[] elements, double[] gradient, double[] slopes, double unit)
        {
            double worst = 0;
            int at = elements is [var first, ..] ? first : 0;
            double expected = slopes.Length > 0 ? slopes[0] : 0;
            for (int i = 0; i < elements.Length; i++)
            {
                double slope = slopes[i];
                double error = Math.Abs(gradient[elements[i]] - slope);
                foreach (double part in s_closer)
                {
                    if (error <= Suspicious * unit) break;
                    double closer = Slopes(_checked[index].Tensor, [elements[i]], _step * part)[0];
                    double closerError = Math.Abs(gradient[elements[i]] - closer);
                    if (closerError < error) (slope, error) = (closer, closerError);
                }
                double relative = double.IsNaN(error) ? double.PositiveInfinity : error == 0 ? 0 : error / unit;
                if (relative <= worst) continue;
                (worst, at, expected) = (relative, elements[i], slope);
            }
            (string name, Tensor tensor) = _checked[index];
            return new GradientCheckEntry(name, tensor.Shape, elements.Length, worst, at, gradient.Length > 0 ? gradient[at] : 0, expected);
        }

        /// <summary>What Backward gives.</summary>
        private double[][] Gradients()
        {
            foreach ((_, Tensor tensor) in _checked) tensor.ClearGrad();
            Tensor y = _function(_inputs);
            if (y is null) throw new GradientException($"{Subject} gave null, not a tensor.");
            if (y.DType != DType.Float64)
            {
                throw new DTypeException(
                    $"{Subject} turned Float64 into {y.DType}. Compute in the input's dtype: Tensor.Scalar, Zeros, Full and OneHot make Float32 where no dtype is given (x.DType), and To(...) changes it.");
            }
            _result = y.ToArray<double>();
            if (!Array.TrueForAll(_result, double.IsFinite)) throw new GradientException($"{Subject} gave NaN or infinity at the point of the check: choose other inputs.");
            if (!_result.AsSpan().SequenceEqual(Evaluate()))
            {
                throw new GradientException(
                    $"{Subject} gave other results from the same inputs, so differences say nothing. Random numbers must be the same in each call, and nothing may be remembered from call to call.");
            }

            _cotangent = new double[_result.Length];
            RandomStream stream = RandomStream.Of(_seed, RandomPurpose.Noise, "cotangent");
            Philox.FillNormal<double>(_cotangent, stream.Key, stream.Stream, 0, 1);
            if (y.RequiresGrad) (y * Tensor.From(_cotangent, y.Shape, y.Device)).Sum().Backward();
            double[][] gradients = [.. _checked.Select(static entry => entry.Tensor.Grad?.ToArray<double>() ?? new double[entry.Tensor.Count])];
            foreach ((_, Tensor tensor) in _checked) tensor.ClearGrad();
            return gradients;
        }

        private double[] Evaluate()
        {
            using NoGradScope noGrad = Tensor.NoGrad();
            return _function(_inputs).ToArray<double>();
        }

        /// <summary>The differences' slopes of the weighted sum, element by element; differences are taken before the sum, where they lose nothing to rounding.</summary>
        private double[] Slopes(Tensor tensor, int[] elements, double step)
        {
            double[] values = tensor.ToArray<double>();
            double[] original = [.. values];
            var slopes = new double[elements.Length];
            try
            {
                for (int i = 0; i < elements.Length; i++)
                {
                    int at = elements[i];
                    double above = original[at] + step, below = original[at] - step;
                    values[at] = above;
                    tensor.CopyFrom<double>(values);
                    double[] high = Evaluate();
                    values[at] = below;
                    tensor.CopyFrom<double>(values);
                    double[] low = Evaluate();
                    values[at] = original[at];
                    double sum = 0;
                    for (int k = 0; k < high.Length; k++) sum += (high[k] - low[k]) * _cotangent[k];
                    slopes[i] = sum / (above - below);
                }
            }
            finally
            {
                tensor.CopyFrom<double>(original);
            }
            return slopes;
        }

        private int[] Drawn(int count, int index)
        {
            if (count <= CheckedElements) return [.. Enumerable.Range(0, count)];
            RandomStream stream = RandomStream.Of(_seed, RandomPurpose.Split, index);
            return Philox.Permutation(count, stream.Key, stream.Stream)[..CheckedElements];
        }
    }
}
