namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate)
    {
        double[] values = Elements.Read(x);
        for (int i = 0; i < values.Length; i++)
        {
            uint word = Philox(key, stream, (ulong)i / 8)[i / 2 % 4], half = i % 2 == 0 ? word % 65536 : word / 65536;
            values[i] = half >= rate * 65536 ? values[i] / (1 - rate) : 0;
        }
        Elements.Write(y, values, accumulate);
    }

    /// <summary>Philox4x32-10 (Salmon and others, SC 2011): the block of four words at the counter (stream, block), low words first.</summary>
    private static uint[] Philox(ulong key, ulong stream, ulong block)
    {
        uint[] x = [(uint)block, (uint)(block >> 32), (uint)stream, (uint)(stream >> 32)];
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * x[0], p1 = 0xCD9E8D57UL * x[2];
            x = [(uint)(p1 >> 32) ^ x[1] ^ k0, (uint)p1, (uint)(p0 >> 32) ^ x[3] ^ k1, (uint)p0];
            k0 = unchecked(k0 + 0x9E3779B9);
            k1 = unchecked(k1 + 0xBB67AE85);
        }
        return x;
    }
}
