using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of dropout. An element is kept where its half of a random word is at least the threshold.</summary>
internal struct DropoutArgs<T>
    where T : unmanaged
{
    public ArrayView<T> X, Y;
    public int Count, Accumulate;
    public T Scale;
    public uint Threshold;
    public ulong Key, Stream;
}

/// <summary>Scales what is kept; a thread takes the eight elements of a block of random words.</summary>
internal readonly struct DropoutKernel<T> : IKernel<DropoutArgs<T>>
    where T : unmanaged, INumber<T>
{
    public static void Run(DropoutArgs<T> args)
    {
        int blocks = (args.Count / 8) + (args.Count % 8 > 0 ? 1 : 0);
        for (int block = Work.First; block < blocks; block += Work.Step)
        {
            DeviceRandom words = DeviceRandom.Philox(args.Key, args.Stream, block);
            ApplyHalves(args, 8 * block, words.X0);
            ApplyHalves(args, (8 * block) + 2, words.X1);
            ApplyHalves(args, (8 * block) + 4, words.X2);
            ApplyHalves(args, (8 * block) + 6, words.X3);
        }
    }

    /// <summary>Two elements, the first from the word's lower half.</summary>
    private static void ApplyHalves(DropoutArgs<T> args, int i, uint word)
    {
        Apply(args, i, word & 0xFFFF);
        Apply(args, i + 1, word >> 16);
    }

    private static void Apply(DropoutArgs<T> args, int i, uint half)
    {
        if (i >= args.Count) return;
        T y = half >= args.Threshold ? args.X[i] * args.Scale : T.Zero;
        args.Y[i] = args.Accumulate != 0 ? args.Y[i] + y : y;
    }
}

/// <summary>Four random words.</summary>
internal struct DeviceRandom
{
    public uint X0, X1, X2, X3;

    /// <summary>Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011), the words that <see cref="MiniDeep.Philox"/> gives on the host.</summary>
    public static DeviceRandom Philox(ulong key, ulong stream, int block)
    {
        uint x0 = (uint)block, x1 = 0, x2 = (uint)stream, x3 = (uint)(stream >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * x0, p1 = 0xCD9E8D57UL * x2;
            x0 = (uint)(p1 >> 32) ^ x1 ^ k0;
            x2 = (uint)(p0 >> 32) ^ x3 ^ k1;
            x1 = (uint)p1;
            x3 = (uint)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        var words = default(DeviceRandom);
        words.X0 = x0;
        words.X1 = x1;
        words.X2 = x2;
        words.X3 = x3;
        return words;
    }
}
