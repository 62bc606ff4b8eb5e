using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The sizes of a tensor's axes, outermost first (row-major). A shape of a layer or a model never includes the batch.
/// Written as a collection: <c>Shape image = [28, 28, 1];</c>. The empty shape <c>[]</c> is a scalar's.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    private readonly int[]? _sizes;

    private Shape(int[] sizes) => _sizes = sizes;

    /// <summary>A shape with the given sizes.</summary>
    /// <exception cref="ShapeException">A size is negative.</exception>
    public static Shape Create(ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
        {
            if (size < 0) throw new ShapeException($"A shape can't have a negative size: [{string.Join(", ", sizes.ToArray())}].");
        }
        return sizes.IsEmpty ? default : new Shape(sizes.ToArray());
    }

    /// <summary>Takes the array as it is; the caller never writes to it again.</summary>
    internal static Shape Adopt(int[] sizes) => new(sizes);

    /// <summary>The number of axes.</summary>
    public int Rank => _sizes?.Length ?? 0;

    /// <inheritdoc/>
    int IReadOnlyCollection<int>.Count => Rank;

    /// <summary>The sizes, outermost first.</summary>
    public ReadOnlySpan<int> Sizes => _sizes;

    /// <summary>The size of one axis; <c>shape[^1]</c> is the innermost.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such axis.</exception>
    public int this[int axis] => (_sizes ?? [])[axis];

    /// <summary>The size of one axis, counted from the end with <c>^</c>.</summary>
    public int this[Index axis] => (_sizes ?? [])[axis];

    /// <summary>The number of elements: the product of the sizes, 1 for a scalar.</summary>
    /// <exception cref="ShapeException">The product is more than a tensor can hold (2^31 - 1 elements).</exception>
    public int ElementCount
    {
        get
        {
            if (_sizes is null) return 1;
            long count = 1;
            bool tooMany = false;
            foreach (int size in _sizes)
            {
                if (size == 0) return 0;
                count *= size;
                if (count > int.MaxValue)
                {
                    tooMany = true;
                    count = 1;
                }
            }
            return tooMany ? throw new ShapeException($"A tensor of shape {this} has more elements than a tensor can hold ({int.MaxValue:N0}).") : (int)count;
        }
    }

    /// <summary>The same shape with another innermost size.</summary>
    /// <exception cref="ShapeException">The shape is a scalar's.</exception>
    public Shape WithLast(int size)
    {
        if (Rank == 0) throw new ShapeException("A scalar's shape [] has no last axis to replace.");
        if (size < 0) throw new ShapeException($"A shape can't have a negative size: {size}.");
        int[] sizes = Sizes.ToArray();
        sizes[^1] = size;
        return new Shape(sizes);
    }

    /// <summary>Whether another shape is this one with another innermost size.</summary>
    internal bool HasWithLast(int size, Shape other) => other.Rank == Rank && Rank > 0 && other[^1] == size && Sizes[..^1].SequenceEqual(other.Sizes[..^1]);

    /// <summary>Whether this is another shape with another outermost size.</summary>
    internal bool HasFirst(int size, Shape other) => other.Rank == Rank && Rank > 0 && this[0] == size && Sizes[1..].SequenceEqual(other.Sizes[1..]);

    /// <summary>The shape with one more axis in front, such as the batch.</summary>
    public Shape Prepend(int size)
    {
        var sizes = new int[Rank + 1];
        sizes[0] = size;
        Sizes.CopyTo(sizes.AsSpan(1));
        return new Shape(sizes);
    }

    /// <summary>The axes from <paramref name="start"/> on.</summary>
    public Shape From(int start) => start == 0 ? this : Create(Sizes[start..]);

    /// <inheritdoc/>
    public bool Equals(Shape other) => ReferenceEquals(_sizes, other._sizes) || Sizes.SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Whether both have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether the sizes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The sizes between brackets: <c>[28, 28, 1]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _sizes ?? [])}]";

    /// <summary>The sizes as an array of its own.</summary>
    public int[] ToArray() => Sizes.ToArray();

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(_sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
