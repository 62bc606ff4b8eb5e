using System.Runtime.CompilerServices;

namespace MiniDeep.Tests.Engine;

/// <summary>Buffers that come back although nobody disposes of them.</summary>
[Collection(Alone.Name)]
public sealed class PoolTests
{
    private const int Large = 1 << 20;

    private readonly FaultyBackend _backend = new();
    private readonly Device _device;

    public PoolTests() => _device = new Device("pooled", _backend);

    private Pool Pool => _device.Pool;

    private static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RentAndForget(int count, int bytes = Large)
    {
        for (int i = 0; i < count; i++) _ = Pool.Rent(DType.UInt8, bytes);
    }

    [Fact]
    public void Every_size_has_a_class_that_holds_it_and_wastes_at_most_a_fifth()
    {
        long last = -1;
        for (int c = 0; c < SizeClass.Count; c++)
        {
            long bytes = SizeClass.Bytes(c);
            Assert.True(bytes > last);
            Assert.Equal(c, SizeClass.Of(bytes));
            if (c > 0) Assert.Equal(c, SizeClass.Of(SizeClass.Bytes(c - 1) + 1));
            last = bytes;
        }
        for (long bytes = 65; bytes < 1L << 40; bytes += 1 + (bytes / 7))
        {
            long given = SizeClass.Bytes(SizeClass.Of(bytes));
            Assert.InRange(given, bytes, bytes + (bytes / 4) + 1);
        }
    }

    [Fact]
    public void A_forgotten_buffer_is_used_again_after_a_collection()
    {
        RentAndForget(10);
        Assert.Equal(10, _backend.Allocations);
        Collect();

        // the first rent finds nothing free and looks for dead ones
        RentAndForget(10);

        Assert.Equal(10, _backend.Allocations);
        Assert.Equal(10L * Large, Pool.OutBytes);
    }

    [Fact]
    public void Without_any_collection_the_pool_asks_for_one_when_too_much_is_out()
    {
        long most = 0;
        for (int i = 0; i < 2_000; i++)
        {
            RentAndForget(1);
            most = Math.Max(most, Pool.OutBytes);
        }

        Assert.InRange(most, Large, 66L << 20);
        Assert.InRange(_backend.Allocations, 1, 66);
    }

    [Fact]
    public void What_is_alive_isnt_given_out_again_and_raises_the_limit()
    {
        List<Storage> alive = [];
        for (int i = 0; i < 200; i++) alive.Add(Pool.Rent(DType.UInt8, Large));
        long most = 0;
        for (int i = 0; i < 1_000; i++)
        {
            RentAndForget(1);
            most = Math.Max(most, Pool.OutBytes);
        }

        Assert.Equal(200, alive.Select(static s => s.Block).Distinct().Count());
        Assert.InRange(most, 200L << 20, (2 * 200L + 65) << 20);
        GC.KeepAlive(alive);
    }

    [Fact]
    public void A_request_takes_a_free_block_up_to_three_classes_larger()
    {
        int sizeClass = SizeClass.Of(Large);
        for (int larger = 0; larger <= 4; larger++)
        {
            var backend = new FaultyBackend();
            Pool pool = new Device("one", backend).Pool;
            pool.Return(pool.Rent(DType.UInt8, (int)SizeClass.Bytes(sizeClass + larger)));
            pool.Rent(DType.UInt8, Large);
            Assert.Equal(larger <= 3 ? 1 : 2, backend.Allocations);
        }
    }

    [Fact]
    public void A_returned_buffer_is_free_at_once_and_its_handles_are_stale()
    {
        Storage storage = Pool.Rent(DType.Float32, Large);
        var handle = new Tensor(storage, 0, [Large], null);
        Pool.Return(storage);
        Assert.Equal(0, Pool.OutBytes);
        Pool.Return(storage);       // once more does nothing
        Assert.Equal(0, Pool.OutBytes);

        Storage next = Pool.Rent(DType.Float32, Large);

        Assert.Same(storage.Block, next.Block);
        Assert.NotSame(storage, next);
        Assert.Throws<StaleTensorException>(() => handle.Item());
    }

