namespace MiniDeep.Tests.Gradients;

/// <summary>Operations that move elements and compute nothing.</summary>
internal static class ShapeRows
{
    public static IEnumerable<GradientRow> All() => [.. Copies(), .. Reshape(), .. Transpose(), .. Slice(), .. Broadcast(), .. Gather()];

    private static IEnumerable<GradientRow> Copies()
    {
        foreach ((string name, Shape shape, Func<Tensor, Tensor> view) in Corners.Views)
        {
            yield return new("Clone", name, draw => new([draw.Normal(shape)], x => view(x[0]).Clone()));
            yield return new("Contiguous", name, draw => new([draw.Normal(shape)], x => view(x[0]).Contiguous().Square()));
        }
    }

    private static IEnumerable<GradientRow> Reshape()
    {
        (string Name, Shape From, int[] To, Func<Tensor, Tensor> View)[] rows =
        [
            ("to a scalar", [1, 1], [], Same),
            ("from a scalar", [], [1, 1, 1], Same),
            ("flat", [3, 4], [-1], Same),
            ("rows", [12], [3, -1], Same),
            ("more axes", [6, 4], [2, 3, 1, 4], Same),
            ("fewer axes", [2, 3, 4], [6, 4], Same),
            ("unchanged", [2, 3], [2, 3], Same),
            ("empty", [0, 3], [3, 0, 2], Same),
            ("transposed first", [4, 6], [8, 3], static x => x.Transpose()),
            ("permuted first", [2, 3, 4], [4, 6], static x => x.Transpose(2, 1, 0)),
            ("sliced first", [6, 7], [2, 8], static x => x[1..5, 2..6]),
            ("a slice of rows", [6, 4], [12], static x => x[2..5]),
            ("large", [33, 34], [17, 66], Same),
        ];
        foreach ((string name, Shape from, int[] to, Func<Tensor, Tensor> view) in rows)
            yield return new("Reshape", name, draw => new([draw.Normal(from)], x => view(x[0]).Reshape(to)));
    }

    private static IEnumerable<GradientRow> Transpose()
    {
        (string Name, Shape Shape, int[] Order, Func<Tensor, Tensor> View)[] rows =
        [
            ("a scalar", [], [], Same),
            ("a vector", [5], [], Same),
            ("a matrix", [3, 5], [], Same),
            ("[1, 6]", [1, 6], [1, 0], Same),
            ("[1, 1]", [1, 1], [], Same),
            ("unchanged", [2, 3, 4], [0, 1, 2], Same),
            ("reversed", [2, 3, 4], [], Same),
            ("rotated", [2, 3, 4], [1, 2, 0], Same),
            ("channels first to last", [2, 3, 4, 5], [0, 2, 3, 1], Same),
            ("negative axes", [2, 3, 4], [-1, -3, -2], Same),
            ("empty", [3, 0, 2], [2, 1, 0], Same),
            ("large", [65, 33], [], Same),
            ("twice", [3, 5], [], static x => x.Transpose()),
            ("of a slice", [6, 7], [], static x => x[1..5, 2..6]),
        ];
        foreach ((string name, Shape shape, int[] order, Func<Tensor, Tensor> view) in rows)
            yield return new("Transpose", name, draw => new([draw.Normal(shape)], x => view(x[0]).Transpose(order).Square()));
    }

    private static IEnumerable<GradientRow> Slice()
    {
        (string Name, Shape Shape, Func<Tensor, Tensor> Part)[] rows =
        [
            ("a position", [5], static x => x[2]),
            ("a negative position", [5], static x => x[-1]),
            ("a position from the end", [5, 3], static x => x[^2]),
            ("a range", [7], static x => x[2..5]),
            ("the whole", [3, 4], static x => x[..]),
            ("columns", [4, 6], static x => x[.., 1..4]),
            ("a column", [4, 6], static x => x[.., 3]),
            ("a block", [5, 6, 4], static x => x[1..3, 2..^1, 3]),
            ("an empty range", [5, 3], static x => x[2..2]),
            ("of size 1", [1, 1], static x => x[0, 0]),
            ("overlapping parts", [8], static x => x[..6] * x[2..]),
            ("of a slice", [6, 7], static x => x[1..5, 2..6][.., ^1]),
            ("of a transposed", [5, 4], static x => x.Transpose()[1..3, 2]),
            ("large", [40, 40], static x => x[3..38, 5..39]),
        ];
        foreach ((string name, Shape shape, Func<Tensor, Tensor> part) in rows) yield return new("Slice", name, draw => new([draw.Normal(shape)], x => part(x[0])));
    }

    private static IEnumerable<GradientRow> Broadcast()
    {
        (string Name, Shape From, Shape To, Func<Tensor, Tensor> View)[] rows =
        [
            ("a scalar", [], [3, 4], Same),
            ("[1]", [1], [5], Same),
            ("[1] to [1, 1]", [1], [1, 1], Same),
            ("a row", [4], [3, 4], Same),
            ("a column", [3, 1], [3, 4], Same),
            ("in the middle", [2, 1, 3], [2, 5, 3], Same),
            ("in front and in the middle", [2, 1, 3], [4, 2, 5, 3], Same),
            ("unchanged", [2, 3], [2, 3], Same),
            ("to nothing", [1, 3], [0, 3], Same),
            ("of nothing", [0, 1], [0, 4], Same),
            ("a transposed row", [1, 4], [4, 5], static x => x.Transpose()),
            ("a slice", [4, 5], [3, 1, 5], static x => x[1..2]),
            ("large", [1, 65], [33, 65], Same),
        ];
        foreach ((string name, Shape from, Shape to, Func<Tensor, Tensor> view) in rows)
            yield return new("BroadcastTo", name, draw => new([draw.Normal(from)], x => view(x[0]).BroadcastTo(to)));
    }

    private static IEnumerable<GradientRow> Gather()
    {
        (string Name, Shape Shape, Shape Indices, int Axis, DType DType, Func<Tensor, Tensor> View)[] rows =
        [
            ("one of a vector", [5], [], 0, DType.Int32, Same),
            ("repeated", [3], [8], 0, DType.Int32, Same),
            ("rows", [4, 3], [6], 0, DType.Int32, Same),
            ("columns", [4, 3], [5], 1, DType.Int64, Same),
            ("the last axis", [2, 3, 4], [3], -1, DType.Int32, Same),
            ("the middle axis", [2, 3, 4], [2, 2], 1, DType.Int64, Same),
            ("one class", [1, 4], [3], 0, DType.Int32, Same),
            ("no index", [4, 3], [0], 0, DType.Int32, Same),
            ("no column", [4, 0], [3], 0, DType.Int32, Same),
            ("an embedding", [7, 5], [2, 4], 0, DType.Int64, Same),
            ("of a transposed", [3, 4], [6], 0, DType.Int32, static x => x.Transpose()),
            ("of a slice", [6, 7], [5], 1, DType.Int32, static x => x[1..4, 2..6]),
            ("large", [40, 33], [64], 0, DType.Int32, Same),
        ];
        foreach ((string name, Shape shape, Shape indices, int axis, DType dtype, Func<Tensor, Tensor> view) in rows)
        {
            yield return new("Gather", name, draw =>
            {
                Tensor x = draw.Normal(shape);
                return new([x, draw.Integers(indices, view(x).Shape[axis < 0 ? ^-axis : axis], dtype)], t => view(t[0]).Gather(t[1], axis));
            });
        }
    }

    private static Tensor Same(Tensor x) => x;
}
