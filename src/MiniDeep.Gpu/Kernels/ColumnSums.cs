using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>A gradient [rows, columns] on its way through an activation, and the sums of its columns.</summary>
internal struct ColumnArgs<T>
    where T : unmanaged, INumber<T>
{
    public ArrayView<T> Dy, Saved, Dz;

    /// <summary>A row of sums for each chunk of rows.</summary>
    public ArrayView<T> Sums;

    public int Rows, Columns, ChunkRows;

    /// <summary>The columns of a group of threads, as a power of two; its other threads take the rows in turn.</summary>
    public int ColumnBits;

    public Activation<T> Activation;
    public int WantsDz, WantsSums, Accumulate;
}

/// <summary>dz = dy f'(.), and the sums of dz's columns over chunks of rows.</summary>
internal readonly struct ColumnKernel<T, R> : IKernel<ColumnArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(ColumnArgs<T> args)
    {
        ArrayView<T> cells = SharedMemory.Allocate<T>(ProductTile.Threads);
        int groupColumns = 1 << args.ColumnBits, across = (args.Columns + groupColumns - 1) >> args.ColumnBits, thread = Group.IdxX;
        int chunk = Grid.IdxX / across, column = ((Grid.IdxX - (chunk * across)) << args.ColumnBits) + (thread & (groupColumns - 1));
        int end = (chunk + 1) * args.ChunkRows < args.Rows ? (chunk + 1) * args.ChunkRows : args.Rows;
        T sum = T.Zero;
        if (column < args.Columns)
        {
            for (int row = (chunk * args.ChunkRows) + (thread >> args.ColumnBits); row < end; row += Group.DimX >> args.ColumnBits)
            {
                int at = (row * args.Columns) + column;
                T dz = args.Dy[at] * args.Activation.SlopeFromSaved(args.Saved[at]);
                if (args.WantsDz != 0) args.Dz[at] = dz;
                sum += dz;
            }
        }
        if (args.WantsSums == 0) return;
        cells[thread] = sum;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= groupColumns; half /= 2)
        {
            if (thread < half) cells[thread] += cells[thread + half];
            Group.Barrier();
        }
        if (thread >= groupColumns || column >= args.Columns) return;
        int place = (chunk * args.Columns) + column;
        args.Sums[place] = args.Accumulate != 0 ? args.Sums[place] + cells[thread] : cells[thread];
    }
}
