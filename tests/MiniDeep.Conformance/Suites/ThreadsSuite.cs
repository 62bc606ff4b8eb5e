namespace MiniDeep.Conformance;

/// <summary>
/// Every operation that may split its work, on enough work for it to do so: each number of threads gives the bits of one. That these are the right bits is
/// what the other suites check.
/// </summary>
public abstract class ThreadsSuite(BackendUnderTest backend) : Suite(backend)
{
    /// <summary>Every member that computes.</summary>
    public enum Work
    {
        Fill, Copy, Transpose, Unary, UnaryGrad, Binary, BinaryStrided, Select, Sum, SumColumns, SumRows, SumScattered, Mean, Max, ArgMax, ArgMaxColumns,
        MatMul, MatMulTransposed, MatMulTall, MatMulDeep, MatMulRow, MatMulTurned, MatMulBatch, Linear, LinearGrad, ActivationGrad,
        Conv2D, Conv2DGeneral, Conv2DInputGrad, Conv2DWeightGrad, MaxPool2D, MaxPool2DGrad, ConvPool, ConvPoolGrad, ConvPoolGradSparse,
        Softmax, SoftmaxGrad, SparseCrossEntropy, CrossEntropy, SigmoidCrossEntropy, Gather, ScatterAdd, Dropout, Sgd, Nesterov, Adam,
    }

    public static TheoryData<Work, DType> Everything => Rows(from work in Enum.GetValues<Work>() from dtype in FloatTypes select (work, dtype));

    [SkippableTheory]
    [MemberData(nameof(Everything))]
    public void The_number_of_threads_changes_no_bit(Work work, DType dtype)
    {
        (Operand?[] operands, SeamCall call) = Make(work, dtype, Draw.For($"{work}"));
        CheckThreads(operands, call);
    }

    private static (Operand?[] Operands, SeamCall Call) Make(Work work, DType dtype, Draw draw) => work switch
    {
        <= Work.ArgMaxColumns => Elementwise(work, dtype, draw),
        <= Work.ActivationGrad => Matrices(work, dtype, draw),
        <= Work.ConvPoolGradSparse => Images(work, dtype, draw),
        _ => Others(work, dtype, draw),
    };

    private static (Operand?[], SeamCall) Elementwise(Work work, DType dtype, Draw draw)
    {
        Shape shape = [151, 503];
        Operand In(Layout? layout = null) => draw.Input(dtype, shape, layout);
        Operand Out(Layout? layout = null) => draw.Result(dtype, shape, false, layout);
        return work switch
        {
            Work.Fill => ([Out()], Do((b, v) => b.Fill(v[0], 2.5))),
            Work.Copy => ([draw.Input(DType.UInt8, shape), Out()], Do((b, v) => b.Copy(v[0], v[1]))),
            Work.Transpose => ([In(Layout.Reversed), Out()], Do((b, v) => b.Copy(v[0], v[1]))),
            Work.Unary => ([In(), draw.Result(dtype, shape, true)], Do((b, v) => b.Unary(UnaryKind.Tanh, 0, v[0], v[1], true))),
            Work.UnaryGrad => ([In(), In(), Out()], Do((b, v) => b.UnaryGrad(UnaryKind.Swish, 0, v[0], v[1], v[2], false))),
            Work.Binary => ([In(), In(), Out()], Do((b, v) => b.Binary(BinaryKind.Divide, v[0], v[1], v[2], false))),
            Work.BinaryStrided => ([In(Layout.Reversed), In(Layout.Broadcast(1)), Out(Layout.Padded)], Do((b, v) => b.Binary(BinaryKind.Add, v[0], v[1], v[2], false))),
            Work.Select => ([draw.Input(DType.Bool, shape), In(), In(), Out()], Do((b, v) => b.Select(v[0], v[1], v[2], v[3]))),
            Work.Sum => ([draw.Input(dtype, [101_003]), draw.Result(dtype, [1])], Do((b, v) => b.Reduce(ReduceKind.Sum, v[0], v[1], false))),
            Work.SumColumns => ([In(), draw.Result(dtype, [1, 503])], Do((b, v) => b.Reduce(ReduceKind.Sum, v[0], v[1], false))),
            Work.SumRows => ([In(), draw.Result(dtype, [151, 1])], Do((b, v) => b.Reduce(ReduceKind.Sum, v[0], v[1], false))),
            Work.SumScattered => ([draw.Input(dtype, [20, 50, 30, 7]), draw.Result(dtype, [1, 50, 1, 7])], Do((b, v) => b.Reduce(ReduceKind.Sum, v[0], v[1], false))),
            Work.Mean => ([In(Layout.Padded), draw.Result(dtype, [1, 1])], Do((b, v) => b.Reduce(ReduceKind.Mean, v[0], v[1], false))),
            Work.Max => ([draw.Input(dtype, [101_003]), draw.Result(dtype, [1])], Do((b, v) => b.Reduce(ReduceKind.Max, v[0], v[1], false))),
            Work.ArgMax => ([In(), draw.Result(DType.Int64, [151, 1])], Do((b, v) => b.ArgReduce(true, v[0], 1, v[1]))),
            Work.ArgMaxColumns => ([In(), draw.Result(DType.Int64, [1, 503])], Do((b, v) => b.ArgReduce(true, v[0], 0, v[1]))),
            _ => throw new ArgumentOutOfRangeException(nameof(work), work, "not of this family"),
        };
    }

