using System.Numerics;

namespace MiniDeep.Tests.Kernels;

/// <summary>Optimizer rules against their formulas, step by step.</summary>
public sealed class UpdateTests
{
    private const double Rate = 0.01, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7;

    public static TheoryData<UpdateKind> Kinds => [UpdateKind.Sgd, UpdateKind.Momentum, UpdateKind.Nesterov, UpdateKind.Adam];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_hundred_steps_follow_the_formula(UpdateKind kind)
    {
        Run<double>(kind, 1e-14);
        Run<float>(kind, 5e-6);
    }

    private static void Run<T>(UpdateKind kind, double tolerance)
        where T : unmanaged, INumber<T>
    {
        foreach (int n in new[] { 0, 1, 3, 8, 15, 16, 17, 64, 257, 16 * 1024 + 5 })
        {
            int steps = n < 1000 ? 100 : 3;
            var w = new Elements<T>([n], TestNumbers.Of<T>(1));
            var s0 = new Elements<T>([n], _ => T.Zero);
            var s1 = new Elements<T>([n], _ => T.Zero);
            double[] weights = w.Doubles(), first = new double[n], second = new double[n];
            Cell rate = new(Rate), step = new();
            var rule = new UpdateRule { Kind = kind, LearningRate = rate, Step = step, Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon };
            for (int t = 1; t <= steps; t++)
            {
                rate.Value = t > 50 ? Rate / 2 : Rate;
                step.Value = t;
                var g = new Elements<T>([n], TestNumbers.Of<T>(t));
                double[] gradient = g.Doubles();
                for (int i = 0; i < n; i++) Formula(kind, rate.Value, t, gradient[i], ref weights[i], ref first[i], ref second[i]);
                var target = new UpdateTarget(w.View, g.View, kind == UpdateKind.Sgd ? default : s0.View, kind == UpdateKind.Adam ? s1.View : default);
                CpuBackend.Instance.Update(rule, [target]);
                Assert.Equal(gradient, g.Doubles());
            }
            TestNumbers.Close(weights, w.Read(), tolerance, $"{kind} {n}");
            TestNumbers.Close(first, s0.Read(), tolerance, $"{kind} {n}, first state");
            TestNumbers.Close(second, s1.Read(), tolerance, $"{kind} {n}, second state");
        }
    }

    private static void Formula(UpdateKind kind, double rate, int t, double g, ref double w, ref double first, ref double second)
    {
        switch (kind)
        {
            case UpdateKind.Sgd:
                w -= rate * g;
                break;
            case UpdateKind.Momentum:
                first = Beta1 * first - rate * g;
                w += first;
                break;
            case UpdateKind.Nesterov:
                first = Beta1 * first - rate * g;
                w += Beta1 * first - rate * g;
                break;
            default:
                first += (g - first) * (1 - Beta1);
                second += (g * g - second) * (1 - Beta2);
                w -= rate * Math.Sqrt(1 - Math.Pow(Beta2, t)) / (1 - Math.Pow(Beta1, t)) * first / (Math.Sqrt(second) + Epsilon);
                break;
        }
    }

    [Fact]
    public void One_call_updates_all_parameters()
    {
        Elements<double>[] w = [.. Enumerable.Range(1, 5).Select(n => new Elements<double>([n, 3], _ => 1))];
        Elements<double>[] g = [.. Enumerable.Range(1, 5).Select(n => new Elements<double>([n, 3], _ => n))];
        var rule = new UpdateRule { Kind = UpdateKind.Sgd, LearningRate = new Cell(0.1), Step = new Cell(1) };
        CpuBackend.Instance.Update(rule, [.. w.Select((weights, i) => new UpdateTarget(weights.View, g[i].View))]);
        for (int i = 0; i < 5; i++) Assert.All(w[i].Read(), v => Assert.Equal(1 - 0.1 * (i + 1), v));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void States_of_untouched_weights_end_as_zero_and_not_as_subnormals(UpdateKind kind)
    {
        Run<float>(kind, 1e-35);
        Run<double>(kind, 1e-300);

        static void Run<T>(UpdateKind kind, double smallest)
            where T : unmanaged, INumber<T>
        {
            var w = new Elements<T>([3], _ => T.One);
            var s0 = new Elements<T>([3], i => T.CreateSaturating(i * smallest * 100));
            var s1 = new Elements<T>([3], i => T.CreateSaturating(i * smallest * 0.1));
            var g = new Elements<T>([3], _ => T.Zero);
            var rule = new UpdateRule { Kind = kind, LearningRate = new Cell(0.1), Step = new Cell(1), Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon };
            var target = new UpdateTarget(w.View, g.View, kind == UpdateKind.Sgd ? default : s0.View, kind == UpdateKind.Adam ? s1.View : default);
            CpuBackend.Instance.Update(rule, [target]);
            Assert.All(w.Read(), v => Assert.Equal(T.One, v));
            if (kind != UpdateKind.Sgd) Assert.All(s0.Read(), v => Assert.Equal(T.Zero, v));
            if (kind == UpdateKind.Adam) Assert.All(s1.Read(), v => Assert.Equal(T.Zero, v));
        }
    }

    /// <summary>Gradients that die down, as those of a unit that saturates, pass through every size that could leave a subnormal number behind.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_state_is_ever_subnormal(UpdateKind kind)
    {
        Run<float>(kind, 1.17549435e-38);
        Run<double>(kind, 2.2250738585072014e-308);

        static void Run<T>(UpdateKind kind, double smallest)
            where T : unmanaged, INumber<T>
        {
            // some die quickly, some stay for long where their squares are subnormal
            double[] gradients = [.. Enumerable.Range(0, 19).Select(i => Math.Pow(smallest, i * 0.06))];
            double[] fading = [.. gradients.Select((_, i) => i % 3 == 0 ? 1 : 1 - 0.1 * (i % 3))];
            var w = new Elements<T>([19], _ => T.One);
            var s0 = new Elements<T>([19], _ => T.Zero);
            var s1 = new Elements<T>([19], _ => T.Zero);
            Cell step = new();
            var rule = new UpdateRule { Kind = kind, LearningRate = new Cell(1e-3), Step = step, Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon };
            for (int t = 1; t <= 2000; t++)
            {
                step.Value = t;
                var g = new Elements<T>([19], i => T.CreateSaturating(gradients[i] * Math.Pow(fading[i], t)));
                CpuBackend.Instance.Update(rule, [new UpdateTarget(w.View, g.View, kind == UpdateKind.Sgd ? default : s0.View, kind == UpdateKind.Adam ? s1.View : default)]);
                Assert.All([.. w.Doubles(), .. s0.Doubles(), .. s1.Doubles()], v => Assert.True(v == 0 || Math.Abs(v) >= smallest, $"{v:R} after {t} steps"));
            }
        }
    }

    [Fact]
    public void NaN_in_a_gradient_reaches_the_weight()
    {
        var w = new Elements<float>([3], _ => 1);
        var g = new Elements<float>([3], i => i == 1 ? float.NaN : 1);
        var m = new Elements<float>([3], _ => 0);
        var v = new Elements<float>([3], _ => 0);
        var rule = new UpdateRule { Kind = UpdateKind.Adam, LearningRate = new Cell(0.1), Step = new Cell(1), Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon };
        CpuBackend.Instance.Update(rule, [new UpdateTarget(w.View, g.View, m.View, v.View)]);
        Assert.Equal([false, true, false], w.Read().Select(float.IsNaN));
    }
}
