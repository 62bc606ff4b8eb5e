namespace MiniDeep.Tests.Random;

[Collection(nameof(MiniDeepRandom))]    // the global seed is one for the process
public class RandomStreamTests
{
    [Fact]
    public void SplitMix64_gives_the_published_answers()
    {
        // the first numbers of the reference generator seeded with 1234567: state n is seed + n gamma, the output is its mix
        ulong seed = 1234567;
        var answers = new ulong[3];
        for (ulong n = 0; n < 3; n++)
            answers[n] = SplitMix64.Absorb(seed + n * 0x9E3779B97F4A7C15, 0);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], answers);
    }

    [Fact]
    public void Every_part_of_the_name_makes_another_stream()
    {
        var keys = new HashSet<(ulong, ulong)>();
        int made = 0;
        foreach (long seed in (long[])[0, 1, -1, long.MinValue, 42])
            foreach (RandomPurpose purpose in Enum.GetValues<RandomPurpose>())
                foreach (RandomStream stream in (RandomStream[])[RandomStream.Of(seed, purpose), RandomStream.Of(seed, purpose, 1), RandomStream.Of(seed, purpose, 'a'),
                    RandomStream.Of(seed, purpose, ""), RandomStream.Of(seed, purpose, "a"), RandomStream.Of(seed, purpose, "b"), RandomStream.Of(seed, purpose, "ab"), RandomStream.Of(seed, purpose, "ba")])
                    foreach ((long epoch, long step) in ((long, long)[])[(0, 0), (0, 1), (1, 0), (1, 1), (uint.MaxValue, uint.MaxValue)])
                    {
                        RandomStream at = stream.At(epoch, step);
                        keys.Add((at.Key, at.Stream));
                        made++;
                    }
        Assert.Equal(made, keys.Count);
        Assert.Equal(made / 5, keys.Select(k => k.Item1).Distinct().Count());
    }

    [Fact]
    public void A_stream_never_changes_between_versions()
    {
        // resumed trainings depend on it; the key was computed by another program from the written definition
        RandomStream stream = RandomStream.Of(42, RandomPurpose.Dropout, "dense_1").At(3, 7);
        Assert.Equal((0xC8D3D67DBB9736E0UL, 0x0000000300000007UL), (stream.Key, stream.Stream));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(1L << 32, 0)]
    [InlineData(0, 1L << 32)]
    public void Epoch_and_step_outside_32_bits_are_refused(long epoch, long step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomStream.Of(0, RandomPurpose.Noise).At(epoch, step));

    [Fact]
    public void The_global_seed_starts_the_model_seeds_again()
    {
        MiniDeepRandom.Seed(7);
        long[] first = [MiniDeepRandom.NextModelSeed(), MiniDeepRandom.NextModelSeed(), MiniDeepRandom.NextModelSeed()];
        Assert.Equal(3, first.Distinct().Count());
        MiniDeepRandom.Seed(7);
        Assert.Equal(first, (long[])[MiniDeepRandom.NextModelSeed(), MiniDeepRandom.NextModelSeed(), MiniDeepRandom.NextModelSeed()]);
        MiniDeepRandom.Seed(8);
        Assert.DoesNotContain(MiniDeepRandom.NextModelSeed(), first);
    }

    [Fact]
    public void Model_seeds_drawn_by_many_threads_are_all_different()
    {
        MiniDeepRandom.Seed(1);
        var seeds = new long[8][];
        Thread[] threads = [.. seeds.Select((_, t) => new Thread(() => seeds[t] = [.. Enumerable.Range(0, 2000).Select(_ => MiniDeepRandom.NextModelSeed())]))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(16_000, seeds.SelectMany(s => s).Distinct().Count());
    }
}
