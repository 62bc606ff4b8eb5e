namespace MiniDeep.KernelBench;

/// <summary>Kernels whose operands or results lie below the normal numbers, each beside the same kernel with usual numbers: .NET has no switch that flushes them to zero.</summary>
internal static class SubnormalCases
{
    private const int Count = 1 << 14;

    /// <summary>A subnormal float.</summary>
    private const double Tiny = 1e-39;

    /// <summary>A normal float whose square is subnormal.</summary>
    private const double Small = 1e-20;

    private static CpuBackend Cpu => CpuBackend.Instance;

    private static TensorView Range(double low, double high, params int[] sizes) => Cases.Make(DType.Float32, r => low + (high - low) * r.NextDouble(), sizes);

    private static TensorView Around(double size, params int[] sizes) => Range(-size, size, sizes);

    public static IEnumerable<Case> All() => [.. Functions(), .. Gradients(), .. Pairs(), .. Losses(), .. Products(), .. Convolutions(), .. Updates()];

    /// <summary>The case made twice; make gets what is subnormal, or usual numbers in its place.</summary>
    private static Case Beside<TNumber>(string name, TNumber subnormal, TNumber usual, Func<TNumber, Action> make) => new($"subnormal: {name}", 0, make(subnormal), Usual: make(usual));

    private static IEnumerable<Case> Functions()
    {
        foreach (UnaryKind kind in new[] { UnaryKind.Exp, UnaryKind.Sigmoid, UnaryKind.Swish, UnaryKind.Softplus })
        {
            yield return Beside($"{kind} of -90", (-95.0, -90.0), (-5.0, -1.0), range =>
            {
                TensorView x = Range(range.Item1, range.Item2, Count), y = Range(0, 1, Count);
                return () => Cpu.Unary(kind, 0, x, y, false);
            });
        }
        foreach ((UnaryKind kind, double alpha, double size) in new[]
        {
            (UnaryKind.Square, 0, Small), (UnaryKind.Tanh, 0, Tiny), (UnaryKind.Swish, 0, Tiny), (UnaryKind.Relu, 0, Tiny), (UnaryKind.LeakyRelu, 0.3, Tiny), (UnaryKind.MultiplyScalar, 0.3, Tiny),
            (UnaryKind.AddScalar, 1, Tiny), (UnaryKind.Log, 0, Tiny), (UnaryKind.Sqrt, 0, Tiny), (UnaryKind.Reciprocal, 0, 2e38),
        })
        {
            yield return Beside($"{kind} of {size}", size, 1, number =>
            {
                TensorView x = Range(number / 2, number, Count), y = Range(0, 1, Count);
                return () => Cpu.Unary(kind, alpha, x, y, false);
            });
        }
        yield return Beside("dropout", Tiny, 1, number =>
        {
            TensorView x = Around(number, Count), y = Range(0, 1, Count);
            return () => Cpu.Dropout(x, 0.5, 1, 2, y, false);
        });
        yield return Beside("sum", Tiny, 1, number =>
        {
            TensorView x = Around(number, Count), y = Range(0, 1, 1);
            return () => Cpu.Reduce(ReduceKind.Sum, x, y, false);
        });
    }

    private static IEnumerable<Case> Gradients()
    {
        foreach ((UnaryKind kind, double saved, double dy) in new[]
        {
            (UnaryKind.Sigmoid, Tiny, 1), (UnaryKind.Sigmoid, Small, Small), (UnaryKind.Sigmoid, 0.5, Tiny), (UnaryKind.Tanh, 0.5, Tiny), (UnaryKind.Tanh, Small, 1), (UnaryKind.Exp, Small, Small),
            (UnaryKind.Relu, 1, Tiny), (UnaryKind.LeakyRelu, -1, Tiny), (UnaryKind.Swish, -90, 1), (UnaryKind.Swish, -50, Small), (UnaryKind.Softplus, -90, 1), (UnaryKind.Square, Small, Small),
        })
        {
            yield return Beside($"{kind} gradient, {saved}, dy {dy}", (saved, dy), (kind is UnaryKind.Sigmoid or UnaryKind.Tanh ? 0.5 : 1, 1), numbers =>
            {
                TensorView x = Range(0.95 * numbers.Item1, numbers.Item1, Count), d = Around(numbers.Item2, Count), dx = Range(0, 1, Count);
                return () => Cpu.UnaryGrad(kind, 0.3, x, d, dx, false);
            });
        }
    }