    private static (Operand?[], SeamCall) Matrices(Work work, DType dtype, Draw draw)
    {
        Operand In(params int[] shape) => draw.Input(dtype, Shape.Create(shape));
        Operand Out(params int[] shape) => draw.Result(dtype, Shape.Create(shape));
        var relu = new FusedActivation(UnaryKind.Relu);
        return work switch
        {
            Work.MatMul => ([In(301, 403), In(403, 305), Out(301, 305)], Do((b, v) => b.MatMul(v[0], false, v[1], false, v[2], false))),
            Work.MatMulTransposed => ([In(403, 301), In(305, 403), Out(301, 305)], Do((b, v) => b.MatMul(v[0], true, v[1], true, v[2], false))),
            Work.MatMulTall => ([In(3001, 33), In(33, 17), Out(3001, 17)], Do((b, v) => b.MatMul(v[0], false, v[1], false, v[2], false))),
            Work.MatMulDeep => ([In(5003, 17), In(5003, 33), Out(17, 33)], Do((b, v) => b.MatMul(v[0], true, v[1], false, v[2], false))),
            Work.MatMulRow => ([In(1, 403), In(3001, 403), Out(1, 3001)], Do((b, v) => b.MatMul(v[0], false, v[1], true, v[2], false))),
            Work.MatMulTurned => ([In(64, 128), In(1568, 128), Out(64, 1568)], Do((b, v) => b.MatMul(v[0], false, v[1], true, v[2], false))),
            Work.MatMulBatch => ([In(37, 40, 50), In(37, 50, 30), Out(37, 40, 30)], Do((b, v) => b.MatMul(v[0], false, v[1], false, v[2], false))),
            Work.Linear => ([In(100, 784), In(784, 128), In(128), Out(100, 128)], (b, v) => b.Linear(v[0], v[1], v[2], relu, v[3], default)),
            Work.LinearGrad => ([In(100, 784), In(784, 128), In(100, 128), draw.Scratch(dtype, [100, 128]), Out(100, 784), Out(784, 128), Out(128)],
                (b, v) => b.LinearGrad(v[0], v[1], v[2], relu, v[3], v[4], false, v[5], false, v[6], false)),
            Work.ActivationGrad => ([In(3001, 70), In(3001, 70), Out(3001, 70), Out(70)], Do((b, v) => b.ActivationGrad(relu, v[0], v[1], v[2], v[3], false))),
            _ => throw new ArgumentOutOfRangeException(nameof(work), work, "not of this family"),
        };
    }

    private static (Operand?[], SeamCall) Images(Work work, DType dtype, Draw draw)
    {
        ConvGeometry conv = Geometries.Conv(17, 14, 14, 16, 32, 3, 3, same: true), general = Geometries.Conv(9, 15, 14, 6, 24, 5, 3, stride: (2, 1), dilation: (1, 2), groups: 3);
        PoolGeometry pool = Geometries.Pool(17, 14, 14, 32, 2, 2, 2, 2);
        var relu = new FusedActivation(UnaryKind.Relu);
        Operand In(Shape shape) => draw.Input(dtype, shape);
        Operand Out(Shape shape) => draw.Result(dtype, shape);
        Operand X() => In(ImageSuite.InputShape(conv));
        Operand W() => In(ImageSuite.WeightShape(conv));
        Operand Pooled(double alive) => draw.Input(dtype, ImageSuite.PoolOutput(pool), () => draw.Uniform() < alive ? draw.Uniform(0.1, 1) : 0);
        SeamCall gradient = (b, v) => b.ConvPoolGrad(v[0], v[1], conv, relu, pool, v[2], v[3], v[4], v[5], false, v[6], false, v[7], false);
        Operand[] GradientOperands(double alive) =>
        [
            X(), W(), Pooled(alive), ImageSuite.Places(draw, pool), draw.Scratch(dtype, ImageSuite.PoolOutput(pool)),
            Out(ImageSuite.InputShape(conv)), Out(ImageSuite.WeightShape(conv)), Out([32]),
        ];
        return work switch
        {
            Work.Conv2D => ([X(), W(), In([32]), Out(ImageSuite.OutputShape(conv))], Do((b, v) => b.Conv2D(v[0], v[1], v[2], conv, relu, v[3], default))),
            Work.Conv2DGeneral => ([In(ImageSuite.InputShape(general)), In(ImageSuite.WeightShape(general)), In([24]), Out(ImageSuite.OutputShape(general))],
                Do((b, v) => b.Conv2D(v[0], v[1], v[2], general, relu, v[3], default))),
            Work.Conv2DInputGrad => ([In(ImageSuite.OutputShape(conv)), W(), Out(ImageSuite.InputShape(conv))], Do((b, v) => b.Conv2DInputGrad(v[0], v[1], conv, v[2], false))),
            Work.Conv2DWeightGrad => ([X(), In(ImageSuite.OutputShape(conv)), Out(ImageSuite.WeightShape(conv))], Do((b, v) => b.Conv2DWeightGrad(v[0], v[1], conv, v[2], false))),
            Work.MaxPool2D => ([In(ImageSuite.PoolInput(pool)), Out(ImageSuite.PoolOutput(pool)), draw.Result(DType.UInt8, ImageSuite.PoolOutput(pool))],
                Do((b, v) => b.MaxPool2D(v[0], pool, v[1], v[2]))),
            Work.MaxPool2DGrad => ([In(ImageSuite.PoolOutput(pool)), ImageSuite.Places(draw, pool), Out(ImageSuite.PoolInput(pool))], Do((b, v) => b.MaxPool2DGrad(v[0], v[1], pool, v[2], false))),
            Work.ConvPool => ([X(), W(), In([32]), Out(ImageSuite.PoolOutput(pool)), draw.Result(DType.UInt8, ImageSuite.PoolOutput(pool))],
                (b, v) => b.ConvPool(v[0], v[1], v[2], conv, relu, pool, v[3], v[4], default)),
            Work.ConvPoolGrad => (GradientOperands(1), gradient),
            Work.ConvPoolGradSparse => (GradientOperands(0.15), gradient),
            _ => throw new ArgumentOutOfRangeException(nameof(work), work, "not of this family"),
        };
    }

