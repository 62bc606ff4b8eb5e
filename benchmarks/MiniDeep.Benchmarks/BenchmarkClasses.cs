using BenchmarkDotNet.Attributes;
using MiniDeep.Data;

namespace MiniDeep.Benchmarks;

/// <summary>64 steps of exercise 3's network through Fit.</summary>
public class TrainingBenchmarks
{
    private const int Steps = 64;
    private Sequential _model = null!;
    private Dataset _digits = null!;

    [Params("ReLU", "LeakyReLU", "Swish")]
    public string Activation { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Compute.Threads = Threads;
        _model = Workloads.Cnn(CnnKind.All.Single(kind => kind.Name == Activation));
        Workloads.TrainEpoch(_model);
        _digits = Workloads.Digits().Take(Steps * Workloads.BatchSize);
    }

    [Benchmark(OperationsPerInvoke = Steps)]
    public History Step() => _model.Fit(_digits, epochs: 1, batchSize: Workloads.BatchSize, shuffle: false, verbosity: Verbosity.Silent);
}

/// <summary>Predict on exercise 3's network.</summary>
public class PredictBenchmarks
{
    private Sequential _model = null!;
    private Tensor _images = null!;

    [Params(1, 64, 1000)]
    public int Images { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Compute.Threads = Threads;
        _model = Workloads.Cnn(CnnKind.All[0]);
        Workloads.TrainEpoch(_model);
        _images = Workloads.Digits().Take(Images).Features;
    }

    [Benchmark]
    public Tensor Predict() => _model.Predict(_images);
}

/// <summary>Square products, all transpose cases.</summary>
public class ProductBenchmarks
{
    private Tensor _a = null!, _b = null!;

    [Params(512, 1024, 2048)]
    public int Size { get; set; }

    [Params("NN", "NT", "TN", "TT")]
    public string Transposes { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        Compute.Threads = 1;
        _a = Tensor.Full([Size, Size], 0.5);
        _b = Tensor.Full([Size, Size], 0.25);
        if (Transposes[0] == 'T') _a = _a.Transpose();
        if (Transposes[1] == 'T') _b = _b.Transpose();
    }

    [Benchmark]
    public Tensor Product() => _a.MatMul(_b);
}

/// <summary>A convolution, 3x3, and both its gradients.</summary>
public class ConvolutionBenchmarks
{
    private readonly CpuBackend _cpu = CpuBackend.Instance;
    private Tensor _x = null!, _w = null!, _y = null!, _dx = null!, _dw = null!;
    private ConvGeometry _geometry;

    [Params("64x14x14x16x32", "8x56x56x64x64")]
    public string Sizes { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        Compute.Threads = 1;
        int[] sizes = [.. Sizes.Split('x').Select(int.Parse)];
        _x = Tensor.Full([sizes[0], sizes[1], sizes[2], sizes[3]], 0.5);
        _w = Tensor.Full([3, 3, sizes[3], sizes[4]], 0.25);
        _y = Tensor.Full([sizes[0], sizes[1], sizes[2], sizes[4]], 0.5);
        (_dx, _dw) = (_x.Clone(), _w.Clone());
        _geometry = new ConvSettings(1, 1, Padding.Same).Geometry(_x, _w);
    }

    [Benchmark]
    public void Forward() => _cpu.Conv2D(_x.View, _w.View, default, _geometry, FusedActivation.None, _y.View, default);

    [Benchmark]
    public void InputGradient() => _cpu.Conv2DInputGrad(_y.View, _w.View, _geometry, _dx.View, false);

    [Benchmark]
    public void WeightGradient() => _cpu.Conv2DWeightGrad(_x.View, _y.View, _geometry, _dw.View, false);
}

/// <summary>Elementwise functions, softmax and a reduction.</summary>
public class ElementwiseBenchmarks
{
    private Tensor _x = null!, _y = null!;

    [Params(1_000, 1_000_000)]
    public int Count { get; set; }

    [Params("Float32", "Float64")]
    public string DType { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        Compute.Threads = 1;
        DType dtype = Enum.Parse<DType>(DType);
        _x = (Tensor.Range(Count, dtype) / Count) - 0.5;
        _y = _x + 1;
    }

    [Benchmark]
    public Tensor Add() => _x + _y;

    [Benchmark]
    public Tensor ReLU() => _x.ReLU();

    [Benchmark]
    public Tensor Exp() => _x.Exp();

    [Benchmark]
    public Tensor Log() => _y.Log();

    [Benchmark]
    public Tensor Tanh() => _x.Tanh();

    [Benchmark]
    public Tensor Sigmoid() => _x.Sigmoid();

    [Benchmark]
    public Tensor Swish() => _x.Swish();

    [Benchmark]
    public Tensor Softmax() => _x.Reshape(Count / 10, 10).Softmax();

    [Benchmark]
    public Tensor Sum() => _x.Sum();
}

/// <summary>Exercise 1's step: 100 rows, 4-5-4-3, float64.</summary>
public class Exercise1Benchmarks
{
    private const int Steps = 1000;
    private readonly Exercise _exercise = Workloads.Exercise1();

    [Benchmark(OperationsPerInvoke = Steps)]
    public History Fit() => _exercise.Fit(Steps);

    [Benchmark(OperationsPerInvoke = Steps)]
    public void OwnLoop() => _exercise.Loop(Steps);
}