    private static IEnumerable<Case> Pairs()
    {
        foreach ((BinaryKind kind, double a, double b) in new[]
        {
            (BinaryKind.Add, Tiny, Tiny), (BinaryKind.Add, Tiny, 1), (BinaryKind.Multiply, Tiny, 1), (BinaryKind.Multiply, Small, Small), (BinaryKind.Divide, Small, 1 / Small), (BinaryKind.Max, Tiny, Tiny),
        })
        {
            yield return Beside($"{kind} {a}, {b}", (a, b), (1, 1), numbers =>
            {
                TensorView x = Around(numbers.Item1, Count), y = Range(numbers.Item2 / 2, numbers.Item2, Count), z = Range(0, 1, Count);
                return () => Cpu.Binary(kind, x, y, z, false);
            });
        }
    }

    private static IEnumerable<Case> Losses()
    {
        foreach (int classes in new[] { 10, 1000 })
        {
            int rows = 6400 / classes;
            TensorView labels = Cases.Make(DType.Int32, r => r.Next(classes), rows), loss = Range(0, 1, 1);
            Func<double, Action> Rows(Func<TensorView, TensorView, Action> run) => width =>
                run(Cases.Make(DType.Float32, r => r.Next(classes) == 0 ? 0 : -width - r.NextDouble(), rows, classes), Range(0, 1, rows, classes));
            yield return Beside($"softmax {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.Softmax(false, x, y)));
            yield return Beside($"softmax cross-entropy {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.CrossEntropy(CrossEntropyKind.SparseSoftmax, x, labels, 1e-3, loss, y)));
            yield return Beside($"softmax cross-entropy, results only, {rows}x{classes}", 83, 3, Rows((x, y) => () => Cpu.CrossEntropy(CrossEntropyKind.SparseSoftmax, x, labels, 1e-3, loss, y)));
            TensorView targets = Range(0, 0, rows, classes);
            yield return Beside($"softmax cross-entropy, distributions, {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.CrossEntropy(CrossEntropyKind.Softmax, x, targets, 1e-3, loss, y)));
            yield return Beside($"log-softmax {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.Softmax(true, x, y)));
            yield return Beside($"log-softmax gradient {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.SoftmaxGrad(true, x, x, y, false)));
            yield return Beside($"sigmoid cross-entropy {rows}x{classes}", 90, 3, Rows((x, y) => () => Cpu.CrossEntropy(CrossEntropyKind.Sigmoid, x, targets, 1e-3, loss, y)));
            foreach ((double p, double dy) in new[] { (Tiny, 1), (Small, Small) })
            {
                yield return Beside($"softmax gradient, {p}, dy {dy}, {rows}x{classes}", (p, dy), (0.1, 1), numbers =>
                {
                    TensorView y = Range(0, numbers.Item1, rows, classes), d = Around(numbers.Item2, rows, classes), dx = Around(1, rows, classes);
                    return () => Cpu.SoftmaxGrad(false, y, d, dx, false);
                });
            }
        }
    }

    private static IEnumerable<Case> Products()
    {
        foreach ((double a, double b) in new[] { (Tiny, 1), (Small, Small) })
        {
            foreach ((int m, int k, int n) in new[] { (128, 128, 128), (64, 128, 10) })
            {
                yield return Beside($"product {m}x{k}x{n} of {a}, {b}", (a, b), (1, 1), numbers =>
                {
                    TensorView x = Around(numbers.Item1, m, k), y = Around(numbers.Item2, k, n), z = Around(1, m, n);
                    return () => Cpu.MatMul(x, false, y, false, z, false);
                });
            }
        }
        foreach (UnaryKind kind in new[] { UnaryKind.Sigmoid, UnaryKind.Swish })
        {
            yield return Beside($"linear with {kind} of -90", -90, -3, number =>
            {
                TensorView x = Around(0.1, 512, 8), w = Around(1, 8, 64), bias = Range(number, number, 64), y = Around(1, 512, 64), slope = kind == UnaryKind.Swish ? Around(1, 512, 64) : default;
                return () => Cpu.Linear(x, w, bias, new(kind), y, slope);
            });
        }
    }

    private static IEnumerable<Case> Convolutions()
    {
        (ConvGeometry conv, PoolGeometry pool) = Cases.Block(8, 14, 16, 32);
        TensorView argmax = Cases.Make(DType.UInt8, r => r.Next(4), 8, 7, 7, 32), one = Range(1, 1, 8, 7, 7, 32), bias = Range(0, 0, 32);
        foreach ((double a, double b) in new[] { (Tiny, 1), (Small, Small) })
        {
            Case Of(string name, Func<TensorView, TensorView, TensorView, TensorView, Action> run) => Beside($"{name} of {a}, {b}", (a, b), (1, 1), numbers =>
                run(Around(numbers.Item1, 8, 14, 14, 16), Around(numbers.Item2, 3, 3, 16, 32), Around(numbers.Item1, 8, 14, 14, 32), Around(numbers.Item1, 8, 7, 7, 32)));
            yield return Of("convolution", (x, w, z, y) => () => Cpu.Conv2D(x, w, bias, conv, FusedActivation.None, z, default));
            yield return Of("convolution dx", (x, w, z, y) => () => Cpu.Conv2DInputGrad(z, w, conv, x, false));
            yield return Of("convolution dw", (x, w, z, y) => () => Cpu.Conv2DWeightGrad(x, z, conv, w, false));
            yield return Of("convolution + ReLU + pool", (x, w, z, y) => () => Cpu.ConvPool(x, w, bias, conv, new(UnaryKind.Relu), pool, y, argmax, default));
        }
        yield return Beside("convolution + pool gradients", Tiny, 1, number =>
        {
            TensorView x = Around(1, 8, 14, 14, 16), w = Around(1, 3, 3, 16, 32), dx = Around(1, 8, 14, 14, 16), dw = Around(1, 3, 3, 16, 32), db = Around(1, 32), fresh = Around(number, 8, 7, 7, 32), dy = Around(1, 8, 7, 7, 32);
            return () =>
            {
                Cpu.Copy(fresh, dy);
                Cpu.ConvPoolGrad(x, w, conv, new(UnaryKind.Relu), pool, one, argmax, dy, dx, false, dw, false, db, false);
            };
        });
        yield return Beside("convolution + Swish + pool, -90", -90, -3, number =>
        {
            TensorView x = Around(0.1, 8, 14, 14, 16), w = Around(0.1, 3, 3, 16, 32), low = Range(number, number, 32), y = Around(1, 8, 7, 7, 32), slope = Around(1, 8, 7, 7, 32);
            return () => Cpu.ConvPool(x, w, low, conv, new(UnaryKind.Swish), pool, y, argmax, slope);
        });
    }

    private static IEnumerable<Case> Updates()
    {
        foreach (UpdateKind kind in new[] { UpdateKind.Sgd, UpdateKind.Momentum, UpdateKind.Nesterov, UpdateKind.Adam })
        {
            foreach ((double gradient, double rate) in new[] { (Tiny, 1e-3), (1e-37, 1e-3), (Small, 1e-3), (1e-17, 1e-3) })
            {
                yield return Beside($"{kind} with gradients of {gradient}", (gradient, rate), (1, 1e-10), numbers =>
                {
                    TensorView w = Around(1, Count), g = Around(numbers.Item1, Count), m = Around(0, Count), v = Around(0, Count);
                    UpdateRule rule = new() { Kind = kind, LearningRate = new Cell(numbers.Item2), Step = new Cell(100), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
                    UpdateTarget[] targets = [new(w, g, m, v)];
                    return () => Cpu.Update(rule, targets);
                });
            }
        }
    }
}
