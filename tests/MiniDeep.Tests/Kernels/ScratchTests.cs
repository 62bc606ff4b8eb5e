namespace MiniDeep.Tests.Kernels;

public sealed unsafe class ScratchTests
{
    [Fact]
    public void A_large_block_goes_back_once_it_is_hardly_used()
    {
        nint before = 0, large = 0, later = 0, used = 0;
        var thread = new Thread(() =>
        {
            Use(1000, 1);
            before = Scratch.Held;
            Use(8 << 20, 1);
            large = Scratch.Held;
            Use(4 << 20, 3000);
            used = Scratch.Held;
            Use(1000, 3000);
            later = Scratch.Held;
        });
        thread.Start();
        thread.Join();
        Assert.InRange(before, 1, 1 << 20);
        Assert.InRange(large, 8 << 20, 32 << 20);
        Assert.Equal(large, used);
        Assert.InRange(later, 1, 1 << 20);
    }

    [Fact]
    public void What_was_taken_stays_where_it_is_until_its_frame_ends()
    {
        using Scratch outer = Scratch.Open();
        int* kept = outer.Take<int>(1000);
        for (int i = 0; i < 1000; i++) kept[i] = i;
        for (int round = 0; round < 3000; round++)
        {
            using Scratch inner = Scratch.Open();
            inner.Take<byte>(round % 1000 == 0 ? 6 << 20 : 64)[0] = 1;
        }
        for (int i = 0; i < 1000; i++) Assert.Equal(i, kept[i]);
    }

    private static void Use(int bytes, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Scratch frame = Scratch.Open();
            frame.Take<byte>(bytes)[0] = 1;
        }
    }
}
