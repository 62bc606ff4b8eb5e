namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope) =>
        Activate(Convolve(Elements.Read(x), Elements.Read(w), geometry), bias, activation, y, slope);

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) =>
        Elements.Write(dx, InputGradient(Elements.Read(dz), Elements.Read(w), geometry), accumulate);

    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) =>
        Elements.Write(dw, WeightGradient(Elements.Read(x), Elements.Read(dz), geometry), accumulate);

    private static double[] Convolve(double[] x, double[] w, ConvGeometry g)
    {
        var z = new double[g.Batch * g.OutHeight * g.OutWidth * g.OutChannels];
        ForEachTap(g, (input, weight, output) => z[output] += x[input] * w[weight]);
        return z;
    }

    private static double[] InputGradient(double[] dz, double[] w, ConvGeometry g)
    {
        var dx = new double[g.Batch * g.InHeight * g.InWidth * g.InChannels];
        ForEachTap(g, (input, weight, output) => dx[input] += dz[output] * w[weight]);
        return dx;
    }

    private static double[] WeightGradient(double[] x, double[] dz, ConvGeometry g)
    {
        var dw = new double[g.KernelHeight * g.KernelWidth * (g.InChannels / g.Groups) * g.OutChannels];
        ForEachTap(g, (input, weight, output) => dw[weight] += x[input] * dz[output]);
        return dw;
    }

    /// <summary>Every product of a convolution: which input element meets which weight in which output element. What falls into the padding isn't there.</summary>
    private static void ForEachTap(ConvGeometry g, Action<int, int, int> visit)
    {
        int groupIn = g.InChannels / g.Groups, groupOut = g.OutChannels / g.Groups;
        for (int image = 0; image < g.Batch; image++)
            for (int outRow = 0; outRow < g.OutHeight; outRow++)
                for (int outColumn = 0; outColumn < g.OutWidth; outColumn++)
                    for (int kernelRow = 0; kernelRow < g.KernelHeight; kernelRow++)
                        for (int kernelColumn = 0; kernelColumn < g.KernelWidth; kernelColumn++)
                        {
                            int row = outRow * g.StrideHeight - g.PadTop + kernelRow * g.DilationHeight;
                            int column = outColumn * g.StrideWidth - g.PadLeft + kernelColumn * g.DilationWidth;
                            if (row < 0 || row >= g.InHeight || column < 0 || column >= g.InWidth) continue;
                            for (int outChannel = 0; outChannel < g.OutChannels; outChannel++)
                            {
                                int output = ((image * g.OutHeight + outRow) * g.OutWidth + outColumn) * g.OutChannels + outChannel;
                                for (int channel = 0; channel < groupIn; channel++)
                                {
                                    int inChannel = outChannel / groupOut * groupIn + channel;
                                    int input = ((image * g.InHeight + row) * g.InWidth + column) * g.InChannels + inChannel;
                                    int weight = ((kernelRow * g.KernelWidth + kernelColumn) * groupIn + channel) * g.OutChannels + outChannel;
                                    visit(input, weight, output);
                                }
                            }
                        }
    }
}
