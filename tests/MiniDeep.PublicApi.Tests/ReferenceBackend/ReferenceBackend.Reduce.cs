namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate)
    {
        int[] targets = Targets(x.Shape, y.Shape);
        if (x.DType.IsFloat()) Elements.Write(y, ReduceFloats(kind, Elements.Read(x), targets, y.Shape.ElementCount), accumulate);
        else Elements.WriteIntegers(y, ReduceIntegers(kind, Elements.ReadIntegers(x), targets, y.Shape.ElementCount), accumulate);
    }

    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y)
    {
        int[] targets = Targets(x.Shape, y.Shape);
        int inner = 1;
        for (int i = axis + 1; i < x.Shape.Rank; i++) inner *= x.Shape[i];
        int size = x.Shape[axis];

        // Int64 and NaN both compare rightly this way.
        bool floats = x.DType.IsFloat();
        double[] values = floats ? Elements.Read(x) : [];
        long[] integers = floats ? [] : Elements.ReadIntegers(x);
        bool Beats(int candidate, int best) => floats
            ? !double.IsNaN(values[best]) && (double.IsNaN(values[candidate]) || (largest ? values[candidate] > values[best] : values[candidate] < values[best]))
            : largest ? integers[candidate] > integers[best] : integers[candidate] < integers[best];

        var winners = new int[y.Shape.ElementCount];
        Array.Fill(winners, -1);
        for (int i = 0; i < targets.Length; i++)
        {
            ref int winner = ref winners[targets[i]];
            if (winner < 0 || Beats(i, winner)) winner = i;
        }
        Elements.WriteIntegers(y, [.. winners.Select(winner => (long)(winner / inner % size))]);
    }

    /// <summary>For each element of x, the element of y that it goes into.</summary>
    private static int[] Targets(Shape x, Shape y)
    {
        var targets = new int[x.ElementCount];
        for (int i = 0; i < targets.Length; i++)
        {
            int rest = i, target = 0, step = 1;
            for (int axis = x.Rank - 1; axis >= 0; axis--)
            {
                target += (y[axis] == x[axis] ? rest % x[axis] : 0) * step;
                step *= y[axis];
                rest /= x[axis];
            }
            targets[i] = target;
        }
        return targets;
    }

    private static double[] ReduceFloats(ReduceKind kind, double[] x, int[] targets, int count)
    {
        var y = new double[count];
        Array.Fill(y, kind switch
        {
            ReduceKind.Max => double.NegativeInfinity,
            ReduceKind.Min => double.PositiveInfinity,
            _ => 0,
        });
        for (int i = 0; i < x.Length; i++)
        {
            ref double target = ref y[targets[i]];
            target = kind switch
            {
                ReduceKind.Max => Math.Max(target, x[i]),
                ReduceKind.Min => Math.Min(target, x[i]),
                _ => target + x[i],
            };
        }
        if (kind == ReduceKind.Mean)
        {
            var members = new int[count];
            foreach (int target in targets) members[target]++;
            for (int i = 0; i < count; i++) y[i] /= members[i];
        }
        return y;
    }

    private static long[] ReduceIntegers(ReduceKind kind, long[] x, int[] targets, int count)
    {
        var y = new long[count];
        Array.Fill(y, kind switch
        {
            ReduceKind.Max => long.MinValue,
            ReduceKind.Min => long.MaxValue,
            _ => 0,
        });
        for (int i = 0; i < x.Length; i++)
        {
            ref long target = ref y[targets[i]];
            target = kind switch
            {
                ReduceKind.Sum => unchecked(target + x[i]),
                ReduceKind.Max => Math.Max(target, x[i]),
                ReduceKind.Min => Math.Min(target, x[i]),
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such reduction of integers"),
            };
        }
        return y;
    }
}
