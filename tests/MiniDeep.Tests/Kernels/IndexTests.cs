using System.Numerics;

namespace MiniDeep.Tests.Kernels;

/// <summary>Fetching rows and adding them back; dropout.</summary>
public sealed class IndexTests
{
    [Fact]
    public void Gather_fetches_rows_of_every_type()
    {
        Check<float>(DType.Float32);
        Check<double>(DType.Float64);
        Check<int>(DType.Int32);
        Check<long>(DType.Int64);
        Check<byte>(DType.UInt8);
        Check<byte>(DType.Bool);

        static void Check<T>(DType dtype)
            where T : unmanaged, INumber<T>
        {
            foreach ((int outer, int size, int count, int inner) in new[] { (1, 5, 7, 1), (1, 5, 3, 4), (3, 4, 6, 2), (2, 3, 5, 33), (0, 3, 2, 2), (2, 3, 0, 2), (2, 3, 2, 0) })
            {
                var x = new Elements<T>([outer, size, inner], i => T.CreateTruncating(i % 100), dtype: dtype);
                var y = new Elements<T>([outer, count, inner], _ => T.Zero, dtype: dtype);
                var indices = new Elements<int>([count], i => i * 3 % size);
                var wide = new Elements<long>([count], i => i * 3 % size);
                T[] values = x.Read();
                T[] expected = [.. Enumerable.Range(0, outer * count * inner).Select(i => values[(i / (count * inner) * size + i / inner % count * 3 % size) * inner + i % inner])];
                CpuBackend.Instance.Gather(x.View, indices.View, y.View);
                Assert.Equal(expected, y.Read());
                CpuBackend.Instance.Gather(x.View, wide.View, y.View);
                Assert.Equal(expected, y.Read());
            }
        }
    }

    [Fact]
    public void Scatter_adds_to_what_is_there()
    {
        foreach ((int outer, int size, int count, int inner) in new[] { (1, 5, 7, 1), (3, 4, 6, 2), (2, 3, 5, 33), (2, 3, 0, 2), (2, 3, 2, 0) })
        {
            var dy = new Elements<double>([outer, count, inner], TestNumbers.Of<double>(1));
            var dx = new Elements<double>([outer, size, inner], i => i);
            var indices = new Elements<long>([count], i => i * 3 % size);
            double[] expected = dx.Read(), from = dy.Read();
            for (int i = 0; i < from.Length; i++) expected[(i / (count * inner) * size + i / inner % count * 3 % size) * inner + i % inner] += from[i];
            CpuBackend.Instance.ScatterAdd(dy.View, indices.View, dx.View);
            Assert.Equal(expected, dx.Read());
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void An_index_outside_is_named_and_nothing_is_written(int bad)
    {
        var x = new Elements<float>([1, 5, 2], _ => 1);
        var y = new Elements<float>([1, 3, 2], _ => 7);
        var indices = new Elements<int>([3], i => i == 2 ? bad : i);
        IndexOutOfRangeException error = Assert.Throws<IndexOutOfRangeException>(() => CpuBackend.Instance.Gather(x.View, indices.View, y.View));
        Assert.Equal($"Index {bad} at position 2 is outside an axis of size 5.", error.Message);
        Assert.All(y.Read(), v => Assert.Equal(7, v));
        Assert.Throws<IndexOutOfRangeException>(() => CpuBackend.Instance.ScatterAdd(y.View, indices.View, x.View));
        Assert.All(x.Read(), v => Assert.Equal(1, v));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Dropout_keeps_where_the_half_of_a_word_is_large_enough(double rate)
    {
        Check<float>(rate, 1e-7);
        Check<double>(rate, 1e-15);

        static void Check<T>(double rate, double tolerance)
            where T : unmanaged, INumber<T>
        {
            const ulong Key = 0x123456789ABCDEF0, Stream = 77;
            foreach (int n in (int[])[.. Enumerable.Range(0, 40), 255, 256, 257, 40000])
            {
                var x = new Elements<T>([n], TestNumbers.Of<T>(1));
                double[] values = x.Doubles();
                double[] expected = [.. values.Select((v, i) => (Philox.Block(Key, Stream, (ulong)i / 8)[i / 2 % 4] >> (16 * (i % 2)) & 0xFFFF) >= rate * (1 << 16) ? v / (1 - rate) : 0)];
                var y = new Elements<T>([n], _ => T.One);
                CpuBackend.Instance.Dropout(x.View, rate, Key, Stream, y.View, true);
                TestNumbers.Close([.. expected.Select(v => v + 1)], y.Read(), 2 * tolerance, $"added, {n}");
                CpuBackend.Instance.Dropout(x.View, rate, Key, Stream, x.View, false);
                TestNumbers.Close(expected, x.Read(), tolerance, $"in place, {n}");
            }
        }
    }
}
