using System.Numerics;

namespace MiniDeep.Tests.Kernels;

/// <summary>Softmax and the losses on logits, against plain formulas in double.</summary>
public sealed class LossTests
{
    private static readonly (int Rows, int Classes)[] s_sizes =
        [(0, 3), (1, 1), (1, 3), (5, 2), (7, 3), (8, 10), (100, 3), (64, 10), (33, 16), (17, 17), (5, 32), (6, 33), (3, 257), (2, 1100), (700, 10), (1, 20000)];

    [Fact]
    public void Softmax_and_its_logarithm()
    {
        Check<double>(1e-14);
        Check<float>(2e-6);

        static void Check<T>(double tolerance)
            where T : unmanaged, INumber<T>
        {
            foreach ((int rows, int classes) in s_sizes)
            {
                var x = new Elements<T>([rows, classes], TestNumbers.Of<T>(1, 8));
                var y = new Elements<T>([rows, classes], _ => T.Zero);
                double[] p = Probabilities(x.Doubles(), classes);
                CpuBackend.Instance.Softmax(false, x.View, y.View);
                TestNumbers.Close(p, y.Read(), tolerance, $"softmax {rows} x {classes}");
                CpuBackend.Instance.Softmax(true, x.View, y.View);
                TestNumbers.Close([.. p.Select(v => Math.Log(v))], y.Read(), tolerance, $"log-softmax {rows} x {classes}");
                CpuBackend.Instance.Softmax(false, x.View, x.View);
                TestNumbers.Close(p, x.Read(), tolerance, $"softmax in place {rows} x {classes}");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_of_softmax_match_the_jacobian(bool logarithm)
    {
        Check<double>(logarithm, 1e-13);
        Check<float>(logarithm, 5e-6);

        static void Check<T>(bool logarithm, double tolerance)
            where T : unmanaged, INumber<T>
        {
            foreach ((int rows, int classes) in s_sizes.Where(s => s.Classes < 300))
            {
                var x = new Elements<T>([rows, classes], TestNumbers.Of<T>(1, 3));
                var y = new Elements<T>([rows, classes], _ => T.Zero);
                var dy = new Elements<T>([rows, classes], TestNumbers.Of<T>(2));
                CpuBackend.Instance.Softmax(logarithm, x.View, y.View);
                double[] p = Probabilities(x.Doubles(), classes), d = dy.Doubles(), expected = new double[p.Length];
                for (int i = 0; i < p.Length; i++)
                {
                    int first = i / classes * classes;
                    for (int j = first; j < first + classes; j++)
                        expected[i] += d[j] * ((i == j ? 1 : 0) - p[i]) * (logarithm ? 1 : p[j]);
                }
                var dx = new Elements<T>([rows, classes], _ => T.One);
                CpuBackend.Instance.SoftmaxGrad(logarithm, y.View, dy.View, dx.View, true);
                TestNumbers.Close([.. expected.Select(v => v + 1)], dx.Read(), tolerance, $"gradient added {rows} x {classes}");
                CpuBackend.Instance.SoftmaxGrad(logarithm, y.View, dy.View, dy.View, false);
                TestNumbers.Close(expected, dy.Read(), tolerance, $"gradient in place {rows} x {classes}");
            }
        }
    }

    [Fact]
    public void Sparse_cross_entropy()
    {
        Check<double>(1e-13);
        Check<float>(3e-6);

        static void Check<T>(double tolerance)
            where T : unmanaged, INumber<T>
        {
            foreach ((int rows, int classes) in s_sizes)
            {
                var x = new Elements<T>([rows, classes], TestNumbers.Of<T>(1, 6));
                var labels = new Elements<int>([rows], i => i * 7 % classes);
                var loss = new Elements<T>([], _ => T.One);
                var gradient = new Elements<T>([rows, classes], _ => T.One);
                double[] p = Probabilities(x.Doubles(), classes), expected = [.. p.Select(v => v * 0.5)];
                double sum = 0;
                for (int row = 0; row < rows; row++)
                {
                    sum -= 0.5 * Math.Log(p[row * classes + row * 7 % classes]);
                    expected[row * classes + row * 7 % classes] -= 0.5;
                }
                CpuBackend.Instance.CrossEntropy(CrossEntropyKind.SparseSoftmax, x.View, labels.View, 0.5, loss.View, gradient.View);
                TestNumbers.Close([sum], loss.Read(), tolerance, $"loss {rows} x {classes}");
                TestNumbers.Close(expected, gradient.Read(), tolerance, $"gradient {rows} x {classes}", 0.5);
                T[] before = loss.Read();
                CpuBackend.Instance.CrossEntropy(CrossEntropyKind.SparseSoftmax, x.View, labels.View, 0.5, loss.View, default);
                Assert.Equal(before, loss.Read());
            }
        }
    }

    [Fact]
    public void Cross_entropy_with_distributions()
    {
        Check<double>(1e-13);
        Check<float>(3e-6);

        static void Check<T>(double tolerance)
            where T : unmanaged, INumber<T>
        {
            foreach ((int rows, int classes) in s_sizes)
            {
                var x = new Elements<T>([rows, classes], TestNumbers.Of<T>(1, 6));
                // not normalised: the gradient must be the loss's own, not that of a distribution
                var target = new Elements<T>([rows, classes], TestNumbers.Of<T>(2, 0.5, 0.5));
                var loss = new Elements<T>([], _ => T.One);
                var gradient = new Elements<T>([rows, classes], _ => T.One);
                double[] p = Probabilities(x.Doubles(), classes), t = target.Doubles(), expected = new double[p.Length];
                double sum = 0;
                for (int i = 0; i < p.Length; i++)
                {
                    sum -= 2 * t[i] * Math.Log(p[i]);
                    expected[i] = 2 * (p[i] * t.Skip(i / classes * classes).Take(classes).Sum() - t[i]);
                }
                CpuBackend.Instance.CrossEntropy(CrossEntropyKind.Softmax, x.View, target.View, 2, loss.View, gradient.View);
                TestNumbers.Close([sum], loss.Read(), tolerance, $"loss {rows} x {classes}");
                TestNumbers.Close(expected, gradient.Read(), tolerance, $"gradient {rows} x {classes}");
                if (classes > 1000) return;
            }
        }
    }

    [Fact]
    public void Sigmoid_cross_entropy()
    {
        Check<double>(1e-13);
        Check<float>(3e-6);

        static void Check<T>(double tolerance)
            where T : unmanaged, INumber<T>
        {
            foreach (int n in (int[])[.. Enumerable.Range(0, 70), 511, 512, 513, 4096, 4099, 20000])
            {
                var x = new Elements<T>([n], TestNumbers.Of<T>(1, 6));
                var target = new Elements<T>([n], TestNumbers.Of<T>(2, 0.5, 0.5));
                var loss = new Elements<T>([], _ => T.One);
                var gradient = new Elements<T>([n], _ => T.One);
                double[] z = x.Doubles(), t = target.Doubles(), expected = new double[n];
                double sum = 0;
                for (int i = 0; i < n; i++)
                {
                    double p = 1 / (1 + Math.Exp(-z[i]));
                    sum -= 0.25 * (t[i] * Math.Log(p) + (1 - t[i]) * Math.Log(1 - p));
                    expected[i] = 0.25 * (p - t[i]);
                }
                CpuBackend.Instance.CrossEntropy(CrossEntropyKind.Sigmoid, x.View, target.View, 0.25, loss.View, gradient.View);
                TestNumbers.Close([sum], loss.Read(), tolerance, $"loss {n}");
                TestNumbers.Close(expected, gradient.Read(), tolerance, $"gradient {n}");
            }
        }
    }

    [Theory]
    [InlineData(CrossEntropyKind.SparseSoftmax)]
    [InlineData(CrossEntropyKind.Softmax)]
    [InlineData(CrossEntropyKind.Sigmoid)]
    public void Huge_logits_give_finite_losses(CrossEntropyKind kind)
    {
        float[] logits = [1e4f, -1e4f, 0, -1e4f, 1e4f, 1e4f];
        var x = new Elements<float>([2, 3], i => logits[i]);
        var labels = new Elements<int>([2], i => i == 0 ? 1 : 2);
        var target = new Elements<float>([2, 3], i => i is 1 or 5 ? 1 : 0);
        var loss = new Elements<float>([], _ => 0);
        var gradient = new Elements<float>([2, 3], _ => 0);
        CpuBackend.Instance.CrossEntropy(kind, x.View, kind == CrossEntropyKind.SparseSoftmax ? labels.View : target.View, 1, loss.View, gradient.View);
        double expected = kind == CrossEntropyKind.Sigmoid ? 30000 + Math.Log(2) : 20000 + Math.Log(2);
        TestNumbers.Close([expected], loss.Read(), 1e-7, "loss");
        double[] slope = kind == CrossEntropyKind.Sigmoid ? [1, -1, 0.5, 0, 1, 0] : [1, -1, 0, 0, 0.5, -0.5];
        TestNumbers.Close(slope, gradient.Read(), 1e-7, "gradient");
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(40, -1)]
    public void A_label_outside_the_classes_is_named_and_nothing_is_written(int row, int label)
    {
        var x = new Elements<float>([50, 10], TestNumbers.Of<float>(1));
        var labels = new Elements<int>([50], i => i == row ? label : i % 10);
        var loss = new Elements<float>([], _ => 5);
        var gradient = new Elements<float>([50, 10], _ => 6);
        LabelException error = Assert.Throws<LabelException>(
            () => CpuBackend.Instance.CrossEntropy(CrossEntropyKind.SparseSoftmax, x.View, labels.View, 1, loss.View, gradient.View));
        Assert.Equal($"Row {row} has label {label}, but there are 10 classes: labels go from 0 to 9.", error.Message);
        Assert.Equal([5f], loss.Read());
        Assert.All(gradient.Read(), v => Assert.Equal(6f, v));
    }

    [Fact]
    public void NaN_in_a_row_stays_in_that_row()
    {
        foreach (int classes in new[] { 3, 10, 40 })
        {
            var x = new Elements<float>([3, classes], i => i == classes + 1 ? float.NaN : i % 5);
            var y = new Elements<float>([3, classes], _ => 0);
            CpuBackend.Instance.Softmax(false, x.View, y.View);
            Assert.Equal(Enumerable.Range(0, 3 * classes).Select(i => i / classes == 1), y.Read().Select(float.IsNaN));
        }
    }

    private static double[] Probabilities(double[] x, int classes)
    {
        var p = new double[x.Length];
        for (int first = 0; first < x.Length; first += classes)
        {
            double max = x.Skip(first).Take(classes).Max(), sum = 0;
            for (int i = first; i < first + classes; i++) sum += p[i] = Math.Exp(x[i] - max);
            for (int i = first; i < first + classes; i++) p[i] /= sum;
        }
        return p;
    }
}
