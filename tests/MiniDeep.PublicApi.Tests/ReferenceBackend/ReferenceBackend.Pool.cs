namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax)
    {
        double[] image = Elements.Read(x);
        (int[] winners, long[] places) = Winners(image, geometry);
        Elements.Write(y, [.. winners.Select(winner => image[winner])]);
        if (!argmax.IsNone) Elements.WriteIntegers(argmax, places);
    }

    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) =>
        Elements.Write(dx, Unpool(Elements.Read(dy), Elements.ReadIntegers(argmax), geometry), accumulate);

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope)
    {
        if (!Fuses) return false;
        double[] z = Convolve(Elements.Read(x), Elements.Read(w), conv);
        AddBias(z, bias);
        double[] activated = [.. z.Select(value => Functions.Apply(activation.Kind, activation.Alpha, value))];
        (int[] winners, long[] places) = Winners(activated, pool);
        Elements.Write(y, [.. winners.Select(winner => activated[winner])]);
        if (!argmax.IsNone) Elements.WriteIntegers(argmax, places);
        if (!slope.IsNone) Elements.Write(slope, [.. winners.Select(winner => Functions.Slope(activation, z[winner]))]);
        return true;
    }

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        if (!Fuses) return false;
        ActivationGrad(activation, saved, dy, dy, dbias, accumulateBias);
        double[] dz = Unpool(Elements.Read(dy), Elements.ReadIntegers(argmax), pool);
        if (!dx.IsNone) Elements.Write(dx, InputGradient(dz, Elements.Read(w), conv), accumulateX);
        if (!dw.IsNone) Elements.Write(dw, WeightGradient(Elements.Read(x), dz, conv), accumulateW);
        return true;
    }

    /// <summary>For each window its winner's position in the image, and its place in the window.</summary>
    private static (int[] Winners, long[] Places) Winners(double[] image, PoolGeometry g)
    {
        var winners = new int[g.Batch * g.OutHeight * g.OutWidth * g.Channels];
        var places = new long[winners.Length];
        Array.Fill(winners, -1);
        for (int output = 0; output < winners.Length; output++)
        {
            for (int place = 0; place < g.WindowHeight * g.WindowWidth; place++)
            {
                int input = Input(g, output, place);
                if (input < 0) continue;
                int best = winners[output];
                if (best < 0 || (!double.IsNaN(image[best]) && (double.IsNaN(image[input]) || image[input] > image[best])))
                {
                    winners[output] = input;
                    places[output] = place;
                }
            }
        }
        return (winners, places);
    }

    private static double[] Unpool(double[] gradient, long[] places, PoolGeometry g)
    {
        var sums = new double[g.Batch * g.InHeight * g.InWidth * g.Channels];
        for (int output = 0; output < gradient.Length; output++) sums[Input(g, output, (int)places[output])] += gradient[output];
        return sums;
    }

    /// <summary>The position in the image of a place in an output's window; -1 outside the image.</summary>
    public static int Input(PoolGeometry g, int output, int place)
    {
        int channel = output % g.Channels;
        int outColumn = output / g.Channels % g.OutWidth;
        int outRow = output / g.Channels / g.OutWidth % g.OutHeight;
        int item = output / g.Channels / g.OutWidth / g.OutHeight;
        int row = outRow * g.StrideHeight - g.PadTop + place / g.WindowWidth;
        int column = outColumn * g.StrideWidth - g.PadLeft + place % g.WindowWidth;
        bool outside = row < 0 || row >= g.InHeight || column < 0 || column >= g.InWidth;
        return outside ? -1 : ((item * g.InHeight + row) * g.InWidth + column) * g.Channels + channel;
    }
}
