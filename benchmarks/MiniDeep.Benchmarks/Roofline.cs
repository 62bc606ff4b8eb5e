using System.Diagnostics;
using MiniDeep.Data;

namespace MiniDeep.Benchmarks;

/// <summary>
/// Exercise 3's training step taken apart: the kernels in the step's order, on one thread, with trained weights and a real batch. An operation's floor is the larger of its nominal multiply-adds over the
/// peak and its bytes over the bandwidth of the cache that holds them, plus its exponentials over their rate.
/// </summary>
internal sealed class Roofline
{
    private const int Batch = Workloads.BatchSize, Rounds = 41;
    private readonly CpuBackend _cpu = CpuBackend.Instance;
    private readonly CnnKind _kind;
    private readonly Sequential _model;
    private readonly Dataset _digits;
    private readonly Machine _machine;
    private readonly List<Step> _steps = [];

    public Roofline(CnnKind kind, Sequential model, Dataset digits, Machine machine)
    {
        (_kind, _model, _digits, _machine) = (kind, model, digits, machine);
        Compute.Threads = 1;
        Plan();
    }

    /// <summary>The parts of the pooled outputs that a gradient goes through, known after <see cref="Measure"/>.</summary>
    public List<Fact> Facts { get; } = [];

    public IEnumerable<Operation> Measure()
    {
        foreach (Step step in _steps)
        {
            step.Run();
            step.Inspect?.Invoke();
        }
        List<double>[] times = [.. _steps.Select(static _ => new List<double>())];
        List<double> whole = [];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < _steps.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                _steps[i].Run();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
            if (round % 10 == 0) _machine.Sample();
        }
        _model.Fit(_digits, epochs: 1, batchSize: Batch, shuffle: false, verbosity: Verbosity.Silent, callbacks: [new StepClock(8, 12, (round, time) => whole.AddRange(round > 0 ? [time] : []))]);

