using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// y = f(x w + bias) over the last axis: x [.., k], w [k, n], bias [n] or none. With dz = dy f'(z): dx = dz w^T, dw = x^T dz, dbias = the rows' sum of dz.
/// </summary>
internal sealed class LinearOp : GradNode
{
    private readonly FusedActivation _activation;
    private GradNode? _bias;
    private Saved _x, _w, _y;
    private Storage? _slope;

    private LinearOp(Tensor x, Tensor w, Tensor? bias, FusedActivation activation, Tensor y, Storage? slope) : base(y, x.Node, w.Node, bias?.Node)
    {
        _activation = activation;
        _bias = bias?.Node;
        _x = new Saved(x);
        _w = new Saved(w);
        if (slope is null) _y = new Saved(y);
        _slope = slope;
    }

    public static Tensor Apply(Tensor x, Tensor w, Tensor? bias, FusedActivation activation)
    {
        Shape none = default;
        return Apply(x, w, bias, activation, ref none);
    }

    /// <param name="x">The input.</param>
    /// <param name="w">The weights.</param>
    /// <param name="bias">The bias, if any.</param>
    /// <param name="activation">f.</param>
    /// <param name="recent">The shape of the last result in the caller's hands, used again where the new one has the same.</param>
    public static Tensor Apply(Tensor x, Tensor w, Tensor? bias, FusedActivation activation, ref Shape recent)
    {
        Device device = Device.Common(x, w, "Linear");
        if (x.DType != w.DType) throw new DTypeException($"Linear: the input holds {x.DType} and the weights {w.DType}.");
        if (x.Rank == 0 || x.Shape[^1] != w.Shape[0]) throw new ShapeException($"Linear: an input of shape {x.Shape} doesn't fit weights of shape {w.Shape}.");
        x = x.Contiguous();
        Shape result = recent;
        if (!x.Shape.HasWithLast(w.Shape[1], result)) recent = result = x.Shape.WithLast(w.Shape[1]);
        Tensor y = Tensor.Empty(result, x.DType, device);
        bool records = GradMode.Records(x, w, bias);
        TensorView slope = records && !activation.GradientFromOutput ? MemoryScope.RentPrivate(device, y.DType, y.Shape) : default;
        TensorView rows = Rows(x.View), flat = Rows(y.View), flatSlope = slope.IsNone ? default : Rows(slope);
        if (!device.Backend.Linear(rows, w.View, bias?.View ?? default, activation, flat, flatSlope))
        {
            device.Backend.MatMul(rows, false, w.View, false, flat, accumulate: false);
            BiasAndActivation.Apply(device.Backend, bias?.View ?? default, activation, flat, flatSlope);
        }
        if (records) y.Node = new LinearOp(x, w, bias, activation, y, slope.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView x = Rows(_x.View(this)), w = _w.View(this), dz = Rows(dy);
        TensorView saved = Rows(_slope is null ? _y.View(this) : Private(_slope, Shape));
        TensorView dx = walk.TargetIfNeeded(_x.Node, out bool accumulateX);
        TensorView dw = walk.TargetIfNeeded(_w.Node, out bool accumulateW);
        TensorView dbias = walk.TargetIfNeeded(_bias, out bool accumulateBias);
        if (!dx.IsNone) dx = Rows(dx);

        // one buffer for two gradients: only the chain below has a fixed order
        bool shared = !dx.IsNone && !dw.IsNone && ReferenceEquals(dx.Storage, dw.Storage);
        if (!shared && Backend.LinearGrad(x, w, saved, _activation, dz, dx, accumulateX, dw, accumulateW, dbias, accumulateBias)) return;
        Backend.ActivationGrad(_activation, saved, dz, dz, dbias, accumulateBias);
        if (!dx.IsNone) Backend.MatMul(dz, false, w, true, dx, accumulateX);
        if (!dw.IsNone) Backend.MatMul(x, true, dz, false, dw, accumulateW);
    }

    protected override void Release()
    {
        Return(_slope);
        _bias = null;
        _x = _w = _y = default;
        _slope = null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TensorView Rows(in TensorView view) => view.Shape.Rank == 2 ? view : Flat(view);

    private static TensorView Flat(in TensorView view)
    {
        int last = view.Shape[^1];
        int rows = 1;
        foreach (int size in view.Shape.Sizes[..^1]) rows *= size;
        return view.Reshaped([rows, last]);
    }
}

/// <summary>What a fused operation does after its product, as separate steps.</summary>
internal static class BiasAndActivation
{
    /// <summary>z += bias; slope = f'(z) where asked for; z = f(z).</summary>
    public static void Apply(IBackend backend, in TensorView bias, FusedActivation activation, in TensorView z, in TensorView slope)
    {
        if (!bias.IsNone) backend.Binary(BinaryKind.Add, z, Broadcasting.To(bias, z.Shape), z, accumulate: false);
        if (!slope.IsNone)
        {
            backend.Fill(slope, 1);
            backend.UnaryGrad(activation.Kind, activation.Alpha, z, slope, slope, accumulate: false);
        }
        if (activation.Kind != UnaryKind.Identity) backend.Unary(activation.Kind, activation.Alpha, z, z, accumulate: false);
    }
}
