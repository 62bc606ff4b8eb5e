using MiniDeep.Reference;

namespace MiniDeep.Conformance;

/// <summary>
/// The oracle's own gradients against central differences of its forward passes, in float64, along a random direction for each input and with a random
/// cotangent.
/// </summary>
public class ReferenceGradientTests
{
    private const double Tolerance = 1e-7;

    /// <summary>Small, because images have thousands of elements, and one that steps over a kink or from one winner to another spoils the difference.</summary>
    private const double Step = 1e-6;

    private static readonly ReferenceBackend s_backend = new();

    private static readonly Device s_device = new("reference", s_backend);

    public static TheoryData<UnaryKind, double> Unaries
    {
        get
        {
            TheoryData<UnaryKind, double> rows = [];
            foreach (UnaryKind kind in Enum.GetValues<UnaryKind>())
            {
                if (kind == UnaryKind.Not) continue;
                foreach (double alpha in kind is UnaryKind.LeakyRelu or UnaryKind.PowScalar ? (double[])[0.3, -0.7, 2.5] : [0.4]) rows.Add(kind, alpha);
            }
            return rows;
        }
    }

    public static TheoryData<int> Activations => new(Enumerable.Range(0, Geometries.Activations.Count));

    public static TheoryData<int> Convolutions => new(Enumerable.Range(0, Geometries.Convolutions.Count));

    public static TheoryData<int> Pools => new(Enumerable.Range(0, Geometries.Pools.Count));

    public static TheoryData<int> Blocks => new(Enumerable.Range(0, Geometries.Blocks.Count));

