namespace MiniDeep.Tests.Tensors;

/// <summary>Positions, ranges, shapes: what they give, and what they refuse.</summary>
public class IndexingTests
{
    private static readonly Tensor s_x = Tensor.Range(24, DType.Int32).Reshape(2, 3, 4);

    public static TheoryData<string, int[], int[]> Parts => new()
    {
        { "0", [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
        { "-1, -1, -1", [], [23] },
        { "^1, 0", [4], [12, 13, 14, 15] },
        { ".., 1", [2, 4], [4, 5, 6, 7, 16, 17, 18, 19] },
        { ".., .., 2", [2, 3], [2, 6, 10, 14, 18, 22] },
        { "1, 1..", [2, 4], [16, 17, 18, 19, 20, 21, 22, 23] },
        { "1.., ..^1, 1..3", [1, 2, 2], [13, 14, 17, 18] },
        { "0, ^2, ^2..", [2], [6, 7] },
        { "0..0", [0, 3, 4], [] },
        { "2..", [0, 3, 4], [] },
        { "1, -2, 0", [], [16] },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_is_taken(string indices, int[] shape, int[] values)
    {
        Tensor part = s_x[Parse(indices)];
        Assert.Equal(Shape.Create(shape), part.Shape);
        Assert.Equal(values, part.ToArray<int>());
    }

    [Theory]
    [InlineData("2", "Slice: 2 is outside axis 0 of shape [2, 3, 4], which has 2 positions.")]
    [InlineData("-3", "Slice: ^3 is outside axis 0 of shape [2, 3, 4], which has 2 positions.")]
    [InlineData("0, ^4", "Slice: ^4 is outside axis 1 of shape [2, 3, 4], which has 3 positions.")]
    [InlineData("0, 0, 2..5", "Slice: 2..5 is outside axis 2 of shape [2, 3, 4], which has 4 positions.")]
    [InlineData("0, 2..1", "Slice: 2..1 is outside axis 1 of shape [2, 3, 4], which has 3 positions.")]
    [InlineData("0, ^0", "Slice: ^0 is outside axis 1 of shape [2, 3, 4], which has 3 positions.")]
    [InlineData("0, 0, 0, 0", "Slice: 4 indices for a tensor of shape [2, 3, 4].")]
    public void A_part_outside_is_an_error(string indices, string message) =>
        Assert.Equal(message, Assert.Throws<ShapeException>(() => s_x[Parse(indices)]).Message);

    [Fact]
    public void A_part_is_a_view()
    {
        Tensor x = Tensor.Zeros([2, 3], DType.Int32);
        x[1, 1..].CopyFrom<int>([7, 8]);
        Assert.Equal([0, 0, 0, 0, 7, 8], x.ToArray<int>());
    }

    [Fact]
    public void Reshape_keeps_the_order()
    {
        Assert.Equal(Shape.Create([4, 6]), s_x.Reshape(4, -1).Shape);
        Assert.Same(s_x, s_x.Reshape(2, 3, 4));
        Assert.Equal([0, 12, 1, 13], s_x.Reshape(2, 12).Transpose().Reshape(-1)[..4].ToArray<int>());
        Assert.Equal(Shape.Create([0, 5]), Tensor.Zeros([5, 0]).Reshape(0, 5).Shape);
        Assert.Equal(Shape.Create([0, 3]), Tensor.Zeros([0]).Reshape(-1, 3).Shape);
    }

    [Theory]
    [InlineData(new[] { 5, -1 }, "Reshape: a tensor of shape [2, 3, 4] (24 elements) doesn't fit the shape [5, -1].")]
    [InlineData(new[] { 5 }, "Reshape: a tensor of shape [2, 3, 4] (24 elements) doesn't fit the shape [5].")]
    [InlineData(new[] { -1, -1 }, "Reshape: [-1, -1] has more than one -1 or another negative size.")]
    [InlineData(new[] { -2, 12 }, "Reshape: [-2, 12] has more than one -1 or another negative size.")]
    [InlineData(new[] { 0, -1 }, "Reshape: a tensor of shape [2, 3, 4] (24 elements) doesn't fit the shape [0, -1].")]
    [InlineData(new int[0], "Reshape: a tensor of shape [2, 3, 4] (24 elements) doesn't fit the shape [].")]
    public void A_shape_that_does_not_fit_is_an_error(int[] sizes, string message) =>
        Assert.Equal(message, Assert.Throws<ShapeException>(() => s_x.Reshape(sizes)).Message);

    [Fact]
    public void Transpose_moves_axes()
    {
        Assert.Equal(Shape.Create([4, 3, 2]), s_x.Transpose().Shape);
        Assert.Equal(Shape.Create([3, 2, 4]), s_x.Transpose(1, 0, -1).Shape);
        Assert.Equal(23, s_x.Transpose(2, 0, 1)[3, 1, 2].Item());
        Assert.Equal("Transpose: the order [0, 1] doesn't name every axis of shape [2, 3, 4] once.", Assert.Throws<ShapeException>(() => s_x.Transpose(0, 1)).Message);
        Assert.Equal("Transpose: axis -1 of shape [2, 3, 4] is named twice.", Assert.Throws<ShapeException>(() => s_x.Transpose(0, 2, -1)).Message);
        Assert.Equal("Transpose: there is no axis 3 in shape [2, 3, 4].", Assert.Throws<ShapeException>(() => s_x.Transpose(0, 1, 3)).Message);
    }

    [Fact]
    public void BroadcastTo_stretches()
    {
        Assert.Equal([1, 1, 1, 2, 2, 2], Tensor.From([1, 2], [2, 1]).BroadcastTo([2, 3]).ToArray<int>());
        Assert.Equal("BroadcastTo: shape [2, 3, 4] doesn't stretch to [1, 4].", Assert.Throws<ShapeException>(() => s_x.BroadcastTo([1, 4])).Message);
        Assert.StartsWith("BroadcastTo: shapes [2, 3, 4] and [5, 4] don't fit together", Assert.Throws<ShapeException>(() => s_x.BroadcastTo([5, 4])).Message);
    }

    [Fact]
    public void Contiguous_copies_only_where_it_must()
    {
        Assert.Same(s_x, s_x.Contiguous());
        Tensor transposed = s_x.Transpose();
        Assert.True(transposed.Contiguous().IsContiguous);
        Assert.Equal(transposed.ToArray<int>(), transposed.Contiguous().ToArray<int>());
        Tensor copy = s_x.Clone();
        copy.Fill(0);
        Assert.Equal(23, s_x[-1, -1, -1].Item());
    }

    [Fact]
    public void Gather_picks_by_number()
    {
        Tensor x = Tensor.From(new[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });
        Assert.Equal([5, 6, 1, 2, 5, 6], x.Gather(Tensor.From([2, 0, 2])).ToArray<int>());
        Assert.Equal([2, 4, 6], x.Gather(Tensor.Scalar(1, DType.Int64), axis: -1).ToArray<int>());
        Assert.Equal(Shape.Create([3, 2, 2]), x.Gather(Tensor.From(new long[2, 2]), axis: 1).Shape);
        Assert.Equal(Shape.Create([0, 2]), x.Gather(Tensor.Zeros([0], DType.Int32)).Shape);
        Assert.Equal("Gather: indices are Int32 or Int64, not Float32.", Assert.Throws<DTypeException>(() => x.Gather(Tensor.Zeros([1]))).Message);
        Assert.Contains("(axis 0 of shape [3, 2])", Assert.Throws<ShapeException>(() => x.Gather(Tensor.From([3]))).Message);
        Assert.Throws<ShapeException>(() => x.Gather(Tensor.From([-1])));
        Assert.Equal("Gather: there is no axis 2 in shape [3, 2].", Assert.Throws<ShapeException>(() => x.Gather(Tensor.From([0]), axis: 2)).Message);
    }

    [Fact]
    public void OneHot_rows()
    {
        Tensor rows = Tensor.From([2, 0]).OneHot(3);
        Assert.Equal(new float[,] { { 0, 0, 1 }, { 1, 0, 0 } }, rows.ToArray2D<float>());
        Assert.Equal(Shape.Create([2, 1, 4]), Tensor.From(new long[,] { { 3 }, { 1 } }).OneHot(4, DType.Float64).Shape);
        Assert.EndsWith("With 3 classes, labels go from 0 to 2.", Assert.Throws<LabelException>(() => Tensor.From([3]).OneHot(3)).Message);
        Assert.Throws<LabelException>(() => Tensor.From([-1]).OneHot(3));
        Assert.Equal("OneHot takes Int32 or Int64 labels, not Float32.", Assert.Throws<DTypeException>(() => Tensor.Zeros([1]).OneHot(3)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.From([0]).OneHot(0));
    }

    private static TensorIndex[] Parse(string indices) => [.. indices.Split(", ").Select(static text =>
    {
        if (!text.Contains("..", StringComparison.Ordinal)) return text[0] == '^' ? (TensorIndex)End(text) : int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        string[] ends = text.Split("..");
        return new Range(ends[0].Length == 0 ? Index.Start : End(ends[0]), ends[1].Length == 0 ? Index.End : End(ends[1]));
    })];

    private static Index End(string text) => new(int.Parse(text.TrimStart('^'), System.Globalization.CultureInfo.InvariantCulture), text[0] == '^');
}
