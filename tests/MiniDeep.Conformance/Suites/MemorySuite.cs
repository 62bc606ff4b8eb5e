namespace MiniDeep.Conformance;

/// <summary>PoolThreshold, Allocate, Upload, Download and Synchronize.</summary>
public abstract class MemorySuite(BackendUnderTest backend) : Suite(backend)
{
    [SkippableFact]
    public void A_block_holds_what_was_asked_for() =>
        Each((long[])[0, 1, 3, 8, 64, 1000, 80 * 1024, 1_000_003], bytes =>
        {
            MemoryBlock block = Under.Device.Backend.Allocate(bytes);
            Assert.InRange(block.Bytes, bytes, long.MaxValue);
            block.Free();
        });

    [SkippableFact]
    public void Bytes_come_back_as_they_went() =>
        Each(from dtype in Enum.GetValues<DType>() from length in (int[])[0, 1, 7, 64, 1000, 100_003] select (dtype, length), row =>
        {
            IBackend backend = Under.Device.Backend;
            var storage = new Storage(Under.Device, backend.Allocate((long)row.length * row.dtype.Size()), row.dtype, row.length);
            var bytes = new byte[row.length * row.dtype.Size()];
            new Random(row.length).NextBytes(bytes);
            backend.Upload(bytes, storage, 0);
            backend.Synchronize();
            var back = new byte[bytes.Length];
            backend.Download(storage, 0, back);
            Assert.True(back.AsSpan().SequenceEqual(bytes));
        });

    [SkippableFact]
    public void A_part_is_written_and_read_in_its_place()
    {
        IBackend backend = Under.Device.Backend;
        var storage = new Storage(Under.Device, backend.Allocate(10), DType.UInt8, 10);
        backend.Upload([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], storage, 0);
        backend.Upload([77, 78], storage, 3);
        backend.Upload([], storage, 10);
        var all = new byte[10];
        var part = new byte[4];
        backend.Download(storage, 0, all);
        backend.Download(storage, 2, part);
        Assert.Equal([0, 1, 2, 77, 78, 5, 6, 7, 8, 9], all);
        Assert.Equal([2, 77, 78, 5], part);
    }

    [SkippableFact]
    public void Work_is_done_when_its_result_is_downloaded()
    {
        Operand y = new Draw(1).Result(DType.Float32, [200_003]);
        IBackend backend = Under.Device.Backend;
        TensorView view = y.Upload(Under.Device);
        for (int value = 0; value < 20; value++)
        {
            backend.Fill(view, value);
            Assert.All(y.Floats(y.Download(backend, view)), element => Assert.Equal(value, element));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Preparing_may_happen_at_any_time(DType dtype)
    {
        IBackend backend = Under.Device.Backend;
        Operand y = new Draw(1).Result(DType.Float32, [10]);
        TensorView view = y.Upload(Under.Device);
        backend.Fill(view, 1);
        backend.Prepare(dtype);
        backend.Prepare(dtype);
        Assert.All(y.Floats(y.Download(backend, view)), element => Assert.Equal(1, element));
    }

    [SkippableFact]
    public void Some_buffer_is_worth_pooling() => Assert.InRange(Under.Device.Backend.PoolThreshold, 0, 1 << 24);
}
