using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Runs a kernel of rows (<see cref="Row"/>) over operands of any strides: axes are merged where all operands allow it, then the innermost axis is given to the kernel
/// row by row. Where rows are short or their elements not side by side, blocks of elements are gathered, computed and scattered. Large work is
/// split into chunks whose size depends on nothing but the shape; an element's bits never depend on how it is reached.
/// </summary>
internal unsafe struct ElementwiseJob : IChunkedWork
{
    /// <summary>Elements in a chunk: a multiple of every vector, small enough for the cache, large enough to be worth a thread.</summary>
    public const int ChunkSize = 16 * 1024;

    private const int Operands = 4, Result = 3;

    /// <summary>Rows shorter than this are gathered into blocks.</summary>
    private const int ShortRow = 16;

    /// <summary>Elements that are gathered at a time.</summary>
    private const int BlockSize = 256;

    private enum Plan
    {
        /// <summary>All operands contiguous or constant: one row, cut anywhere.</summary>
        OneRow,

        /// <summary>Row by row, the kernel works in place.</summary>
        Rows,

        /// <summary>Through gathered blocks.</summary>
        Blocks,

        /// <summary>A transposition: tiles that are rows of lines on both sides.</summary>
        Tiles,
    }

    /// <summary>A tile: so many elements along x's lines, and along y's.</summary>
    private const int TileAcross = 16, TileAlong = 8;

    private delegate*<Row*, void> _kernel;
    private Row _row;
    private Sizes _elementSizes;
    private Plan _plan;
    private int _rank;
    private int* _sizes;
    private nint* _strides;
    private long _count;
    private long _perChunk;

    /// <summary>In a transposition, the axis along which x's elements are side by side.</summary>
    private int _across;

    [InlineArray(Operands)]
    private struct Sizes
    {
        private int _size;
    }

    /// <summary>All operands contiguous (or marked constant in the row) with <paramref name="count"/> elements.</summary>
    public static void RunContiguous(delegate*<Row*, void> kernel, Row* row, nint count, int sizeA, int sizeB, int sizeC, int sizeY)
    {
        row->N = count;
        if (count <= ChunkSize)
        {
            if (count > 0) kernel(row);
            return;
        }
        var job = new ElementwiseJob { _kernel = kernel, _row = *row, _plan = Plan.OneRow, _count = count, _perChunk = ChunkSize };
        job._elementSizes[0] = row->ConstantA ? 0 : sizeA;
        job._elementSizes[1] = row->ConstantB ? 0 : sizeB;
        job._elementSizes[2] = row->ConstantC ? 0 : sizeC;
        job._elementSizes[Result] = sizeY;
        ThreadTeam.Run(ref job, (int)((count + ChunkSize - 1) / ChunkSize));
    }

    /// <summary>Operands with strides, all of y's shape; a missing operand has a null pointer in the row.</summary>
    /// <param name="kernel">What to do with a row.</param>
    /// <param name="row">The operands' first elements.</param>
    /// <param name="a">The operands.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="y">The result.</param>
    /// <param name="copies">Whether the kernel only copies elements, so that another order of them is as good.</param>
    public static void RunStrided(
        delegate*<Row*, void> kernel, Row* row, in TensorView a, in TensorView b, in TensorView c, in TensorView y, bool copies = false)
    {
        ReadOnlySpan<int> shape = y.Shape.Sizes;
        foreach (int size in shape)
        {
            if (size == 0) return;
        }
        int* sizes = stackalloc int[shape.Length + 1];
        nint* strides = stackalloc nint[(shape.Length + 1) * Operands];
        var job = new ElementwiseJob { _kernel = kernel, _row = *row, _sizes = sizes, _strides = strides };
        job._elementSizes[0] = SizeOf(a);
        job._elementSizes[1] = SizeOf(b);
        job._elementSizes[2] = SizeOf(c);
        job._elementSizes[Result] = SizeOf(y);
        job.MergeAxes(shape, a.Strides, b.Strides, c.Strides, y.Strides, a.IsNone, b.IsNone, c.IsNone);
        job.Choose(copies);
        ThreadTeam.Run(ref job, (int)((job._count + job._perChunk - 1) / job._perChunk));
    }

    private static int SizeOf(in TensorView view) => view.IsNone ? 0 : view.DType.Size();

