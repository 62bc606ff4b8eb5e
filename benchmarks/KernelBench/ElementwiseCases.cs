using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MiniDeep.KernelBench;

/// <summary>Kernels that are bound by memory or by exponentials; each says how many bytes it reads and writes. Copies give the floor.</summary>
internal static class ElementwiseCases
{
    private const int Large = 1 << 20, Small = 1 << 14;

    /// <summary>The parameters of exercise 3's network.</summary>
    private static readonly int[] s_parameters = [144, 16, 4608, 32, 1568 * 128, 128, 1280, 10];

    private static CpuBackend Cpu => CpuBackend.Instance;

    private static TensorView Make(DType dtype, double low, double high, params int[] sizes) => Cases.Make(dtype, r => low + (high - low) * r.NextDouble(), sizes);

    public static IEnumerable<Case> All() => [.. Copies(), .. Functions(), .. Updates(), .. Losses(), .. Norm(), .. Rest(), .. Batches()];

    private static IEnumerable<Case> Copies()
    {
        foreach ((string name, int count) in new[] { ("8K", 1 << 13), ("64K", 1 << 16), ("512K", 1 << 19), ("16M", 1 << 24) })
        {
            TensorView x = Make(DType.Float32, 0, 1, count), y = Make(DType.Float32, 0, 1, count);
            yield return new($"copy {name} floats", 0, () => Cpu.Copy(x, y), 8.0 * count);
        }
    }

    private static IEnumerable<Case> Functions()
    {
        foreach (DType dtype in new[] { DType.Float32, DType.Float64 })
        {
            foreach ((string name, int count) in new[] { ("16K", Small), ("1M", Large) })
            {
                if (count == Large && dtype == DType.Float64) continue;
                TensorView x = Make(dtype, 0.1, 5, count), dy = Make(dtype, -1, 1, count), y = Make(dtype, 0, 1, count);
                double bytes = 2.0 * count * dtype.Size();
                foreach (UnaryKind kind in new[] { UnaryKind.Exp, UnaryKind.Log, UnaryKind.Tanh, UnaryKind.Sigmoid, UnaryKind.Swish, UnaryKind.Softplus, UnaryKind.Relu })
                    yield return new($"{kind} {name} {dtype}", 0, () => Cpu.Unary(kind, 0, x, y, false), bytes);
                yield return new($"Swish gradient {name} {dtype}", 0, () => Cpu.UnaryGrad(UnaryKind.Swish, 0, x, dy, y, false), 1.5 * bytes);
                foreach (Case c in dtype == DType.Float32 ? Primitives<float>(name, count) : Primitives<double>(name, count)) yield return c;
            }
        }
        foreach (UnaryKind kind in new[] { UnaryKind.Sin, UnaryKind.PowScalar })
        {
            TensorView x = Make(DType.Float32, 0.1, 5, Small), y = Make(DType.Float32, 0, 1, Small);
            yield return new($"{kind} 16K Float32", 0, () => Cpu.Unary(kind, 1.5, x, y, false), 8.0 * Small);
        }
        foreach (UnaryKind kind in new[] { UnaryKind.Relu, UnaryKind.Sigmoid, UnaryKind.Swish })
        {
            // 3136 rows of one vector: the least work that a fused product has around its activation
            TensorView x = Cases.Make(DType.Float32, r => r.NextDouble() - 0.5, 3136, 8), w = Make(DType.Float32, -1, 1, 8, 16), b = Make(DType.Float32, -1, 1, 16);
            TensorView y = Make(DType.Float32, 0, 1, 3136, 16), slope = kind == UnaryKind.Swish ? Make(DType.Float32, 0, 1, 3136, 16) : default;
            yield return new($"linear 8->16 with {kind}", 3136 * 128, () => Cpu.Linear(x, w, b, new(kind), y, slope));
        }
    }

