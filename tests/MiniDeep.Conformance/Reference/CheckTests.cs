using MiniDeep.Reference;

namespace MiniDeep.Conformance;

/// <summary>The suites' own check: each kind of mistake that a kernel can make is seen.</summary>
public class CheckTests
{
    private static readonly CheckSuite s_suite = new();

    [Fact]
    public void A_right_result_passes() => Square((x, y) => { });

    [Theory]
    [InlineData(0)]
    [InlineData(36)]
    public void A_wrong_element_is_seen(int element) => Assert.Contains($"element {element} of 37", Failure((x, y) => Poke(y, y.Offset + element, 1000)));

    [Theory]
    [InlineData(-1)]
    [InlineData(-16)]
    [InlineData(37)]
    [InlineData(52)]
    public void A_write_outside_is_seen(int element) => Assert.Contains($"at element {element} counted from its start", Failure((x, y) => Poke(y, y.Offset + element, 0)));

    [Fact]
    public void A_write_into_a_gap_is_seen() => Assert.Contains("written outside the view", Failure((x, y) => Poke(y, y.Offset + 1, 0), Layout.Stepped));

    [Fact]
    public void A_changed_input_is_seen() => Assert.Contains("an input was changed, at element 3", Failure((x, y) => Poke(x, x.Offset + 3, 1)));

    [Fact]
    public void An_element_that_was_not_written_is_seen() => Assert.Contains("element 0 of 37 is NaN", Failure(skip: true));

    [Fact]
    public void A_difference_above_the_tolerance_is_seen()
    {
        double[] expected = [1, -2, 0];
        Assert.Null(Tolerance.Forward.FirstDifference(DType.Float32, [1 + 9e-6, -2, 0], expected));
        Assert.NotNull(Tolerance.Forward.FirstDifference(DType.Float32, [1 + 11e-6, -2, 0], expected));
        Assert.NotNull(Tolerance.Forward.FirstDifference(DType.Float64, [1 + 9e-6, -2, 0], expected));
        Assert.NotNull((Tolerance.Forward with { ElementByElement = true }).FirstDifference(DType.Float32, [1, -2, 6e-9], expected));
        Assert.NotNull(Tolerance.Forward.FirstDifference(DType.Float32, [double.NaN, -2, 0], expected));
        Assert.NotNull(Tolerance.Forward.FirstDifference(DType.Float32, [double.PositiveInfinity], [double.NegativeInfinity]));
        Assert.NotNull(Tolerance.Forward.FirstDifference(DType.Float32, [double.MaxValue], [double.PositiveInfinity]));
        Assert.NotNull(Tolerance.Exact.FirstDifference(DType.Float32, [0], [-0.0]));
        Assert.Null(Tolerance.Exact.FirstDifference(DType.Float32, [double.NaN], [-double.NaN]));
    }

    [Fact]
    public void A_fused_member_that_declines_must_leave_everything_alone() =>
        Assert.Contains("was declined, but operand 0", Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => s_suite.Decline(true)).Message);

    [Fact]
    public void A_fused_member_may_decline() => Assert.False(s_suite.Decline(false));

    [Fact]
    public void A_reference_that_does_not_fuse_declines()
    {
        var backend = new ReferenceBackend { Fuses = false };
        Assert.False(backend.Linear(default, default, default, default, default, default));
        Assert.False(backend.LinearGrad(default, default, default, default, default, default, false, default, false, default, false));
    }

    private static void Square(Action<TensorView, TensorView> mistake, Layout? layout = null, bool skip = false) => s_suite.Square(mistake, layout, skip);

    private static string Failure(Action<TensorView, TensorView>? mistake = null, Layout? layout = null, bool skip = false) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Square(mistake ?? ((x, y) => { }), layout, skip)).Message;

    private static void Poke(TensorView view, int position, double value) =>
        Elements.Write(new TensorView(view.Storage, position, [1]), [value]);

    /// <summary>The reference, as if it were somebody's backend.</summary>
    private sealed class SomeBackend : BackendUnderTest
    {
        public override Device Device { get; } = new("some", new ReferenceBackend());
    }

    private sealed class CheckSuite() : Suite(new SomeBackend())
    {
        public void Square(Action<TensorView, TensorView> mistake, Layout? layout, bool skip)
        {
            Draw draw = new(1);
            Check(Tolerance.Forward, [draw.Input(DType.Float32, [37], layout), draw.Result(DType.Float32, [37], false, layout)], (b, v) =>
            {
                // The check runs the call twice: only the backend under test makes the mistake.
                bool under = ReferenceEquals(b, Under.Device.Backend);
                if (!(under && skip)) b.Unary(UnaryKind.Square, 0, v[0], v[1], false);
                if (under) mistake(v[0], v[1]);
            });
        }

        public bool Decline(bool dirty) => CheckFused(Tolerance.Exact, [new Draw(1).Scratch(DType.Float32, [3])], (b, v) =>
        {
            if (dirty) Poke(v[0], v[0].Offset, 99);
            return false;
        });
    }
}