    /// <summary>Innermost axis first; neighbours become one axis where every operand walks over them with one stride; sizes of 1 vanish.</summary>
    private void MergeAxes(
        ReadOnlySpan<int> shape, ReadOnlySpan<int> a, ReadOnlySpan<int> b, ReadOnlySpan<int> c, ReadOnlySpan<int> y, bool noA, bool noB, bool noC)
    {
        nint contiguous = 1;
        nint* axis = stackalloc nint[Operands];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            int size = shape[i];
            if (size != 1)
            {
                axis[0] = noA ? 0 : (a.IsEmpty ? contiguous : a[i]) * _elementSizes[0];
                axis[1] = noB ? 0 : (b.IsEmpty ? contiguous : b[i]) * _elementSizes[1];
                axis[2] = noC ? 0 : (c.IsEmpty ? contiguous : c[i]) * _elementSizes[2];
                axis[Result] = (y.IsEmpty ? contiguous : y[i]) * _elementSizes[Result];
                nint* last = _strides + (_rank - 1) * Operands;
                bool merges = _rank > 0;
                for (int k = 0; merges && k < Operands; k++) merges = axis[k] == last[k] * _sizes[_rank - 1];
                if (merges)
                {
                    _sizes[_rank - 1] *= size;
                }
                else
                {
                    _sizes[_rank] = size;
                    for (int k = 0; k < Operands; k++) _strides[_rank * Operands + k] = axis[k];
                    _rank++;
                }
            }
            contiguous *= size;
        }
        if (_rank == 0)
        {
            _sizes[0] = 1;
            for (int k = 0; k < Operands; k++) _strides[k] = _elementSizes[k];
            _rank = 1;
        }
    }

    private void Choose(bool copies)
    {
        long rows = 1;
        for (int i = 1; i < _rank; i++) rows *= _sizes[i];
        bool sideBySide = _strides[Result] == _elementSizes[Result];
        for (int k = 0; k < Result; k++) sideBySide &= _strides[k] == 0 || _strides[k] == _elementSizes[k];
        if (sideBySide && rows == 1)
        {
            _plan = Plan.OneRow;
            MarkConstants(ref _row);
            for (int k = 0; k < Operands; k++) _elementSizes[k] = (int)_strides[k];
            _count = _sizes[0];
            _perChunk = ChunkSize;
        }
        else if (sideBySide && _sizes[0] >= ShortRow)
        {
            _plan = Plan.Rows;
            MarkConstants(ref _row);
            _count = rows;
            _perChunk = Math.Max(1, ChunkSize / _sizes[0]);
        }
        else if (copies && IsTransposition())
        {
            _plan = Plan.Tiles;
            int strips = (_sizes[_across] + TileAcross - 1) / TileAcross;
            _count = rows / _sizes[_across] * strips;
            _perChunk = Math.Max(1, ChunkSize / (TileAcross * _sizes[0]));
        }
        else
        {
            _plan = Plan.Blocks;
            _count = rows * _sizes[0];
            _perChunk = ChunkSize;
        }
    }

    private bool IsTransposition()
    {
        if (_strides[Result] != _elementSizes[Result] || _sizes[0] < TileAlong) return false;
        for (_across = 1; _across < _rank; _across++)
        {
            if (_strides[_across * Operands] == _elementSizes[0]) return _sizes[_across] >= TileAlong;
        }
        return false;
    }

    private readonly void MarkConstants(ref Row row)
    {
        row.ConstantA = _strides[0] == 0;
        row.ConstantB = _strides[1] == 0;
        row.ConstantC = _strides[2] == 0;
    }

    public readonly void Execute(int chunk)
    {
        long start = chunk * _perChunk;
        int count = (int)Math.Min(_perChunk, _count - start);
        switch (_plan)
        {
            case Plan.OneRow:
                Row row = _row;
                row.A += start * _elementSizes[0];
                row.B += start * _elementSizes[1];
                row.C += start * _elementSizes[2];
                row.Y += start * _elementSizes[Result];
                row.N = count;
                _kernel(&row);
                break;
            case Plan.Rows:
                ExecuteRows(start, count);
                break;
            case Plan.Tiles:
                ExecuteTiles(start, count);
                break;
            default:
                ExecuteBlocks(start, count);
                break;
        }
    }

    private readonly void ExecuteRows(long start, int count)
    {
        int* index = stackalloc int[_rank];
        Row row = _row;
        row.N = _sizes[0];
        long rest = start;
        for (int i = 1; i < _rank; i++)
        {
            index[i] = (int)(rest % _sizes[i]);
            rest /= _sizes[i];
            Move(ref row, i, index[i]);
        }
        while (true)
        {
            _kernel(&row);
            if (--count == 0) return;
            for (int i = 1; i < _rank; i++)
            {
                Move(ref row, i, 1);
                if (++index[i] < _sizes[i]) break;
                Move(ref row, i, -_sizes[i]);
                index[i] = 0;
            }
        }
    }

    private readonly void Move(ref Row row, int axis, nint steps)
    {
        nint* strides = _strides + axis * Operands;
        row.A += steps * strides[0];
        row.B += steps * strides[1];
        row.C += steps * strides[2];
        row.Y += steps * strides[Result];
    }

    private readonly void ExecuteTiles(long start, int count)
    {
        int strips = (_sizes[_across] + TileAcross - 1) / TileAcross;
        for (long unit = start; unit < start + count; unit++)
        {
            (long rest, long strip) = Math.DivRem(unit, strips);
            int first = (int)strip * TileAcross, across = Math.Min(TileAcross, _sizes[_across] - first);
            byte* x = _row.A + first * _strides[_across * Operands];
            byte* y = _row.Y + first * _strides[_across * Operands + Result];
            for (int i = 1; i < _rank; i++)
            {
                if (i == _across) continue;
                (rest, long index) = Math.DivRem(rest, _sizes[i]);
                x += (nint)index * _strides[i * Operands];
                y += (nint)index * _strides[i * Operands + Result];
            }
            nint strideX = _strides[0], strideY = _strides[_across * Operands + Result];
            int size = _elementSizes[0];
            for (int i = 0; i < _sizes[0]; i += TileAlong, x += TileAlong * strideX, y += TileAlong * size)
            {
                int along = Math.Min(TileAlong, _sizes[0] - i);
                for (int j = 0; j < across; j++) CopyElements(x + j * size, strideX, y + j * strideY, size, along, size);
            }
        }
    }

    private readonly void ExecuteBlocks(long start, int count)
    {
        const int BufferBytes = BlockSize * sizeof(double);
        byte* buffers = stackalloc byte[Operands * BufferBytes];
        for (long end = start + count; start < end; start += BlockSize)
        {
            int n = (int)Math.Min(BlockSize, end - start);
            Row row = _row;
            row.N = n;
            row.A = Gather(0, _row.A, start, n, buffers);
            row.B = Gather(1, _row.B, start, n, buffers + BufferBytes);
            row.C = Gather(2, _row.C, start, n, buffers + 2 * BufferBytes);
            bool dense = IsDense(Result);
            row.Y = dense ? _row.Y + start * _elementSizes[Result] : buffers + 3 * BufferBytes;
            if (!dense && row.Accumulate) Gather(Result, _row.Y, start, n, row.Y);
            _kernel(&row);
            if (!dense) Transfer(Result, _row.Y, start, n, row.Y, scatter: true);
        }
    }

    private readonly bool IsDense(int operand)
    {
        nint stride = _elementSizes[operand];
        for (int i = 0; i < _rank; i++)
        {
            if (_strides[i * Operands + operand] != stride) return false;
            stride *= _sizes[i];
        }
        return true;
    }

    private readonly byte* Gather(int operand, byte* data, long start, int count, byte* buffer)
    {
        if (data == null) return null;
        if (IsDense(operand)) return data + start * _elementSizes[operand];
        Transfer(operand, data, start, count, buffer, scatter: false);
        return buffer;
    }

    /// <summary>Elements start, start + 1, … of an operand, in the shape's order, to or from a buffer.</summary>
    private readonly void Transfer(int operand, byte* data, long start, int count, byte* buffer, bool scatter)
    {
        int* index = stackalloc int[_rank];
        long rest = start;
        for (int i = 0; i < _rank; i++)
        {
            index[i] = (int)(rest % _sizes[i]);
            rest /= _sizes[i];
            data += index[i] * _strides[i * Operands + operand];
        }
        int size = _elementSizes[operand];
        nint stride = _strides[operand];
        while (true)
        {
            int n = Math.Min(count, _sizes[0] - index[0]);
            if (scatter) CopyElements(buffer, size, data, stride, n, size);
            else CopyElements(data, stride, buffer, size, n, size);
            buffer += n * size;
            count -= n;
            if (count == 0) return;
            data -= index[0] * stride;
            index[0] = 0;
            for (int i = 1; i < _rank; i++)
            {
                data += _strides[i * Operands + operand];
                if (++index[i] < _sizes[i]) break;
                data -= _sizes[i] * _strides[i * Operands + operand];
                index[i] = 0;
            }
        }
    }

    private static void CopyElements(byte* source, nint sourceStride, byte* destination, nint destinationStride, int count, int size)
    {
        Debug.Assert(size is 1 or 4 or 8);
        switch (size)
        {
            case 8:
                CopyElements<ulong>(source, sourceStride, destination, destinationStride, count);
                break;
            case 4:
                CopyElements<uint>(source, sourceStride, destination, destinationStride, count);
                break;
            default:
                CopyElements<byte>(source, sourceStride, destination, destinationStride, count);
                break;
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void CopyElements<T>(byte* source, nint sourceStride, byte* destination, nint destinationStride, int count)
        where T : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            *(T*)destination = *(T*)source;
            source += sourceStride;
            destination += destinationStride;
        }
    }
}