    private static IEnumerable<Case> Primitives<T>(string name, int count)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        Random random = new(1);
        T[] x = [.. Enumerable.Range(0, count).Select(_ => T.CreateTruncating(0.1 + 4.9 * random.NextDouble()))], y = new T[count];
        double bytes = 2.0 * count * Marshal.SizeOf<T>();
        yield return new($"Exp {name} {typeof(T).Name}, TensorPrimitives", 0, () => TensorPrimitives.Exp<T>(x, y), bytes);
        yield return new($"Log {name} {typeof(T).Name}, TensorPrimitives", 0, () => TensorPrimitives.Log<T>(x, y), bytes);
        yield return new($"Tanh {name} {typeof(T).Name}, TensorPrimitives", 0, () => TensorPrimitives.Tanh<T>(x, y), bytes);
        yield return new($"Sigmoid {name} {typeof(T).Name}, TensorPrimitives", 0, () => TensorPrimitives.Sigmoid<T>(x, y), bytes);
    }

    private static IEnumerable<Case> Updates()
    {
        foreach ((UpdateKind kind, int traffic) in new[] { (UpdateKind.Adam, 7), (UpdateKind.Momentum, 5), (UpdateKind.Sgd, 3) })
        {
            UpdateTarget[] targets = [.. s_parameters.Select(n => new UpdateTarget(
                Make(DType.Float32, -1, 1, n), Make(DType.Float32, -1e-2, 1e-2, n), Make(DType.Float32, -1e-2, 1e-2, n), Make(DType.Float32, 0, 1e-4, n)))];
            UpdateRule rule = new() { Kind = kind, LearningRate = new Cell(1e-7), Step = new Cell(100), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
            yield return new($"{kind}, exercise 3's parameters", 0, () => Cpu.Update(rule, targets), 4.0 * traffic * s_parameters.Sum());
        }
        int copied = s_parameters.Sum() * 7 / 2;
        TensorView x = Make(DType.Float32, 0, 1, copied), y = Make(DType.Float32, 0, 1, copied);
        yield return new("copy of as many bytes as Adam moves", 0, () => Cpu.Copy(x, y), 8.0 * copied);
    }

    private static IEnumerable<Case> Losses()
    {
        foreach ((int rows, int classes) in new[] { (64, 10), (64, 1000) })
        {
            TensorView x = Make(DType.Float32, -3, 3, rows, classes), y = Make(DType.Float32, 0, 1, rows, classes), loss = Make(DType.Float32, 0, 1, 1);
            TensorView labels = Cases.Make(DType.Int32, r => r.Next(classes), rows);
            yield return new($"softmax {rows}x{classes}", 0, () => Cpu.Softmax(false, x, y), 8.0 * rows * classes);
            yield return new($"softmax cross-entropy {rows}x{classes}", 0, () => Cpu.CrossEntropy(CrossEntropyKind.SparseSoftmax, x, labels, 1.0 / rows, loss, y), 8.0 * rows * classes);
        }
        TensorView a = Make(DType.Float32, -1, 1, Large), b = Make(DType.Float32, 0, 1, Large);
        uint[] words = GC.AllocateUninitializedArray<uint>(Small, pinned: true);
        yield return new("dropout's random words, 16K", 0, () => FillWords(words), 4.0 * Small);
        TensorView small = Make(DType.Float32, -1, 1, Small), dropped = Make(DType.Float32, 0, 1, Small);
        yield return new("dropout 16K", 0, () => Cpu.Dropout(small, 0.5, 1, 2, dropped, false), 8.0 * Small);
        yield return new("dropout 1M", 0, () => Cpu.Dropout(a, 0.5, 1, 2, b, false), 8.0 * Large);
    }

    private static unsafe void FillWords(uint[] pinned)
    {
        fixed (uint* words = pinned) PhiloxFill.Words(words, pinned.Length, 1, 2, 0);
    }

    /// <summary>Batch norm over the rows of 64 x 14 x 14 by 32 channels, from the operations that it consists of.</summary>
    private static IEnumerable<Case> Norm()
    {
        const int Rows = 64 * 14 * 14, Channels = 32, Count = Rows * Channels;
        TensorView x = Make(DType.Float32, -1, 1, Rows, Channels), y = Make(DType.Float32, -1, 1, Rows, Channels), dy = Make(DType.Float32, -1, 1, Rows, Channels);
        TensorView t = Make(DType.Float32, -1, 1, Rows, Channels), row = Make(DType.Float32, 0.5, 1, 1, Channels), second = Make(DType.Float32, 0.5, 1, 1, Channels);
        TensorView wide = new(row.Storage, 0, t.Shape, [0, 1]);
        yield return new("batch norm 64x14x14x32, forward", 0, () =>
        {
            Cpu.Reduce(ReduceKind.Mean, x, row, false);
            Cpu.Binary(BinaryKind.Subtract, x, wide, y, false);
            Cpu.Unary(UnaryKind.Square, 0, y, t, false);
            Cpu.Reduce(ReduceKind.Mean, t, second, false);
            Cpu.Binary(BinaryKind.Multiply, y, wide, y, false);
            Cpu.Binary(BinaryKind.Add, y, wide, y, false);
        }, 4.0 * Count * 10);
        yield return new("batch norm 64x14x14x32, backward", 0, () =>
        {
            Cpu.Reduce(ReduceKind.Sum, dy, row, false);
            Cpu.Binary(BinaryKind.Multiply, dy, y, t, false);
            Cpu.Reduce(ReduceKind.Sum, t, second, false);
            Cpu.Binary(BinaryKind.Multiply, y, wide, t, false);
            Cpu.Binary(BinaryKind.Subtract, dy, t, t, false);
            Cpu.Binary(BinaryKind.Multiply, t, wide, t, false);
        }, 4.0 * Count * 12);
    }

    private static IEnumerable<Case> Rest()
    {
        const int Rows = 1024, Columns = 1000, Count = Rows * Columns;
        TensorView a = Make(DType.Float32, -1, 1, Rows, Columns), b = Make(DType.Float32, -1, 1, Rows, Columns), y = Make(DType.Float32, 0, 1, Rows, Columns);
        TensorView row = Make(DType.Float32, 0, 1, 1, Columns), column = Make(DType.Float32, 0, 1, Rows, 1), one = Make(DType.Float32, 0, 1, 1, 1);
        TensorView rows = new(row.Storage, 0, y.Shape, [0, 1]), columns = new(column.Storage, 0, y.Shape, [1, 0]);
        TensorView flags = Cases.Make(DType.Bool, r => r.Next(2), Rows, Columns);
        yield return new("sum of all, 1024x1000", 0, () => Cpu.Reduce(ReduceKind.Sum, a, one, false), 4.0 * Count);
        yield return new("sum over rows, 1024x1000", 0, () => Cpu.Reduce(ReduceKind.Sum, a, row, false), 4.0 * Count);
        yield return new("mean over columns, 1024x1000", 0, () => Cpu.Reduce(ReduceKind.Mean, a, column, false), 4.0 * Count);
        yield return new("max over columns, 1024x1000", 0, () => Cpu.Reduce(ReduceKind.Max, a, column, false), 4.0 * Count);
        yield return new("add, 1024x1000", 0, () => Cpu.Binary(BinaryKind.Add, a, b, y, false), 12.0 * Count);
        yield return new("add a row, 1024x1000", 0, () => Cpu.Binary(BinaryKind.Add, a, rows, y, false), 8.0 * Count);
        yield return new("add a column, 1024x1000", 0, () => Cpu.Binary(BinaryKind.Add, a, columns, y, false), 8.0 * Count);
        yield return new("greater, 1024x1000", 0, () => Cpu.Binary(BinaryKind.Greater, a, b, flags, false), 9.0 * Count);
        yield return new("select, 1024x1000", 0, () => Cpu.Select(flags, a, b, y), 13.0 * Count);
    }

    /// <summary>64 of 60,000 images of bytes, picked at random, as floats: the parts that a batch is made of.</summary>
    private static IEnumerable<Case> Batches()
    {
        const int Images = 60_000, Batch = 64, Pixels = 784, Rounds = 900;
        TensorView images = Cases.Make(DType.UInt8, r => r.Next(256), 1, Images, Pixels), picked = Cases.Make(DType.UInt8, _ => 0, 1, Batch, Pixels);
        TensorView floats = Make(DType.Float32, 0, 1, 1, Batch, Pixels), scaled = Make(DType.Float32, 0, 1, 1, Batch, Pixels);
        TensorView[] indices = [.. Enumerable.Range(0, Rounds).Select(_ => Cases.Make(DType.Int32, r => r.Next(Images), Batch))];
        int next = 0;
        yield return new("batch of 64 images: gather", 0, () => Cpu.Gather(images, indices[next++ % Rounds], picked), 2.0 * Batch * Pixels);
        yield return new("batch of 64 images: to float", 0, () => Cpu.Copy(picked, floats), 5.0 * Batch * Pixels);
        yield return new("batch of 64 images: scale", 0, () => Cpu.Unary(UnaryKind.MultiplyScalar, 1.0 / 255, floats, scaled, false), 8.0 * Batch * Pixels);
        yield return new("batch of 64 images: scale in place", 0, () => Cpu.Unary(UnaryKind.MultiplyScalar, 1, floats, floats, false), 8.0 * Batch * Pixels);
    }
}