    private static (Operand?[], SeamCall) Others(Work work, DType dtype, Draw draw)
    {
        Shape rows = [2003, 37];
        Operand In(Shape shape) => draw.Input(dtype, shape);
        Operand Out(Shape shape) => draw.Result(dtype, shape);
        SeamCall Loss(CrossEntropyKind kind) => Do((b, v) => b.CrossEntropy(kind, v[0], v[1], 0.5, v[2], v[3]));
        SeamCall Step(UpdateKind kind) => Do((b, v) =>
        {
            var rule = new UpdateRule { Kind = kind, LearningRate = new Cell(0.01), Step = new Cell(3), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
            b.Update(rule, [new UpdateTarget(v[0], v[1], v[2], v[3]), new UpdateTarget(v[4], v[5], v[6], v[7])]);
        });
        Operand[] parameters = work < Work.Sgd ? [] :
        [
            .. from size in (int[])[70_001, 13] from part in Enumerable.Range(0, 4)
               select part == 3 ? draw.InPlace(dtype, [size], () => draw.Uniform(0.01, 1)) : part == 1 ? In([size]) : draw.InPlace(dtype, [size]),
        ];
        return work switch
        {
            Work.Softmax => ([In(rows), Out(rows)], Do((b, v) => b.Softmax(false, v[0], v[1]))),
            Work.SoftmaxGrad => ([In(rows), In(rows), Out(rows)], Do((b, v) => b.SoftmaxGrad(true, v[0], v[1], v[2], false))),
            Work.SparseCrossEntropy => ([In(rows), draw.Input(DType.Int32, [2003], () => draw.Integer(0, 37)), Out([1]), Out(rows)], Loss(CrossEntropyKind.SparseSoftmax)),
            Work.CrossEntropy => ([In(rows), In(rows), Out([1]), Out(rows)], Loss(CrossEntropyKind.Softmax)),
            Work.SigmoidCrossEntropy => ([In(rows), In(rows), Out([1]), Out(rows)], Loss(CrossEntropyKind.Sigmoid)),
            Work.Gather => ([In([3, 501, 97]), draw.Input(DType.Int32, [1003], () => draw.Integer(0, 501)), Out([3, 1003, 97])], Do((b, v) => b.Gather(v[0], v[1], v[2]))),
            Work.ScatterAdd => ([In([3, 1003, 97]), draw.Input(DType.Int32, [1003], () => draw.Integer(0, 501)), draw.InPlace(dtype, [3, 501, 97])], Do((b, v) => b.ScatterAdd(v[0], v[1], v[2]))),
            Work.Dropout => ([In(rows), Out(rows)], Do((b, v) => b.Dropout(v[0], 0.3, 1, 2, v[1], false))),
            Work.Sgd => (parameters, Step(UpdateKind.Sgd)),
            Work.Nesterov => (parameters, Step(UpdateKind.Nesterov)),
            Work.Adam => (parameters, Step(UpdateKind.Adam)),
            _ => throw new ArgumentOutOfRangeException(nameof(work), work, "not of this family"),
        };
    }

    private static SeamCall Do(Action<IBackend, TensorView[]> call) => (backend, views) =>
    {
        call(backend, views);
        return true;
    };
}
