namespace MiniDeep;

/// <summary>
/// MT19937 (Matsumoto, Nishimura, "Mersenne Twister", 1998, with the initialisation of 2002), and the integers and doubles that NumPy's
/// legacy generator makes of its words.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Size = 624, Middle = 397;
    private const uint UpperMask = 0x80000000, LowerMask = 0x7FFFFFFF, Twist = 0x9908B0DF;
    private const uint KeylessSeed = 19650218;

    private readonly uint[] _state = new uint[Size];
    private int _position;

    /// <summary>The reference code's init_genrand.</summary>
    public MersenneTwister(uint seed) => Initialize(seed);

    /// <summary>The reference code's init_by_array. <paramref name="key"/> has at least one word.</summary>
    public MersenneTwister(ReadOnlySpan<uint> key)
    {
        Initialize(KeylessSeed);
        int i = 1;
        for (int k = 0; k < Math.Max(Size, key.Length); k++)
        {
            int j = k % key.Length;
            _state[i] = (_state[i] ^ (Scrambled(i - 1) * 1664525)) + key[j] + (uint)j;
            i = Advance(i);
        }
        for (int k = 0; k < Size - 1; k++)
        {
            _state[i] = (_state[i] ^ (Scrambled(i - 1) * 1566083941)) - (uint)i;
            i = Advance(i);
        }
        _state[0] = UpperMask;
    }

    /// <summary>The next 32 bits.</summary>
    public uint NextUInt32()
    {
        if (_position == Size)
            Regenerate();
        uint y = _state[_position++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>The next double in [0, 1): 27 bits of one word, then 26 of another.</summary>
    public double NextDouble()
    {
        uint high = NextUInt32() >> 5, low = NextUInt32() >> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /// <summary>
    /// A number from 0 to <paramref name="max"/> inclusive by NumPy's masked rejection: one word a try if max fits in 32 bits, else two, the upper half
    /// first; max = 0 draws nothing.
    /// </summary>
    public ulong NextUpTo(ulong max)
    {
        if (max == 0)
            return 0;
        ulong mask = ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(max);
        ulong value;
        do
            value = (max <= uint.MaxValue ? NextUInt32() : ((ulong)NextUInt32() << 32) | NextUInt32()) & mask;
        while (value > max);
        return value;
    }

    private void Initialize(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Size; i++)
            _state[i] = Scrambled(i - 1) * 1812433253 + (uint)i;
        _position = Size;
    }

    private uint Scrambled(int i) => _state[i] ^ (_state[i] >> 30);

    private int Advance(int i)
    {
        if (i + 1 < Size)
            return i + 1;
        _state[0] = _state[Size - 1];
        return 1;
    }

    private void Regenerate()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & UpperMask) | (_state[(i + 1) % Size] & LowerMask);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * Twist);
        }
        _position = 0;
    }
}
