using CsCheck;
using MiniDeep.Reference;

namespace MiniDeep.Conformance;

/// <summary>ConvPool and ConvPoolGrad.</summary>
public abstract class ConvPoolSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly bool[] s_both = [false, true];

    /// <summary>Small integers: everything is exact, and there are many ties.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ConvPool_is_the_three_in_a_row(DType dtype) =>
        Each(from block in Geometries.Blocks
             from f in Geometries.ExactActivations
             from outputs in f.Kind == UnaryKind.Relu ? (int[])[0, 1, 2, 3] : [3]
             select (block, f, outputs), row => CheckExact(dtype, row.block, row.f, row.outputs, Draw.For($"{row}")));

    /// <summary>Where a rounding may decide which of two neighbours wins, the winner must be one of them.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ConvPool_with_smooth_activations(DType dtype) =>
        Each(from block in Geometries.Blocks from f in Geometries.SmoothActivations select (block, f), row =>
        {
            Draw draw = Draw.For($"{row}");
            ConvGeometry conv = row.block.Conv;
            Operand x = draw.Input(dtype, ImageSuite.InputShape(conv)), w = ImageSuite.Weights(draw, dtype, conv, conv.InChannels), bias = draw.Input(dtype, [conv.OutChannels]);
            CheckWinners(dtype, row.block, row.f, [x, w, bias], draw);
        });

    /// <summary>Zeros under a window give 0, exactly, and the window's winner is the one of the three in a row.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ConvPool_of_zeros(DType dtype) =>
        Each(from block in Geometries.Blocks from f in Geometries.Activations select (block, f), row =>
        {
            Draw draw = Draw.For($"{row}");
            (ConvGeometry conv, PoolGeometry pool) = row.block;
            Operand x = ImageSuite.MostlyZeros(draw, dtype, conv), w = ImageSuite.Weights(draw, dtype, conv, conv.InChannels);
            Operand y = draw.Result(dtype, ImageSuite.PoolOutput(pool)), argmax = draw.Result(DType.UInt8, ImageSuite.PoolOutput(pool));
            if (!CheckFused(Tolerance.Forward, [x, w, null, y, null, null], Call(conv, row.f, pool))) return;
            byte[][] expected = RunReference([x, w, null, y, argmax, null], Call(conv, row.f, pool)), actual = RunAlone([x, w, null, y, argmax, null], Call(conv, row.f, pool));
            double[] values = y.Floats(actual[3]), zeros = y.Floats(expected[3]);
            long[] places = argmax.Integers(actual[4]), first = argmax.Integers(expected[4]);
            for (int i = 0; i < zeros.Length; i++)
            {
                if (zeros[i] == 0) Assert.Equal((0, first[i]), (values[i], places[i]));
            }
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Not_a_number_wins(DType dtype) =>
        Each(Geometries.Blocks.Where(block => block.Conv.Batch > 0), block =>
        {
            (ConvGeometry conv, PoolGeometry pool) = block;
            foreach (FusedActivation f in Geometries.ExactActivations)
            {
                Draw draw = Draw.For($"{block} {f}");
                Operand x = draw.Input(dtype, ImageSuite.InputShape(conv), draw.Exact), w = draw.Input(dtype, ImageSuite.WeightShape(conv), draw.Exact);
                for (int i = 0; i < 2; i++) x.Set(draw.Integer(0, x.Positions.Length), double.NaN);
                if (MayTransform(conv))
                {
                    CheckWinners(dtype, block, f, [x, w, null], draw);
                    continue;
                }
                Operand y = draw.Result(dtype, ImageSuite.PoolOutput(pool)), argmax = draw.Result(DType.UInt8, ImageSuite.PoolOutput(pool));
                CheckFused(Tolerance.Exact, [x, w, null, y, argmax, null], Call(conv, f, pool));
            }
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ConvPoolGrad(DType dtype) =>
        Each(from block in Geometries.Blocks
             from f in Geometries.Activations
             from wanted in f.Kind == UnaryKind.Relu ? (int[])[7, 7 + 8, 6, 5, 3, 1, 2, 4, 6 + 8, 0] : [f.GradientFromOutput ? 7 : 6 + 8]
             select (block, f, wanted), row => CheckGradient(dtype, row.block, row.f, row.wanted, Draw.For($"{row}")));

    /// <summary>A gradient of which nearly all is zero must be right too: a backend may visit the living winners only.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ConvPoolGrad_of_dead_units(DType dtype) =>
        Each(from block in Geometries.Blocks from alive in (double[])[0, 0.02, 0.3] select (block, alive, wanted: alive == 0 ? 7 + 8 : 7), row =>
        {
            Draw draw = Draw.For($"{row}");
            Shape pooled = ImageSuite.PoolOutput(row.block.Pool);
            Operand saved = draw.Input(dtype, pooled, () => draw.Uniform() < row.alive ? draw.Uniform(0.1, 2) : 0);
            CheckGradient(dtype, row.block, new FusedActivation(UnaryKind.Relu), row.wanted, draw, saved);
        });

    [SkippableFact]
    public void Any_block() =>
        Gen.Int[0, int.MaxValue].Sample(seed =>
        {
            Draw draw = new(seed);
            ConvGeometry conv = Geometries.Conv(
                draw.Integer(0, 4), draw.Integer(3, 12), draw.Integer(3, 12), draw.Integer(1, 6), draw.Integer(1, 40), draw.Integer(1, 4), draw.Integer(1, 4), draw.Bool());
            PoolGeometry pool = Geometries.Pool(
                conv.Batch, conv.OutHeight, conv.OutWidth, conv.OutChannels, draw.Integer(1, 4), draw.Integer(1, 4), draw.Integer(1, 4), draw.Integer(1, 4), draw.Bool());
            DType dtype = FloatTypes[draw.Integer(0, 2)];
            FusedActivation f = Geometries.ExactActivations[draw.Integer(0, Geometries.ExactActivations.Count)];
            CheckExact(dtype, (conv, pool), f, draw.Integer(0, 4), draw);
            CheckGradient(dtype, (conv, pool), f, draw.Integer(0, 16), draw);
        }, iter: 200 / Under.Thinning, threads: 1);

    private static SeamCall Call(ConvGeometry conv, FusedActivation f, PoolGeometry pool) => (b, v) => b.ConvPool(v[0], v[1], v[2], conv, f, pool, v[3], v[4], v[5]);

    private void CheckExact(DType dtype, (ConvGeometry Conv, PoolGeometry Pool) block, FusedActivation f, int outputs, Draw draw)
    {
        Shape pooled = ImageSuite.PoolOutput(block.Pool);
        Operand x = draw.Input(dtype, ImageSuite.InputShape(block.Conv), draw.Exact), w = draw.Input(dtype, ImageSuite.WeightShape(block.Conv), draw.Exact);
        Operand? bias = outputs == 0 ? null : draw.Input(dtype, [block.Conv.OutChannels], draw.Exact);
        if (MayTransform(block.Conv))
        {
            AssertFused(CheckWinners(dtype, block, f, [x, w, bias], draw), block);
            return;
        }
        Operand? argmax = (outputs & 1) != 0 ? draw.Result(DType.UInt8, pooled) : null, slope = (outputs & 2) != 0 ? draw.Result(dtype, pooled) : null;
        AssertFused(CheckFused(Tolerance.Exact, [x, w, bias, draw.Result(dtype, pooled), argmax, slope], Call(block.Conv, f, block.Pool)), block);
    }

    /// <summary>Where a backend may transform the sums (Winograd), integers are no longer exact.</summary>
    private static bool MayTransform(in ConvGeometry conv)
        => conv is { KernelHeight: 3, KernelWidth: 3, StrideHeight: 1, StrideWidth: 1, Groups: 1 } && Math.Min(conv.InChannels, conv.OutChannels) >= 8;

    /// <summary>The results within rounding, and winners that are one of those between which a rounding may decide. False where the backend declines.</summary>
    private bool CheckWinners(DType dtype, (ConvGeometry Conv, PoolGeometry Pool) block, FusedActivation f, Operand?[] inputs, Draw draw)
    {
        (ConvGeometry conv, PoolGeometry pool) = block;
        Operand y = draw.Result(dtype, ImageSuite.PoolOutput(pool)), slope = draw.Result(dtype, ImageSuite.PoolOutput(pool));
        if (!CheckFused(Tolerance.Forward, [.. inputs, y, null, slope], Call(conv, f, pool))) return false;

        Operand argmax = draw.Result(DType.UInt8, ImageSuite.PoolOutput(pool)), full = draw.Result(dtype, ImageSuite.OutputShape(conv));
        byte[][] images = RunAlone([.. inputs, y, argmax, null], Call(conv, f, pool));
        double[] pooled = y.Floats(images[3]);
        long[] places = argmax.Integers(images[4]);
        double[] activated = full.Floats(RunReference([.. inputs, full], (b, v) =>
        {
            b.Conv2D(v[0], v[1], v[2], conv, f, v[3], default);
            return true;
        })[3]);
        double[] chosen = [.. places.Select((place, i) => activated[ReferenceBackend.Input(pool, i, (int)place)])];
        Assert.Null(Tolerance.Forward.FirstDifference(dtype, chosen, pooled));
        return true;
    }

    private void CheckGradient(DType dtype, (ConvGeometry Conv, PoolGeometry Pool) block, FusedActivation f, int wanted, Draw draw, Operand? saved = null)
    {
        (ConvGeometry conv, PoolGeometry pool) = block;
        Shape pooled = ImageSuite.PoolOutput(pool);
        bool accumulate = (wanted & 8) != 0;
        Operand x = draw.Input(dtype, ImageSuite.InputShape(conv)), w = ImageSuite.Weights(draw, dtype, conv, conv.OutChannels);
        saved ??= MatrixSuite.Saved(draw, f, dtype, pooled);
        Operand argmax = ImageSuite.Places(draw, pool), dy = draw.Scratch(dtype, pooled);
        Operand? dx = (wanted & 1) != 0 ? draw.Result(dtype, ImageSuite.InputShape(conv), accumulate) : null;
        Operand? dw = (wanted & 2) != 0 ? draw.Result(dtype, ImageSuite.WeightShape(conv), accumulate) : null;
        Operand? db = (wanted & 4) != 0 ? draw.Result(dtype, [conv.OutChannels], accumulate) : null;
        bool done = CheckFused(Tolerance.Backward, [x, w, saved, argmax, dy, dx, dw, db],
            (b, v) => b.ConvPoolGrad(v[0], v[1], conv, f, pool, v[2], v[3], v[4], v[5], accumulate, v[6], accumulate, v[7], accumulate));
        AssertFused(done, block);
    }

    private void AssertFused(bool done, (ConvGeometry Conv, PoolGeometry Pool) block)
    {
        bool usual = block.Conv is { KernelHeight: 3, KernelWidth: 3, StrideHeight: 1, StrideWidth: 1, DilationHeight: 1, Groups: 1 }
            && block.Pool is { WindowHeight: 2, WindowWidth: 2, StrideHeight: 2, StrideWidth: 2, PadTop: 0, PadLeft: 0 }
            && block.Pool.OutHeight * 2 <= block.Pool.InHeight && block.Pool.OutWidth * 2 <= block.Pool.InWidth;
        Assert.True(done || !Under.MustFuse || !usual || block.Conv.Batch == 0, "The fused member declined a usual block.");
    }
}
