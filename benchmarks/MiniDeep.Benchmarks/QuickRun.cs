using System.Globalization;
using MiniDeep.Data;

namespace MiniDeep.Benchmarks;

/// <summary>The comparison with the peers.</summary>
internal sealed class QuickRun(Arguments arguments, TextWriter progress) : IDisposable
{
    /// <summary>A round of MiniDeep takes about as long as one of the peer, so that what the system does to either weighs the same.</summary>
    private const int StepsInARound = 24, PeersStepsInARound = 8;
    private const string LoadFile = "/proc/loadavg";
    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-benchmarks-").FullName;
    private readonly Machine _machine = new();
    private readonly List<Row> _rows = [];
    private readonly List<Fact> _facts = [];
    private readonly List<Operation> _operations = [];
    private readonly Dictionary<string, Peer> _peers = [];
    private Dataset? _digits;
    private bool _warm;

    private Dataset Digits => _digits ??= Workloads.Digits();

    private Peer TorchSharp => Started("TorchSharp", () => Peer.TorchSharp(_folder));

    private Peer OnnxRuntime => Started("ONNX Runtime", () => Peer.OnnxRuntime(_folder));

    private Peer NumPy => Started("NumPy", Peer.NumPy);

    public Report Run()
    {
        string? before = File.Exists(LoadFile) ? File.ReadAllText(LoadFile) : null;
        WriteData();
        Networks();
        Exercises();
        Products();
        Convolutions();
        if (Wanted("start")) _facts.AddRange(Beside.ColdStart(_folder));
        if (Wanted("runtime")) _facts.AddRange(Beside.Runtime(Digits));
        if (Wanted("idle")) _facts.AddRange(Beside.Idle(Digits, _peers.Values));
        if (_rows.Count + _operations.Count + _facts.Count == 0) progress.WriteLine($"No row's name holds '{arguments.Filter}'.");
        string machine = $"{Compute.InstructionSet}, {Environment.ProcessorCount} cores, .NET {Environment.Version}; "
            + $"peak of one core {_machine.PeakGigaFlops:F1} GFLOP/s (float), which is {_machine.VectorsPerCycle:F2} {Isa.VectorBits}-bit multiply-adds a cycle at {_machine.GigaHertz:F2} GHz; "
            + $"copy bandwidth of memory {_machine.MemoryBandwidth / 1000:F1} GB/s.";
        return new(machine, [.. Load(before), .. _machine.Facts, .. _facts], _rows, _operations);
    }

