namespace MiniDeep.Tests.Kernels;

/// <summary>What the kernels must compute, written in the plainest way.</summary>
internal static class References
{
    public static (double Value, double Slope) Activation(FusedActivation f, double z)
    {
        double s = 1 / (1 + Math.Exp(-z));
        return f.Kind switch
        {
            UnaryKind.Relu => z > 0 || double.IsNaN(z) ? (z, z > 0 ? 1 : 0) : (0, 0),
            UnaryKind.LeakyRelu => z > 0 ? (z, 1) : (f.Alpha * z, f.Alpha),
            UnaryKind.Sigmoid => (s, s * (1 - s)),
            UnaryKind.Tanh => (Math.Tanh(z), 1 - Math.Tanh(z) * Math.Tanh(z)),
            UnaryKind.Swish => (z * s, s + z * s * (1 - s)),
            _ => (z, 1),
        };
    }

    /// <summary>Calls back with the flat positions of each (output, input, kernel element) of a convolution.</summary>
    public static void Convolve(ConvGeometry g, Action<int, int, int> visit)
    {
        int inGroup = g.InChannels / g.Groups, outGroup = g.OutChannels / g.Groups;
        for (int n = 0; n < g.Batch; n++)
            for (int oy = 0; oy < g.OutHeight; oy++)
                for (int ox = 0; ox < g.OutWidth; ox++)
                    for (int ky = 0; ky < g.KernelHeight; ky++)
                        for (int kx = 0; kx < g.KernelWidth; kx++)
                        {
                            int y = oy * g.StrideHeight - g.PadTop + ky * g.DilationHeight, x = ox * g.StrideWidth - g.PadLeft + kx * g.DilationWidth;
                            if (y < 0 || y >= g.InHeight || x < 0 || x >= g.InWidth) continue;
                            for (int co = 0; co < g.OutChannels; co++)
                                for (int ci = 0; ci < inGroup; ci++)
                                {
                                    visit(
                                        ((n * g.OutHeight + oy) * g.OutWidth + ox) * g.OutChannels + co,
                                        ((n * g.InHeight + y) * g.InWidth + x) * g.InChannels + co / outGroup * inGroup + ci,
                                        ((ky * g.KernelWidth + kx) * inGroup + ci) * g.OutChannels + co);
                                }
                        }
    }

    public static (double[] Y, byte[] Argmax, int[] Winner) MaxPool(PoolGeometry g, double[] x)
    {
        int count = g.Batch * g.OutHeight * g.OutWidth * g.Channels;
        double[] y = new double[count];
        byte[] argmax = new byte[count];
        int[] winner = new int[count];
        for (int q = 0; q < count; q++)
        {
            int c = q % g.Channels, ox = q / g.Channels % g.OutWidth, oy = q / g.Channels / g.OutWidth % g.OutHeight, n = q / g.Channels / g.OutWidth / g.OutHeight;
            bool started = false;
            for (int place = 0; place < g.WindowHeight * g.WindowWidth; place++)
            {
                int iy = oy * g.StrideHeight - g.PadTop + place / g.WindowWidth, ix = ox * g.StrideWidth - g.PadLeft + place % g.WindowWidth;
                if (iy < 0 || iy >= g.InHeight || ix < 0 || ix >= g.InWidth) continue;
                int at = ((n * g.InHeight + iy) * g.InWidth + ix) * g.Channels + c;
                if (started && (double.IsNaN(y[q]) || !(x[at] > y[q] || double.IsNaN(x[at])))) continue;
                (y[q], argmax[q], winner[q], started) = (x[at], (byte)place, at, true);
            }
        }
        return (y, argmax, winner);
    }
}
