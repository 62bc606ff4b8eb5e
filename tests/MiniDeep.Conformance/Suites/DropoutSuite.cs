using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Dropout.</summary>
public abstract class DropoutSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly Shape[] s_shapes =
        [[], [0], [1], [2], [3], [4], [5], [7, 9], [16], [17], [31, 33], [64, 64], [2, 3, 4, 5], [257], [1000], [65_541], [300, 257]];

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Dropout(DType dtype) =>
        Each(from shape in s_shapes
             from rate in (double[])[0, 0.1, 0.5, 0.999]
             from accumulate in (bool[])[false, true]
             select (shape, rate, accumulate), row => CheckDropout(dtype, row.shape, row.rate, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, row.accumulate, Draw.For($"{row}")));

    /// <summary>Each bit of the key and of the stream counts.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Every_stream_is_another(DType dtype) =>
        Each(from bit in Enumerable.Range(0, 64) from inKey in (bool[])[false, true] select (bit, inKey),
            row => CheckDropout(dtype, [67], 0.5, row.inKey ? 1UL << row.bit : 0, row.inKey ? 0 : 1UL << row.bit, false, new Draw(1)));

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void In_place(DType dtype)
    {
        Draw draw = new(2);
        Operand x = draw.InPlace(dtype, [5, 33]);
        Check(Tolerance.Forward, [x, x], (b, v) => b.Dropout(v[0], 0.3, 5, 6, v[1], false));
    }

    /// <summary>Whatever the reference says, the mask has to be one: a share of zeros, and the mean kept.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Drops_the_share_that_was_asked_for(DType dtype)
    {
        const int Count = 100_000;
        Operand x = new Draw(1).Input(dtype, [Count], () => 1), y = new Draw(1).Result(dtype, [Count]);
        double[] values = y.Floats(RunAlone([x, y], (b, v) =>
        {
            b.Dropout(v[0], 0.25, 11, 12, v[1], false);
            return true;
        })[1]);
        double kept = values.Count(value => value != 0) / (double)Count;
        Assert.InRange(kept, 0.75 - 0.01, 0.75 + 0.01);     // seven standard deviations
        Assert.All(values.Where(value => value != 0), value => Assert.Equal(4.0 / 3, value, 6));
    }

    [SkippableFact]
    public void Any_length_and_rate() =>
        Gen.Select(Gen.Int[0, 300], Gen.Double[0, 0.99], Gen.ULong, Gen.ULong).Sample((length, rate, key, stream) =>
        {
            Draw draw = new(length);
            CheckDropout(FloatTypes[draw.Integer(0, 2)], [length], rate, key, stream, draw.Bool(), draw);
        }, iter: 200 / Under.Thinning, threads: 1);

    private void CheckDropout(DType dtype, Shape shape, double rate, ulong key, ulong stream, bool accumulate, Draw draw)
    {
        Operand x = draw.Input(dtype, shape), y = draw.Result(dtype, shape, accumulate);
        Check(Tolerance.Forward, [x, y], (b, v) => b.Dropout(v[0], rate, key, stream, v[1], accumulate));
    }
}
