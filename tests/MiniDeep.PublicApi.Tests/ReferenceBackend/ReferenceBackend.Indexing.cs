namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Gather(in TensorView x, in TensorView indices, in TensorView y)
    {
        int n = x.Shape[1], inner = x.Shape[2];
        long[] chosen = CheckedIndices(indices, n);
        byte[][] source = Elements.ReadBytes(x);
        var result = new byte[y.Shape.ElementCount][];
        for (int i = 0; i < result.Length; i++)
        {
            int outer = i / inner / chosen.Length;
            long index = chosen[i / inner % chosen.Length];
            result[i] = source[(outer * n + index) * inner + i % inner];
        }
        Elements.WriteBytes(y, result);
    }

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx)
    {
        int n = dx.Shape[1], inner = dx.Shape[2];
        long[] chosen = CheckedIndices(indices, n);
        double[] gradient = Elements.Read(dy);
        var sums = new double[dx.Shape.ElementCount];
        for (int i = 0; i < gradient.Length; i++)
        {
            int outer = i / inner / chosen.Length;
            long index = chosen[i / inner % chosen.Length];
            sums[(outer * n + index) * inner + i % inner] += gradient[i];
        }
        Elements.Write(dx, sums, accumulate: true);
    }

    private static long[] CheckedIndices(in TensorView indices, int n)
    {
        long[] chosen = Elements.ReadIntegers(indices);
        foreach (long index in chosen)
        {
            if (index < 0 || index >= n) throw new IndexOutOfRangeException($"The index {index} is outside [0, {n}).");
        }
        return chosen;
    }
}
