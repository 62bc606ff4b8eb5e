using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace MiniDeep.Peers;

/// <summary>Exercise 3's network, with weights and batches that MiniDeep has written.</summary>
internal sealed class Cnn
{
    private const int BatchSize = 64;
    private readonly TorchSharp.Modules.Conv2d _conv1 = Conv2d(1, 16, 3, padding: 1), _conv2 = Conv2d(16, 32, 3, padding: 1);
    private readonly TorchSharp.Modules.MaxPool2d _pool = MaxPool2d(2, 2);
    private readonly TorchSharp.Modules.Linear _hidden = Linear(32 * 7 * 7, 128), _output = Linear(128, 10);
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Tensor _images, _labels;
    private optim.Optimizer _adam = null!;
    private int _step;

    public Cnn(Func<Tensor, Tensor> activation, Tensor images, Tensor labels)
    {
        (_activation, _images, _labels) = (activation, images, labels);
        Restart();
    }

    private IEnumerable<TorchSharp.Modules.Parameter> Parameters => new Module[] { _conv1, _conv2, _hidden, _output }.SelectMany(m => m.parameters());

    /// <summary>All weights in MiniDeep's order and layout: kernels [height, width, in, out], matrices [in, out], images flattened with the channels last.</summary>
    public void Load(float[] values)
    {
        int at = 0;
        Tensor Next(params long[] shape)
        {
            int count = (int)shape.Aggregate(1L, (a, b) => a * b);
            Tensor part = tensor(values.AsSpan(at, count).ToArray(), shape);
            at += count;
            return part;
        }
        using (NewDisposeScope())
        using (no_grad())
        {
            _conv1.weight!.copy_(Next(3, 3, 1, 16).permute(3, 2, 0, 1));
            _conv1.bias!.copy_(Next(16));
            _conv2.weight!.copy_(Next(3, 3, 16, 32).permute(3, 2, 0, 1));
            _conv2.bias!.copy_(Next(32));
            _hidden.weight!.copy_(Next(7, 7, 32, 128).permute(3, 2, 0, 1).reshape(128, 1568));
            _hidden.bias!.copy_(Next(128));
            _output.weight!.copy_(Next(128, 10).t());
            _output.bias!.copy_(Next(10));
        }
        Restart();
    }

    public void TrainStep()
    {
        using DisposeScope scope = NewDisposeScope();
        _adam.zero_grad();
        Tensor loss = Loss(_step++ % ((int)_images.shape[0] / BatchSize));
        loss.backward();
        _adam.step();
        _ = loss.item<float>();
    }

    public double FirstLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return Loss(0).item<float>();
    }

    public double[] FirstProbabilities()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return [.. Forward(_images.narrow(0, 0, 1)).exp().data<float>().Select(p => (double)p)];
    }

    public void Predict(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Forward(_images.narrow(0, 0, count)).exp();
    }

    private void Restart() => (_adam, _step) = (optim.Adam(Parameters, lr: 1e-3), 0);

    private Tensor Loss(int batch) =>
        F.nll_loss(Forward(_images.narrow(0, batch * BatchSize, BatchSize)), _labels.narrow(0, batch * BatchSize, BatchSize));

    private Tensor Forward(Tensor x)
    {
        x = _pool.forward(_activation(_conv1.forward(x)));
        x = _pool.forward(_activation(_conv2.forward(x)));
        x = _activation(_hidden.forward(x.flatten(1)));
        return F.log_softmax(_output.forward(x), 1);
    }
}