    [Fact]
    public void Small_buffers_are_left_to_the_collector()
    {
        Pool.Rent(DType.UInt8, 1_000);
        Pool.Return(Pool.Rent(DType.UInt8, 1_000));

        Assert.Equal(0, Pool.OutBytes);
        Assert.Equal(2, _backend.Allocations);
    }

    [Fact]
    public void Trimming_gives_free_blocks_back_and_keeps_those_in_use()
    {
        List<TestBlock> blocks = [];
        Pool pool = new Device("trimmed", new FaultyBackend
        {
            MakeBlock = bytes =>
            {
                blocks.Add(new TestBlock(bytes));
                return blocks[^1];
            },
        }).Pool;
        Storage used = pool.Rent(DType.UInt8, Large);
        for (int i = 0; i < 5; i++) pool.Return(pool.Rent(DType.UInt8, Large));

        pool.Trim();

        Assert.Equal([false, true], blocks.Select(static b => b.Freed));
        Assert.Equal(Large, pool.OutBytes);
        pool.Return(used);
        pool.Trim();
        Assert.All(blocks, static b => Assert.True(b.Freed));
        pool.Rent(DType.UInt8, Large);
        Assert.Equal(3, blocks.Count);
    }

    [Fact]
    public void Out_of_memory_is_tried_again_after_trimming()
    {
        Pool.Return(Pool.Rent(DType.UInt8, Large));
        _backend.OutOfMemory = true;

        Storage storage = Pool.Rent(DType.UInt8, 8 * Large);

        Assert.Equal(8 * Large, storage.Length);
        Assert.Equal(2, _backend.Allocations);
    }

    [Fact]
    public void Many_sizes_in_turn_stay_within_bounds()
    {
        long most = 0;
        for (int i = 0; i < 3_000; i++)
        {
            RentAndForget(1, 100_000 + (i * 7919 % 900_000));
            most = Math.Max(most, Pool.OutBytes);
        }

        Assert.InRange(most, 1, 66L << 20);
        Assert.InRange(_backend.Allocations, 1, 800);
    }

    [Fact]
    public void An_arena_uses_its_buffers_again_and_gives_them_back_at_its_end()
    {
        var arena = new StepArena(_device);
        for (int step = 0; step < 10; step++)
        {
            for (int i = 0; i < 5; i++) arena.Rent(DType.Float32, 100_000 + (step * i));
            arena.EndStep();
        }
        Assert.Equal(5, _backend.Allocations);
        Assert.Equal(Pool.OutBytes, arena.Bytes);

        arena.Release();

        Assert.Equal(0, Pool.OutBytes);
        Assert.Equal(0, arena.Bytes);
    }

    [Fact]
    public void A_buffer_returned_within_a_step_is_used_again_in_it_and_two_owners_never_meet()
    {
        var arena = new StepArena(_device);
        for (int step = 0; step < 20; step++)
        {
            var taken = new HashSet<Storage>();
            for (int i = 0; i < 40; i++)
            {
                Storage storage = arena.Rent(DType.Float32, 30_000 + (i * 5_003 % 60_000));
                Assert.True(taken.Add(storage));
                if (i % 3 != step % 3) continue;
                taken.Remove(storage);
                arena.Return(storage);
            }
            arena.EndStep();
        }
    }

    [Fact]
    public void A_kept_buffer_leaves_the_arena_for_good()
    {
        var arena = new StepArena(_device);
        Storage storage = arena.Rent(DType.Float32, Large);
        var kept = new Tensor(storage, 0, [Large], null);
        kept.Keep();
        long before = arena.Bytes;
        arena.EndStep();
        Assert.Equal(0, arena.Bytes);

        Storage other = arena.Rent(DType.Float32, Large);

        Assert.NotSame(storage.Block, other.Block);
        kept.Fill(1);
        Assert.Equal(before, arena.Bytes);
        arena.Release();
        Assert.Equal(1, kept[0].Item());
        Assert.Equal(storage.Block.Bytes, Pool.OutBytes);
    }

    private sealed class TestBlock(long bytes) : MemoryBlock(bytes)
    {
        public bool Freed { get; private set; }

        public override void Free() => Freed = true;
    }
}
