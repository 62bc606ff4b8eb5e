namespace MiniDeep.Tests.Kernels;

/// <summary>Work that is large enough to be split gives the same bits at every number of threads.</summary>
[Collection(ThreadTeamCollection.Name)]
public sealed class ThreadCountTests
{
    private static readonly CpuBackend s_backend = CpuBackend.Instance;

    [Fact]
    public void Elementwise() => KernelAssert.SameAtAnyThreadCount(() =>
    {
        var x = new Elements<float>([300, 301], TestNumbers.Of<float>(1, 5));
        var turned = new Elements<float>([300, 301], TestNumbers.Of<float>(2), Layout.Transposed);
        var gaps = new Elements<float>([300, 301], TestNumbers.Of<float>(3), Layout.Gaps);
        var row = new Elements<float>([300, 301], TestNumbers.Of<float>(4), Layout.OneRow);
        Elements<float>[] y = [.. Enumerable.Range(0, 5).Select(_ => new Elements<float>([300, 301], i => i))];
        s_backend.Unary(UnaryKind.Tanh, 0, x.View, y[0].View, true);
        s_backend.Binary(BinaryKind.Multiply, x.View, turned.View, y[1].View, false);
        s_backend.Binary(BinaryKind.Add, gaps.View, row.View, y[2].View, true);
        s_backend.Copy(turned.View, y[3].View);
        s_backend.Dropout(x.View, 0.4, 5, 6, y[4].View, false);
        return [.. y.Select(r => r.Doubles())];
    });

    [Theory]
    [InlineData(ReduceKind.Sum)]
    [InlineData(ReduceKind.Mean)]
    [InlineData(ReduceKind.Max)]
    public void Reductions(ReduceKind kind) => KernelAssert.SameAtAnyThreadCount(() =>
    {
        var results = new List<double[]>();
        foreach ((Shape from, Shape to) in new (Shape, Shape)[]
        {
            ([400_003], [1]), ([5000, 7], [5000, 1]), ([500, 129], [500, 1]), ([129, 500], [1, 500]), ([9000, 16], [1, 16]), ([40, 50, 60], [1, 50, 1]), ([40, 50, 60], [40, 1, 60]),
        })
        {
            foreach (Layout layout in new[] { Layout.Contiguous, Layout.Gaps, Layout.Transposed })
            {
                var x = new Elements<float>(from, TestNumbers.Of<float>(1), layout);
                var y = new Elements<float>(to, _ => 1);
                s_backend.Reduce(kind, x.View, y.View, true);
                results.Add(y.Doubles());
            }
        }
        return [.. results];
    });

    [Theory]
    [InlineData(7000, 3)]
    [InlineData(2000, 10)]
    [InlineData(60, 700)]
    public void Losses(int rows, int classes) => KernelAssert.SameAtAnyThreadCount(() =>
    {
        var x = new Elements<float>([rows, classes], TestNumbers.Of<float>(1, 5));
        var target = new Elements<float>([rows, classes], TestNumbers.Of<float>(2, 0.5, 0.5));
        var labels = new Elements<int>([rows], i => i % classes);
        var results = new List<double[]>();
        foreach (CrossEntropyKind kind in Enum.GetValues<CrossEntropyKind>())
        {
            var loss = new Elements<float>([], _ => 0);
            var gradient = new Elements<float>([rows, classes], _ => 0);
            s_backend.CrossEntropy(kind, x.View, kind == CrossEntropyKind.SparseSoftmax ? labels.View : target.View, 1.0 / rows, loss.View, gradient.View);
            results.Add(loss.Doubles());
            results.Add(gradient.Doubles());
        }
        var y = new Elements<float>([rows, classes], _ => 0);
        s_backend.Softmax(false, x.View, y.View);
        results.Add(y.Doubles());
        s_backend.SoftmaxGrad(false, y.View, target.View, y.View, false);
        results.Add(y.Doubles());
        return [.. results];
    });

    [Fact]
    public void Updates() => KernelAssert.SameAtAnyThreadCount(() =>
    {
        const int Count = 100_003;
        var w = new Elements<float>([Count], TestNumbers.Of<float>(1));
        var g = new Elements<float>([Count], TestNumbers.Of<float>(2));
        var m = new Elements<float>([Count], _ => 0);
        var v = new Elements<float>([Count], _ => 0);
        var rule = new UpdateRule { Kind = UpdateKind.Adam, LearningRate = new Cell(1e-3), Step = new Cell(1), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
        s_backend.Update(rule, [new UpdateTarget(w.View, g.View, m.View, v.View)]);
        return [w.Doubles(), m.Doubles(), v.Doubles()];
    });
}