    public void Dispose()
    {
        foreach (Peer peer in _peers.Values) peer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool Wanted(string work) => work.Contains(arguments.Filter, StringComparison.OrdinalIgnoreCase);

    private Peer Started(string name, Func<Peer> start)
    {
        if (!_peers.TryGetValue(name, out Peer? peer)) _peers.Add(name, peer = start());
        return peer;
    }

    private void Add(Comparison comparison)
    {
        _machine.Sample();
        foreach (Row row in comparison.Rows(_machine))
        {
            _rows.Add(row);
            progress.WriteLine($"{row.Work,-42} {row.Threads} {Report.Time(row.Microseconds),9}"
                + (row.GigaFlops > 0 ? $" {100 * row.Share,4:F0} %" : "       ") + (row.Ratio is { } ratio ? $" {ratio,7:F3} of {row.Peer}'s {Report.Time(row.PeerMicroseconds)}" : ""));
        }
    }

    /// <summary>How busy others keep the machine: a table from a busy one says little.</summary>
    private static IEnumerable<Fact> Load(string? before) =>
        before is null ? [] : [new("load of the machine in the minute before", double.Parse(before.Split(' ')[0], CultureInfo.InvariantCulture), "processes")];

    private void WriteData()
    {
        Workloads.Write(Digits, _folder);
        Workloads.Write(Workloads.Exercise1(), Path.Combine(_folder, "exercise1.f64"));
    }

    private void Networks()
    {
        foreach (CnnKind kind in CnnKind.All)
        {
            string fresh = $"CNN step {kind.Name}, fresh", trained = $"CNN step {kind.Name}, trained", roofline = $"CNN operations {kind.Name}";
            bool predicts = kind == CnnKind.All[0] && (Wanted("predict") || Wanted("callers"));
            if (!Wanted(fresh) && !Wanted(trained) && !Wanted(roofline) && !predicts) continue;
            Compute.Threads = Environment.ProcessorCount;
            if (!_warm) Workloads.TrainEpoch(Workloads.Cnn(kind));
            _warm = true;
            Sequential model = Workloads.Cnn(kind);
            if (Wanted(fresh)) Steps(fresh, kind, model, arguments.Threads[..1], rounds: 7);
            Compute.Threads = Environment.ProcessorCount;
            Workloads.TrainEpoch(model);
            if (Wanted(trained)) Steps(trained, kind, model, arguments.Threads, rounds: 11);
            if (Wanted(roofline))
            {
                var operations = new Roofline(kind, model, Digits, _machine);
                _operations.AddRange(operations.Measure());
                _facts.AddRange(operations.Facts);
            }
            if (predicts) Predictions(model);
        }
    }

    /// <summary>Training steps through Fit, from the same weights and on the same batches as the peer's. Where the model has trained before, so has its optimizer.</summary>
    private void Steps(string name, CnnKind kind, Sequential model, int[] threadCounts, int rounds)
    {
        foreach (int threads in threadCounts)
        {
            string weights = Path.Combine(_folder, $"{kind.Key}.f32");
            Workloads.Write(model, weights);
            TorchSharp.Threads(threads);
            TorchSharp.Time($"train-{kind.Key}", 1);    // warm
            TorchSharp.Load(weights);
            Agree($"the first loss of {name}", TorchSharp, [model.Evaluate(Digits.Take(Workloads.BatchSize)).Loss], TorchSharp.Value($"loss-{kind.Key}"));
            Comparison comparison = new Comparison(name, threads, CnnKind.Step * Workloads.BatchSize).With(TorchSharp, $"train-{kind.Key}", PeersStepsInARound);
            Compute.Threads = threads;
            var clock = new StepClock(StepsInARound, rounds + 1, (round, microseconds) => comparison.Round(microseconds, warmUp: round == 0), () => comparison.Overdue);
            model.Fit(Digits, epochs: 1, batchSize: Workloads.BatchSize, shuffle: false, verbosity: Verbosity.Silent, callbacks: [clock]);
            Add(comparison);
        }
    }

    private void Predictions(Sequential model)
    {
        string weights = Path.Combine(_folder, "relu.f32");
        Workloads.Write(model, weights);
        Tensor images = Digits.Take(1000).Features;
        if (Wanted("predict"))
        {
            foreach (Peer peer in new[] { OnnxRuntime, TorchSharp })
            {
                peer.Load(weights);
                peer.Threads(1);
                Agree("the first image's probabilities", peer, [.. model.Predict(images[..1]).ToArray<float>().Select(static p => (double)p)], peer.Value("predict"));
            }
            foreach (int threads in arguments.Threads)
            {
                foreach ((int count, int repeats) in new[] { (1, 500), (64, 20), (1000, 2) })
                {
                    Tensor x = images[..count].Contiguous();
                    Add(new Comparison($"predict {count}", threads, CnnKind.Forward * count)
                        .With(OnnxRuntime, $"predict-{count}", repeats)
                        .With(TorchSharp, $"predict-{count}", Math.Max(1, repeats / 5))
                        .Run(11, repeats, () => model.Predict(x)));
                }
            }
        }
        if (Wanted("callers")) _facts.AddRange(Beside.Callers(model, images[..64].Contiguous()));
    }

    private void Exercises()
    {
        foreach ((string name, Func<Exercise> make) in new (string, Func<Exercise>)[] { ("exercise1", Workloads.Exercise1), ("exercise2", Workloads.Exercise2) })
        {
            string fit = $"{name} step, Fit", loop = $"{name} step, own loop";
            if (Wanted(fit) || Wanted(loop)) Agree($"{name}'s loss after 100 steps", NumPy, [make().Fit(100).Loss[^1] / 100], NumPy.Value(name));
            Exercise exercise = make();
            if (Wanted(fit))
            {
                Comparison comparison = new Comparison(fit, 1).With(NumPy, name, 200);
                if (name == "exercise1") comparison.With(TorchSharp, name, 100);
                Add(comparison.RunBlocks(15, 1000, count => exercise.Fit(count)));
            }
            if (Wanted(loop)) Add(new Comparison(loop, 1).With(NumPy, name, 200).RunBlocks(15, 1000, exercise.Loop));
        }
    }

    private void Products()
    {
        using NoGradScope noGrad = Tensor.NoGrad();
        foreach (int threads in arguments.Threads)
        {
            foreach ((int size, int rounds, int repeats) in new[] { (512, 9, 8), (1024, 5, 1), (2048, 3, 1) })
            {
                string[] cases = threads == 1 ? ["NN", "NT", "TN", "TT"] : ["NN"];
                cases = [.. cases.Where(transposes => Wanted($"gemm {size} {transposes}"))];
                if (cases.Length == 0) continue;
                Tensor a = Random(size, size), b = Random(size, size);
                foreach (string transposes in cases)
                {
                    string name = $"gemm {size} {transposes}";
                    Tensor left = transposes[0] == 'T' ? a.Transpose() : a, right = transposes[1] == 'T' ? b.Transpose() : b;
                    Add(new Comparison(name, threads, (double)size * size * size).With(TorchSharp, $"gemm-{size}-{transposes}", repeats).Run(rounds, repeats, () => left.MatMul(right)));
                }
            }
        }
    }

    private void Convolutions()
    {
        foreach (int threads in arguments.Threads)
        {
            foreach ((int batch, int size, int input, int output, int repeats, int peers) in new[] { (64, 14, 16, 32, 20, 8), (8, 56, 64, 64, 4, 2) })
            {
                string name = $"{batch}x{size}x{size} {input}->{output}, 3x3", peer = $"{batch}x{size}x{size}-{input}-{output}";
                if (!Wanted($"conv {name}") && !Wanted($"conv gradients {name}")) continue;
                Tensor x = Random(batch, size, size, input), w = Random(3, 3, input, output), y = Random(batch, size, size, output), dx = Random(batch, size, size, input), dw = Random(3, 3, input, output);
                ConvGeometry geometry = new ConvSettings(1, 1, Padding.Same).Geometry(x, w);
                CpuBackend cpu = CpuBackend.Instance;
                double work = (double)batch * size * size * 9 * input * output;
                if (Wanted($"conv {name}"))
                {
                    Add(new Comparison($"conv {name}", threads, work).With(TorchSharp, $"conv-{peer}", peers)
                        .Run(9, repeats, () => cpu.Conv2D(x.View, w.View, default, geometry, FusedActivation.None, y.View, default)));
                }
                if (!Wanted($"conv gradients {name}")) continue;
                Add(new Comparison($"conv gradients {name}", threads, 2 * work).With(TorchSharp, $"convgrad-{peer}", peers).Run(9, repeats, () =>
                {
                    cpu.Conv2DInputGrad(y.View, w.View, geometry, dx.View, false);
                    cpu.Conv2DWeightGrad(x.View, y.View, geometry, dw.View, false);
                }));
            }
        }
    }

    private static Tensor Random(params int[] sizes)
    {
        var random = new Random(1);
        return Tensor.From([.. Enumerable.Range(0, sizes.Aggregate(1, static (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)], Shape.Create(sizes));
    }

    private static void Agree(string what, Peer peer, double[] mine, double[] theirs)
    {
        double worst = mine.Length == theirs.Length ? mine.Zip(theirs, static (a, b) => Math.Abs(a - b)).Max() : double.NaN;
        if (!(worst <= 1e-4)) throw new PeerException($"{peer.Name} computes something else: {what} is {string.Join(' ', theirs)}, MiniDeep's {string.Join(' ', mine)}.");
    }
}
