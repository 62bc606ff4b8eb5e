namespace MiniDeep.GpuTests;

/// <summary>The plans of products: every element in one tile, every term in one part, and what fits the kernels.</summary>
public sealed class TilePlanTests
{
    private const int Never = int.MaxValue;

    private static readonly (int M, int N, int K, int Batch)[] s_sizes =
    [
        .. from m in (int[])[1, 9, 16, 17, 64, 100, 1000, 50_176]
           from n in (int[])[1, 10, 33, 64, 128, 3000]
           from k in (int[])[0, 1, 64, 511, 512, 1568, 50_176]
           from batch in (int[])[1, 3]
           select (m, n, k, batch),
    ];

    [Theory]
    [InlineData(1, false)]
    [InlineData(Never, false)]
    [InlineData(Never, true)]
    public void Tiles_cover_the_product_and_parts_the_sum(int largeTiles, bool whole)
    {
        foreach ((int m, int n, int k, int batch) in s_sizes)
        {
            TilePlan plan = TilePlan.Of(m, n, k, batch, largeTiles, whole);
            ProductTile shape = plan.Shape;
            Assert.Equal(plan.Groups, shape.TilesDown * shape.TilesAcross * batch * plan.Splits);
            Assert.InRange(m, ((shape.TilesDown - 1) << shape.RowBits) + 1, shape.TilesDown << shape.RowBits);
            Assert.InRange(n, ((shape.TilesAcross - 1) << shape.ColumnBits) + 1, shape.TilesAcross << shape.ColumnBits);
            Assert.True(!whole || plan.Splits == 1);
            // no part is empty, but for a sum of nothing
            Assert.InRange(k, plan.Splits == 1 ? 0 : ((plan.Splits - 1) * plan.SplitDepth) + 1, plan.Splits * plan.SplitDepth);
            if (plan.Large) continue;
            Assert.Equal(ProductTile.Threads * 16, 1 << (shape.RowBits + shape.ColumnBits + shape.SliceBits));
            Assert.True(shape.DepthBits - shape.SliceBits >= 2, "A thread takes four terms at a time.");
            // a thread carries four elements of each operand
            Assert.True(Math.Max(shape.RowBits, shape.ColumnBits) + shape.DepthBits <= 10);
        }
    }

    [Fact]
    public void Few_tiles_cut_long_sums_and_no_others()
    {
        Assert.True(TilePlan.Of(64, 128, 1568, 1, Never, false).Splits > 1);
        Assert.Equal(1, TilePlan.Of(64, 10, 128, 1, Never, false).Splits);
        Assert.Equal(1, TilePlan.Of(4096, 4096, 4096, 1, Never, false).Splits);
    }

    [Fact]
    public void Large_tiles_are_for_products_with_many_of_them()
    {
        Assert.True(TilePlan.Of(2048, 2048, 64, 1, TilePlan.Enough, false).Large);
        Assert.False(TilePlan.Of(512, 512, 64, 1, TilePlan.Enough, false).Large);
        Assert.False(TilePlan.Of(2048, 2048, 64, 1, Never, false).Large);
        Assert.False(TilePlan.Of(100_000, 32, 64, 1, TilePlan.Enough, false).Large);
    }

    [Theory]
    [InlineData(9, 1, 50_000, 32)]
    [InlineData(100_000, 2, 9, 16)]
    public void Parts_of_single_elements_cover_the_sum(int m, int n, int k, int batch)
    {
        TilePlan plan = TilePlan.OfElements(m, n, k, batch, false);
        Assert.InRange(k, ((plan.Splits - 1) * plan.SplitDepth) + 1, plan.Splits * plan.SplitDepth);
        Assert.Equal(k >= 512 && (long)m * n * batch < 10_000, plan.Splits > 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(28)]
    [InlineData(784)]
    [InlineData(65_537)]
    [InlineData(int.MaxValue)]
    public void A_divisor_divides(int value)
    {
        var divisor = new Divisor(value);
        foreach (int number in (int[])[0, 1, value - 1, value, 123_456_789, int.MaxValue - 1, int.MaxValue]) Assert.Equal(number / value, divisor.Quotient(number));
    }
}