        List<Operation> operations = [.. _steps.Select((step, i) => Account(step, Report.Median(times[i])))];
        double sum = operations.Sum(static o => o.Microseconds), floor = operations.Sum(static o => o.FloorMicroseconds), live = operations.Sum(static o => o.LiveFloorMicroseconds), fit = Report.Median(whole);
        double work = 2 * CnnKind.Step * Batch / _machine.PeakGigaFlops / 1000;
        operations.Add(new(_kind.Name, "sum of the operations", sum, floor, live, work / sum, ""));
        operations.Add(new(_kind.Name, "tape, dispatch, memory: the rest of Fit's step", fit - sum, 0, 0, 0, ""));
        operations.Add(new(_kind.Name, "step through Fit", fit, floor, live, work / fit, ""));
        return operations;
    }

    private Operation Account(Step step, double microseconds)
    {
        double arithmetic = 2 * step.MultiplyAdds / _machine.PeakGigaFlops / 1000, memory = step.Bytes / _machine.Bandwidth(step.Bytes), exponentials = step.Exponentials / _machine.ExpRate;
        string bound = (arithmetic > memory ? "multiply-adds" : "bytes") + (exponentials > 0.05 * Math.Max(arithmetic, memory) ? " + exponentials" : "");
        return new(
            _kind.Name, step.Name, microseconds, Math.Max(arithmetic, memory) + exponentials, Math.Max(arithmetic * step.LiveShare(), memory) + exponentials, arithmetic / microseconds, bound);
    }

    private void Add(string name, Action run, double multiplyAdds, double bytes, double exponentials = 0, Action? inspect = null, Func<double>? live = null) =>
        _steps.Add(new(name, run, multiplyAdds, bytes, exponentials, inspect, live ?? (static () => 1)));

    private void Plan()
    {
        FusedActivation activation = _kind.Activation.Fused!.Value;
        bool swish = activation.Kind == UnaryKind.Swish;
        Tensor[] weights = [.. _model.Parameters], gradients = [.. weights.Select(Like)];
        (Tensor x, Tensor labels) = _digits.Read(null, 0, Batch, DType.Float32);
        StepMemory memory = new StepMemories(new KeptTensors()).Take(Device.Cpu);
        Add("batch: gather, to float, scale", () =>
        {
            using (memory.BeginStep().Enter()) _digits.Read(null, 0, Batch, DType.Float32);
            memory.EndStep(completed: true);
        }, 0, Batch * 784 * 5);

        Block first = new(this, "convolution 1->16 block", x, weights[0], weights[1], gradients[0], gradients[1], activation, 28);
        Block second = new(this, "convolution 16->32 block", first.Y, weights[2], weights[3], gradients[2], gradients[3], activation, 14);
        Tensor flat = second.Y.Reshape(Batch, 1568);
        Product hidden = new(this, "dense 1568->128", flat, weights[4], weights[5], gradients[4], gradients[5], activation);
        Product output = new(this, "dense 128->10", hidden.Y, weights[6], weights[7], gradients[6], gradients[7], FusedActivation.None);
        Tensor loss = Tensor.Zeros([1]), dlogits = Like(output.Y), dhidden = Like(hidden.Y), dflat = Like(flat), dfirst = Like(first.Y);
        Add("softmax and cross-entropy", () => _cpu.CrossEntropy(CrossEntropyKind.SparseSoftmax, output.Y.View, labels.View, 1.0 / Batch, loss.View, dlogits.View), 0, 2 * Bytes(dlogits), dlogits.Count);
        output.Gradient(dlogits, dhidden);
        hidden.Gradient(dhidden, dflat, () => Alive("the second", second, dflat));
        second.Gradient(dflat.Reshape(Batch, 7, 7, 32), dfirst, () => Alive("the first", first, dfirst));
        first.Gradient(dfirst, null);

        // a rate of zero leaves the trained weights as they are; the work is the same
        UpdateRule rule = new() { Kind = UpdateKind.Adam, LearningRate = new Cell(0), Step = new Cell(1000), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
        UpdateTarget[] targets = [.. weights.Select((w, i) => new UpdateTarget(w.View, gradients[i].View, Like(w).View, Like(w).View))];
        Add("Adam", () => _cpu.Update(rule, targets), 0, 7 * weights.Sum(Bytes));

        void Alive(string which, Block block, Tensor dy)
        {
            float[] dys = dy.ToArray<float>(), saved = block.Saved.ToArray<float>();
            bool relu = activation.Kind == UnaryKind.Relu, sloped = swish;
            int alive = dys.Where((value, i) => value != 0 && (relu ? saved[i] > 0 : !sloped || saved[i] != 0)).Count();
            block.Live = (double)alive / dys.Length;
            Facts.Add(new($"live units behind {which} pool, {_kind.Name}, trained", 100 * block.Live, "%"));
        }
    }

    private static Tensor Like(Tensor tensor) => Tensor.Zeros(tensor.Shape, tensor.DType);

    private static double Bytes(Tensor tensor) => 4.0 * tensor.Count;

    private sealed record Step(string Name, Action Run, double MultiplyAdds, double Bytes, double Exponentials, Action? Inspect, Func<double> LiveShare);

    /// <summary>Convolution, bias, activation and 2x2 pool. Swish is not monotone: it counts two exponentials a window, for the largest and the smallest of its four values.</summary>
    private sealed class Block
    {
        private readonly Roofline _owner;
        private readonly string _name;
        private readonly Tensor _x, _w, _dw, _dbias, _argmax;
        private readonly ConvGeometry _conv;
        private readonly PoolGeometry _pool;
        private readonly FusedActivation _activation;
        private readonly double _work;

        public Block(Roofline owner, string name, Tensor x, Tensor w, Tensor bias, Tensor dw, Tensor dbias, FusedActivation activation, int size)
        {
            (_owner, _name, _x, _w, _dw, _dbias, _activation) = (owner, name, x, w, dw, dbias, activation);
            _conv = new ConvSettings(1, 1, Padding.Same).Geometry(x, w);
            int channels = _conv.OutChannels;
            _pool = new PoolSettings(2, 2, 2, 2, Padding.Valid).Geometry([Batch, size, size, channels], "MaxPool2D");
            Y = Tensor.Zeros([Batch, size / 2, size / 2, channels]);
            _argmax = Tensor.Zeros(Y.Shape, DType.UInt8);
            Saved = activation.GradientFromOutput ? Y : Like(Y);
            TensorView slope = activation.GradientFromOutput ? default : Saved.View;
            _work = (double)Batch * size * size * 9 * _conv.InChannels * channels;
            double exponentials = activation.Kind == UnaryKind.Swish ? Batch * size * size * channels / 2 : 0;
            owner.Add(name, () => owner._cpu.ConvPool(x.View, w.View, bias.View, _conv, activation, _pool, Y.View, _argmax.View, slope), _work, Bytes(x) + Bytes(w) + (1.25 * Bytes(Y)), exponentials);
        }

        public Tensor Y { get; }

        /// <summary>The part of the pool's windows that a gradient goes through.</summary>
        public double Live { get; set; }

        /// <summary>What the gradient is computed from: the output or the activation's slope.</summary>
        public Tensor Saved { get; }

        public void Gradient(Tensor dy, Tensor? dx, Action? inspect = null) => _owner.Add(
            $"{_name}, gradients",
            () => _owner._cpu.ConvPoolGrad(
                _x.View, _w.View, _conv, _activation, _pool, Saved.View, _argmax.View, dy.View, dx?.View ?? default, false, _dw.View, false, _dbias.View, false),
            dx is null ? _work : 2 * _work, Bytes(_x) + (2.25 * Bytes(Y)) + (dx is null ? 0 : Bytes(dx)), inspect: inspect, live: () => Live / (_pool.WindowHeight * _pool.WindowWidth));
    }

    /// <summary>A dense layer.</summary>
    private sealed class Product
    {
        private readonly Roofline _owner;
        private readonly string _name;
        private readonly Tensor _x, _w, _dw, _dbias, _saved;
        private readonly FusedActivation _activation;
        private readonly double _work;

        public Product(Roofline owner, string name, Tensor x, Tensor w, Tensor bias, Tensor dw, Tensor dbias, FusedActivation activation)
        {
            (_owner, _name, _x, _w, _dw, _dbias, _activation) = (owner, name, x, w, dw, dbias, activation);
            Y = Tensor.Zeros([Batch, w.Shape[1]]);
            _saved = activation.GradientFromOutput ? Y : Like(Y);
            TensorView slope = activation.GradientFromOutput ? default : _saved.View;
            _work = (double)Batch * w.Count;
            owner.Add(name, () => owner._cpu.Linear(x.View, w.View, bias.View, activation, Y.View, slope), _work, Bytes(x) + Bytes(w) + Bytes(Y), activation.Kind == UnaryKind.Swish ? Y.Count : 0);
        }

        public Tensor Y { get; }

        public void Gradient(Tensor dy, Tensor dx, Action? inspect = null) => _owner.Add(
            $"{_name}, gradients",
            () => _owner._cpu.LinearGrad(_x.View, _w.View, _saved.View, _activation, dy.View, dx.View, false, _dw.View, false, _dbias.View, false),
            2 * _work, (2 * Bytes(_x)) + (2 * Bytes(_w)) + (2 * Bytes(Y)), inspect: inspect);
    }
}
