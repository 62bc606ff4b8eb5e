using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>The same seed gives the same bits, whatever the number of threads.</summary>
[Collection(Alone.Name)]
public sealed class DeterminismTests : IDisposable
{
    private readonly int _threads = Compute.Threads;

    public void Dispose() => Compute.Threads = _threads;

    public static TheoryData<string> Activations => ["relu", "leaky_relu", "swish", "tanh", "sigmoid", "dropout", "valid, strides, sum"];

    /// <summary>Exercise 3's network on a few random images.</summary>
    private static string Train(string variant)
    {
        Activation activation = variant switch
        {
            "leaky_relu" => Activation.LeakyReLU(0.01),
            "swish" => Activation.Swish,
            "tanh" => Activation.Tanh,
            "sigmoid" => Activation.Sigmoid,
            _ => Activation.ReLU,
        };
        bool valid = variant.StartsWith("valid", StringComparison.Ordinal);
        var model = new Sequential([28, 28, 1], seed: 42)
            .Conv2D(16, 3, valid ? Padding.Valid : Padding.Same, activation, strides: valid ? 2 : 1)
            .MaxPool2D(2)
            .Conv2D(32, 3, Padding.Same, activation)
            .MaxPool2D(2)
            .Flatten();
        if (variant == "dropout") model.Dropout(0.4);
        model.Dense(128, activation).Dense(10, Activation.Softmax);
        model.Compile(new Adam(1e-3), Loss.SparseCategoricalCrossentropy with { Reduction = valid ? Reduction.Sum : Reduction.Mean }, Metric.Accuracy);
        History history = model.Train(Images, 1, 64);
        return $"{model.Bits()} {history.Loss[0]:R}";
    }

    private static Dataset Images { get; } = new(
        Tensor.From(Nets.Points(196 * 150).Features.ToArray<float>(), [150, 28, 28, 1]),
        Tensor.From([.. Enumerable.Range(0, 150).Select(static i => i * 7 % 10)]));

    [Theory]
    [MemberData(nameof(Activations))]
    public void Any_number_of_threads_gives_the_same_bits(string variant)
    {
        Dictionary<int, string> bits = [];
        foreach (int threads in new[] { 1, 2, 3, 4, 8 })
        {
            Compute.Threads = threads;
            bits[threads] = Train(variant);
        }

        Assert.All(bits, b => Assert.Equal(bits[1], b.Value));
    }

    /// <summary>Five processes with other thread counts, compilers and collectors; each says what it ran on.</summary>
    [Fact]
    public void Processes_of_every_kind_end_with_the_same_bits()
    {
        string program = Repository.PathTo($"tests/programs/LongRuns/bin/{Repository.Configuration}/net10.0/LongRuns.dll");
        Assert.True(File.Exists(program), $"{program} is missing: build MiniDeep.sln first.");
        (int Threads, string Tiered, string Server)[] kinds = [(1, "1", "0"), (2, "0", "0"), (3, "1", "1"), (4, "0", "1"), (8, "1", "0")];

        string[] bits = [.. kinds.Select(kind =>
        {
            ChildProcess.Result run = ChildProcess.RunDotnet(
                Path.GetDirectoryName(program)!, TimeSpan.FromMinutes(2),
                new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = kind.Tiered, ["DOTNET_gcServer"] = kind.Server },
                program, "bits", $"{kind.Threads}");
            Assert.True(run.ExitCode == 0, run.Output);
            string[] words = run.Output.Trim().Split(' ');
            Assert.Equal($"threads={kind.Threads}", words[1]);
            if (Environment.ProcessorCount > 1) Assert.Equal($"server={kind.Server == "1"}", words[2]);      // on one core there is no server collector
            return words[0];
        })];

        Assert.Equal(64, bits[0].Length);
        Assert.Single(bits.Distinct());
    }

    [Fact]
    public void Another_seed_gives_other_bits()
    {
        string Bits(long seed)
        {
            Sequential model = Nets.Empty(seed).Dense(3, Activation.Softmax).Compiled();
            model.Train(Nets.Points());
            return model.Bits();
        }

        Assert.Equal(3, new[] { Bits(1), Bits(2), Bits(3) }.Distinct().Count());
        Assert.Equal(Bits(2), Bits(2));
    }
}
