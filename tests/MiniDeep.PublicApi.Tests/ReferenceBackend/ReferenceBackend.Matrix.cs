namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate)
    {
        int m = c.Shape[^2], n = c.Shape[^1], k = transposeA ? a.Shape[^2] : a.Shape[^1];
        int batch = 1;
        for (int axis = 0; axis < c.Shape.Rank - 2; axis++) batch *= c.Shape[axis];

        double[] left = Elements.Read(a), right = Elements.Read(b);
        var product = new double[c.Shape.ElementCount];
        for (int item = 0; item < batch; item++)
        {
            // An operand of rank 2 serves the whole batch.
            int startA = a.Shape.Rank == 2 ? 0 : item * m * k;
            int startB = b.Shape.Rank == 2 ? 0 : item * k * n;
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = 0;
                    for (int l = 0; l < k; l++)
                    {
                        double x = left[startA + (transposeA ? l * m + i : i * k + l)];
                        double y = right[startB + (transposeB ? j * k + l : l * n + j)];
                        sum += x * y;
                    }
                    product[(item * m + i) * n + j] = sum;
                }
            }
        }
        Elements.Write(c, product, accumulate);
    }

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        if (!Fuses) return false;
        int m = x.Shape[0], k = x.Shape[1], n = w.Shape[1];
        double[] rows = Elements.Read(x), columns = Elements.Read(w);
        var z = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int l = 0; l < k; l++) z[i * n + j] += rows[i * k + l] * columns[l * n + j];
            }
        }
        Activate(z, bias, activation, y, slope);
        return true;
    }

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        if (!Fuses) return false;
        ActivationGrad(activation, saved, dy, dy, dbias, accumulateBias);
        if (!dx.IsNone) MatMul(dy, false, w, true, dx, accumulateX);
        if (!dw.IsNone) MatMul(x, true, dy, false, dw, accumulateW);
        return true;
    }

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias)
    {
        double[] gradient = Elements.Read(dy), kept = Elements.Read(saved);
        for (int i = 0; i < gradient.Length; i++) gradient[i] *= Functions.SlopeFromSaved(activation, kept[i]);
        if (!dbias.IsNone)
        {
            var sums = new double[dbias.Shape.ElementCount];
            for (int i = 0; i < gradient.Length; i++) sums[i % sums.Length] += gradient[i];
            Elements.Write(dbias, sums, accumulateBias);
        }
        Elements.Write(dz, gradient);
    }

    /// <summary>y = f(z + bias) and slope = f'(z + bias), the bias running along the last axis.</summary>
    private static void Activate(double[] z, in TensorView bias, FusedActivation f, in TensorView y, in TensorView slope)
    {
        AddBias(z, bias);
        Elements.Write(y, [.. z.Select(value => Functions.Apply(f.Kind, f.Alpha, value))]);
        if (!slope.IsNone) Elements.Write(slope, [.. z.Select(value => Functions.Slope(f, value))]);
    }

    private static void AddBias(double[] z, in TensorView bias)
    {
        if (bias.IsNone) return;
        double[] shift = Elements.Read(bias);
        for (int i = 0; i < z.Length; i++) z[i] += shift[i % shift.Length];
    }
}
