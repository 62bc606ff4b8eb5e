using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Update.</summary>
public abstract class UpdateSuite(BackendUnderTest backend) : Suite(backend)
{
    /// <summary>The sizes of the parameters of one update.</summary>
    private static readonly int[][] s_models =
    [
        [], [0], [1], [2], [15], [16], [17], [257], [1, 1, 1], [3, 0, 5], [7, 9, 16, 33], [64, 64], [1000], [20_011], [144, 16, 4608, 32, 200_704, 128, 1280, 10], [70_001, 3, 70_001],
    ];

    public static TheoryData<UpdateKind, DType> Kinds => Rows(from kind in Enum.GetValues<UpdateKind>() from dtype in FloatTypes select (kind, dtype));

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Update(UpdateKind kind, DType dtype) =>
        Each(from model in s_models from step in (int[])[1, 2, 1000] where step == 1 || model.Sum() < 50_000 select (model, step),
            row => CheckUpdate(kind, dtype, row.model, row.step, 0.01, Draw.For($"{kind} {row.model.Length} {row.model.Sum()} {row.step}")));

    /// <summary>Errors must not build up over a training.</summary>
    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void A_hundred_steps(UpdateKind kind, DType dtype)
    {
        Draw draw = Draw.For($"{kind}");
        Operand[] operands = Parameter(kind, dtype, 67, draw);
        Operand[] gradients = [.. Enumerable.Range(0, 100).Select(_ => draw.Input(dtype, [67]))];
        var rate = new Cell(0.01);
        var step = new Cell();
        // float32 rounds its weights a hundred times
        Check(Tolerance.Backward, [.. operands, .. gradients], (b, v) =>
        {
            for (int i = 0; i < 100; i++)
            {
                step.Value = i + 1;
                rate.Value = 0.01 / (i + 1);
                b.Update(Rule(kind, rate, step), [new UpdateTarget(v[0], v[operands.Length + i], v[2], v[3])]);
            }
        });
    }

    /// <summary>What a weight that is never touched leaves in Adam's states: next to nothing, but not slow subnormals.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Old_moments_fade(DType dtype)
    {
        double tiny = dtype == DType.Float32 ? 1e-42 : 1e-310;
        Operand weights = new Draw(1).InPlace(dtype, [35]), gradient = new Draw(1).Input(dtype, [35], () => 0);
        Operand first = new Draw(1).InPlace(dtype, [35], () => tiny), second = new Draw(1).InPlace(dtype, [35], () => 1e-20);
        Check(Tolerance.Forward, [weights, gradient, first, second],
            (b, v) => b.Update(Rule(UpdateKind.Adam, new Cell(0.001), new Cell(900)), [new UpdateTarget(v[0], v[1], v[2], v[3])]));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Not_a_number_reaches_its_own_weight_only(UpdateKind kind, DType dtype) =>
        Each((int[])[0, 15, 16, 34], place =>
        {
            Draw draw = new(4);
            Operand[] operands = Parameter(kind, dtype, 35, draw);
            operands[1].Set(place, double.NaN);
            Check(Tolerance.Forward, operands, (b, v) => b.Update(Rule(kind, new Cell(0.1), new Cell(3)), [new UpdateTarget(v[0], v[1], v[2], v[3])]));
        });

    [SkippableFact]
    public void Any_model() =>
        Gen.Select(Gen.Int[0, 300].Array[0, 6], Gen.Int[1, 5000], Gen.Int[0, int.MaxValue]).Sample((model, step, seed) =>
        {
            Draw draw = new(seed);
            CheckUpdate((UpdateKind)draw.Integer(0, 4), FloatTypes[draw.Integer(0, 2)], model, step, draw.Uniform(1e-4, 0.1), draw);
        }, iter: 200 / Under.Thinning, threads: 1);

    private static UpdateRule Rule(UpdateKind kind, Cell rate, Cell step) =>
        new() { Kind = kind, LearningRate = rate, Step = step, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };

    /// <summary>Weights, gradient and two states; those that the rule doesn't use are empty stand-ins.</summary>
    private static Operand[] Parameter(UpdateKind kind, DType dtype, int size, Draw draw)
    {
        int states = kind switch { UpdateKind.Sgd => 0, UpdateKind.Adam => 2, _ => 1 };
        return
        [
            draw.InPlace(dtype, [size]), draw.Input(dtype, [size]),
            draw.InPlace(dtype, [states > 0 ? size : 0], () => 0.1 * draw.Normal()), draw.InPlace(dtype, [states > 1 ? size : 0], () => draw.Uniform(0.01, 1)),
        ];
    }

    private void CheckUpdate(UpdateKind kind, DType dtype, int[] model, int step, double rate, Draw draw)
    {
        Operand[] operands = [.. model.SelectMany(size => Parameter(kind, dtype, size, draw))];
        UpdateRule rule = Rule(kind, new Cell(rate), new Cell(step));
        Check(Tolerance.Forward, operands, (b, v) =>
            b.Update(rule, [.. v.Chunk(4).Select(p => new UpdateTarget(p[0], p[1], kind == UpdateKind.Sgd ? default : p[2], kind == UpdateKind.Adam ? p[3] : default))]));
    }
}
