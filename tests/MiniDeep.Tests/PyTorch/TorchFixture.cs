using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MiniDeep.Tests.PyTorch;

/// <summary>One configuration: what goes in, and what PyTorch's float64 makes of it.</summary>
/// <param name="Name">The operation, its number and its arguments.</param>
/// <param name="Operation">"network", or the operation's function in torch_ops.py.</param>
/// <param name="Arguments">As the script wrote them.</param>
/// <param name="Inputs">Kind (float, constant, integer, bool), shape and values of each.</param>
/// <param name="Cotangent">The gradient of the result.</param>
/// <param name="Output">The result.</param>
/// <param name="Gradients">Of each float input.</param>
internal sealed record TorchCase(
    string Name, string Operation, JsonElement Arguments, (string Kind, Shape Shape, double[] Values)[] Inputs, double[] Cotangent, double[] Output, double[][] Gradients)
{
    public override string ToString() => Name;
}

/// <summary>100 steps of an optimizer.</summary>
/// <param name="Arguments">Its kind and numbers.</param>
/// <param name="Weights">Where it starts.</param>
/// <param name="Gradients">One row a step.</param>
/// <param name="Path">The weights after every tenth step.</param>
internal sealed record OptimizerCase(JsonElement Arguments, double[] Weights, double[][] Gradients, double[][] Path);

/// <summary>What tests/fixtures/torch_ops.py wrote; MINIDEEP_TORCH_FIXTURE names another file of its making, with more configurations or another seed.</summary>
internal sealed class TorchFixture
{
    private readonly double[] _numbers;
    private int _at;

    private TorchFixture(string path)
    {
        using var unpacked = new MemoryStream();
        using (var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress)) file.CopyTo(unpacked);
        ReadOnlySpan<byte> bytes = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        int head = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        using JsonDocument document = JsonDocument.Parse(bytes.Slice(4, head).ToArray());
        JsonElement root = document.RootElement.Clone();
        _numbers = MemoryMarshal.Cast<byte, double>(bytes[(4 + head)..]).ToArray();
        Operations = [.. root.GetProperty("operations").EnumerateArray().Select(Case)];
        Networks = [.. root.GetProperty("networks").EnumerateArray().Select(Case)];
        Optimizers = [.. root.GetProperty("optimizers").EnumerateArray().Select(Optimizer)];
        if (_at != _numbers.Length) throw new InvalidDataException($"{path} holds {_numbers.Length} numbers, but its head asks for {_at}.");
    }

    public static TorchFixture Instance { get; } =
        new(Environment.GetEnvironmentVariable("MINIDEEP_TORCH_FIXTURE") is { Length: > 0 } path ? path : Repository.PathTo("tests/fixtures/torch_ops.bin.gz"));

    public IReadOnlyList<TorchCase> Operations { get; }

    public IReadOnlyList<TorchCase> Networks { get; }

    public IReadOnlyList<OptimizerCase> Optimizers { get; }

    private TorchCase Case(JsonElement head, int number)
    {
        string operation = head.GetProperty("op").GetString()!;
        JsonElement arguments = head.GetProperty("arguments");
        (string Kind, Shape Shape, double[] Values)[] inputs = [.. head.GetProperty("inputs").EnumerateArray().Select(input =>
        {
            Shape shape = Shape.Create(input.GetProperty("shape").Ints());
            return (input.GetProperty("kind").GetString()!, shape, Take(shape.ElementCount));
        })];
        int count = Shape.Create(head.GetProperty("output").Ints()).ElementCount;
        double[] cotangent = Take(count), output = Take(count);
        double[][] gradients = [.. inputs.Where(input => input.Kind == "float").Select(input => Take(input.Shape.ElementCount))];
        string name = $"{operation} {number} {arguments.GetRawText()} {string.Join(" ", inputs.Select(input => input.Shape))}";
        return new TorchCase(name, operation, arguments, inputs, cotangent, output, gradients);
    }

    private OptimizerCase Optimizer(JsonElement head)
    {
        int weights = head.GetProperty("weights").GetInt32(), steps = head.GetProperty("steps").GetInt32(), every = head.GetProperty("every").GetInt32();
        return new OptimizerCase(head, Take(weights), Rows(steps), Rows(steps / every));

        double[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => Take(weights))];
    }

    private double[] Take(int count)
    {
        double[] values = _numbers[_at..(_at + count)];
        _at += count;
        return values;
    }
}

/// <summary>Short words for the fixture's JSON.</summary>
internal static class TorchArguments
{
    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetInt32())];

    public static string Text(this JsonElement arguments, string name) => arguments.GetProperty(name).GetString()!;

    public static double Number(this JsonElement arguments, string name) => arguments.GetProperty(name).GetDouble();

    public static bool Flag(this JsonElement arguments, string name) => arguments.GetProperty(name).GetBoolean();

    public static Padding Padding(this JsonElement arguments, string name) => arguments.Text(name) == "same" ? MiniDeep.Padding.Same : MiniDeep.Padding.Valid;

    public static Size2D Size(this JsonElement arguments, string name)
    {
        int[] sizes = arguments.GetProperty(name).Ints();
        return (sizes[0], sizes[1]);
    }
}
