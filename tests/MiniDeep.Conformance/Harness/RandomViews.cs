using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Random shapes and strides for the properties.</summary>
public static class RandomViews
{
    /// <summary>Up to four axes of up to nine elements, sometimes none.</summary>
    public static Gen<Shape> Shape { get; } = Gen.Int[0, 9].Array[0, 4].Select(sizes => MiniDeep.Shape.Create(sizes));

    /// <summary>A layout that suits a shape; operands may repeat elements, results may not.</summary>
    public static Layout Layout(Draw draw, Shape shape, bool broadcast)
    {
        int[] axes = [.. Enumerable.Range(0, shape.Rank).OrderBy(_ => draw.Integer(0, 1000))];
        return draw.Integer(0, broadcast ? 6 : 5) switch
        {
            0 => Conformance.Layout.Dense,
            1 => Conformance.Layout.Padded,
            2 => Conformance.Layout.Stepped,
            3 => Conformance.Layout.Reversed,
            4 => axes.Length == 0 ? Conformance.Layout.Spelled : Conformance.Layout.Permuted(axes),
            _ => Conformance.Layout.Broadcast(axes[..((axes.Length + 1) / 2)]),
        };
    }
}