    [Theory]
    [MemberData(nameof(Unaries))]
    public void UnaryGrad(UnaryKind kind, double alpha)
    {
        Draw draw = new(1);
        Shape shape = [67];
        bool positive = kind is UnaryKind.Sqrt or UnaryKind.Log or UnaryKind.PowScalar or UnaryKind.Reciprocal;
        double[] x = Numbers(draw, shape, positive ? () => draw.Uniform(0.3, 2) : draw.Normal);
        Check(draw, [(x, shape)], shape,
            v => Result(shape, y => s_backend.Unary(kind, alpha, v[0], y, false)),
            (v, y, dy) => [Result(shape, dx => s_backend.UnaryGrad(kind, alpha, UnaryKinds.GradientFromOutput(kind, alpha) ? y : v[0], dy, dx, false))]);
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearGrad(int activation)
    {
        FusedActivation f = Geometries.Activations[activation];
        Draw draw = new(2);
        Shape shape = [5, 7], x = [5, 6], w = [6, 7], bias = [7];
        TensorView slope = Empty(shape);
        Check(draw, [(Numbers(draw, x), x), (Numbers(draw, w), w), (Numbers(draw, bias), bias)], shape,
            v => Result(shape, y => s_backend.Linear(v[0], v[1], v[2], f, y, slope)),
            (v, y, dy) =>
            {
                TensorView dx = Empty(x), dw = Empty(w), db = Empty(bias);
                s_backend.LinearGrad(v[0], v[1], f.GradientFromOutput ? y : slope, f, dy, dx, false, dw, false, db, false);
                return [dx, dw, db];
            });
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void ConvolutionGradients(int index)
    {
        ConvGeometry g = Geometries.Convolutions[index];
        FusedActivation f = Geometries.Activations[index % Geometries.Activations.Count];
        Draw draw = Draw.For($"{g}");
        Shape x = ImageSuite.InputShape(g), w = ImageSuite.WeightShape(g), bias = [g.OutChannels], shape = ImageSuite.OutputShape(g);
        TensorView slope = Empty(shape);
        Check(draw, [(Numbers(draw, x), x), (Numbers(draw, w), w), (Numbers(draw, bias), bias)], shape,
            v => Result(shape, y => s_backend.Conv2D(v[0], v[1], v[2], g, f, y, slope)),
            (v, y, dy) =>
            {
                TensorView dz = Empty(shape), dx = Empty(x), dw = Empty(w), db = Empty(bias);
                s_backend.ActivationGrad(f, f.GradientFromOutput ? y : slope, dy, dz, db, false);
                s_backend.Conv2DInputGrad(dz, v[1], g, dx, false);
                s_backend.Conv2DWeightGrad(v[0], dz, g, dw, false);
                return [dx, dw, db];
            });
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void MaxPool2DGrad(int index)
    {
        PoolGeometry g = Geometries.Pools[index];
        Draw draw = Draw.For($"{g}");
        Shape x = ImageSuite.PoolInput(g), shape = ImageSuite.PoolOutput(g);
        TensorView argmax = Empty(shape, DType.UInt8);
        Check(draw, [(Numbers(draw, x), x)], shape,
            v => Result(shape, y => s_backend.MaxPool2D(v[0], g, y, argmax)),
            (v, y, dy) => [Result(x, dx => s_backend.MaxPool2DGrad(dy, argmax, g, dx, false))]);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void ConvPoolGrad(int index)
    {
        (ConvGeometry conv, PoolGeometry pool) = Geometries.Blocks[index];
        FusedActivation f = Geometries.Activations[index % Geometries.Activations.Count];
        Draw draw = Draw.For($"{conv}");
        Shape x = ImageSuite.InputShape(conv), w = ImageSuite.WeightShape(conv), bias = [conv.OutChannels], shape = ImageSuite.PoolOutput(pool);
        TensorView slope = Empty(shape), argmax = Empty(shape, DType.UInt8);
        Check(draw, [(Numbers(draw, x), x), (Numbers(draw, w), w), (Numbers(draw, bias), bias)], shape,
            v => Result(shape, y => s_backend.ConvPool(v[0], v[1], v[2], conv, f, pool, y, argmax, slope)),
            (v, y, dy) =>
            {
                TensorView dx = Empty(x), dw = Empty(w), db = Empty(bias);
                s_backend.ConvPoolGrad(v[0], v[1], conv, f, pool, f.GradientFromOutput ? y : slope, argmax, dy, dx, false, dw, false, db, false);
                return [dx, dw, db];
            });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SoftmaxGrad(bool logarithm)
    {
        Draw draw = new(3);
        Shape shape = [5, 7];
        Check(draw, [(Numbers(draw, shape), shape)], shape,
            v => Result(shape, y => s_backend.Softmax(logarithm, v[0], y)),
            (v, y, dy) => [Result(shape, dx => s_backend.SoftmaxGrad(logarithm, y, dy, dx, false))]);
    }

    [Theory]
    [InlineData(CrossEntropyKind.SparseSoftmax)]
    [InlineData(CrossEntropyKind.Softmax)]
    [InlineData(CrossEntropyKind.Sigmoid)]
    public void CrossEntropyGradient(CrossEntropyKind kind)
    {
        Draw draw = new(4);
        Shape shape = [5, 7], one = [1];
        // not distributions: the gradient has to know
        TensorView target = kind == CrossEntropyKind.SparseSoftmax ? draw.Input(DType.Int32, [5], () => draw.Integer(0, 7)).Upload(s_device) : Upload(Numbers(draw, shape, () => draw.Uniform()), shape);
        TensorView gradient = Empty(shape);
        double scale = 1;
        Check(draw, [(Numbers(draw, shape), shape)], one,
            v => Result(one, loss => s_backend.CrossEntropy(kind, v[0], target, scale, loss, gradient)),
            (v, loss, dy) =>
            {
                // The scale is the only cotangent that this operation takes.
                s_backend.CrossEntropy(kind, v[0], target, Elements.Read(dy)[0], loss, gradient);
                return [gradient];
            });
    }

    [Fact]
    public void ScatterAdd()
    {
        Draw draw = new(5);
        Shape x = [2, 5, 3], shape = [2, 9, 3];
        TensorView indices = draw.Input(DType.Int64, [9], () => draw.Integer(0, 5)).Upload(s_device);
        Check(draw, [(Numbers(draw, x), x)], shape,
            v => Result(shape, y => s_backend.Gather(v[0], indices, y)),
            (v, y, dy) => [Result(x, dx => s_backend.ScatterAdd(dy, indices, dx))]);
    }

    [Fact]
    public void A_wrong_gradient_is_found()
    {
        Draw draw = new(6);
        Shape shape = [9];
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Check(draw, [(Numbers(draw, shape), shape)], shape,
            v => Result(shape, y => s_backend.Unary(UnaryKind.Square, 0, v[0], y, false)),
            (v, y, dy) => [Result(shape, dx => s_backend.UnaryGrad(UnaryKind.Square, 0, y, dy, dx, false))]));
    }

    private static void Check(
        Draw draw, (double[] Values, Shape Shape)[] inputs, Shape output,
        Func<TensorView[], TensorView> forward, Func<TensorView[], TensorView, TensorView, TensorView[]> backward)
    {
        double[] cotangent = Numbers(draw, output);
        TensorView[] at = [.. inputs.Select(input => Upload(input.Values, input.Shape))];
        double[][] gradients = [.. backward(at, forward(at), Upload(cotangent, output)).Select(gradient => Elements.Read(gradient))];
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] direction = Numbers(draw, inputs[i].Shape);
            double Along(double step)
            {
                TensorView[] moved = [.. at];
                moved[i] = Upload([.. inputs[i].Values.Zip(direction, (value, d) => value + step * d)], inputs[i].Shape);
                return Inner(Elements.Read(forward(moved)), cotangent);
            }
            double difference = (Along(Step) - Along(-Step)) / (2 * Step), derivative = Inner(gradients[i], direction);
            double size = Math.Sqrt(Inner(gradients[i], gradients[i]));
            Assert.True(Math.Abs(difference - derivative) <= Tolerance * Math.Max(size, 1e-3), $"Input {i}: the gradient says {derivative:R}, differences {difference:R}.");
        }
    }

    private static double Inner(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Numbers(Draw draw, Shape shape, Func<double>? sample = null) => [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (sample ?? draw.Normal)())];

    private static TensorView Empty(Shape shape, DType dtype = DType.Float64) =>
        new(new Storage(s_device, s_backend.Allocate((long)shape.ElementCount * dtype.Size()), dtype, shape.ElementCount), 0, shape);

    private static TensorView Upload(double[] values, Shape shape) => Result(shape, view => Elements.Write(view, values));

    private static TensorView Result(Shape shape, Action<TensorView> compute)
    {
        TensorView view = Empty(shape);
        compute(view);
        return view;
    }
}
