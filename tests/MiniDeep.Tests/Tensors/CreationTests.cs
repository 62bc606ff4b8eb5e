using System.Numerics.Tensors;
using NumericTensor = System.Numerics.Tensors.Tensor;

namespace MiniDeep.Tests.Tensors;

/// <summary>From .NET's arrays, spans and tensors and back; what doesn't fit says why.</summary>
public class CreationTests
{
    [Fact]
    public void Fillers_give_shape_dtype_and_values()
    {
        Assert.Equal([0f, 0, 0, 0, 0, 0], Tensor.Zeros([2, 3]).ToArray<float>());
        Assert.Equal([1L, 1], Tensor.Ones([2], DType.Int64).ToArray<long>());
        Assert.Equal([2.5, 2.5], Tensor.Full([2, 1], 2.5, DType.Float64).ToArray<double>());
        Assert.Equal([true, true], Tensor.Ones([2], DType.Bool).ToArray<bool>());
        Assert.Equal([(byte)7], Tensor.Full([1], 7, DType.UInt8).ToArray<byte>());
        Assert.Equal([0, 1, 2, 3], Tensor.Range(4, DType.Int32).ToArray<int>());
        Assert.Empty(Tensor.Range(0).ToArray<float>());
        Assert.Equal(-3, Tensor.Scalar(-3, DType.Int32).Item<int>());
        Assert.Equal(0, Tensor.Scalar(1).Rank);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Range(-1));
    }

    [Fact]
    public void Properties_describe_the_tensor()
    {
        Tensor x = Tensor.Zeros([2, 3, 4], DType.Float64);
        Assert.Equal(Shape.Create([2, 3, 4]), x.Shape);
        Assert.Equal(3, x.Rank);
        Assert.Equal(24, x.Count);
        Assert.Equal(DType.Float64, x.DType);
        Assert.Same(Device.Cpu, x.Device);
        Assert.True(x.IsContiguous);
        Assert.False(x.Transpose().IsContiguous);
        Assert.False(x.RequiresGrad);
        Assert.Null(x.Grad);
    }

    [Fact]
    public void Arrays_of_any_rank_keep_their_shape_and_order()
    {
        Assert.Equal(Shape.Create([3]), Tensor.From(new[] { 1, 2, 3 }).Shape);
        Tensor matrix = Tensor.From(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal(Shape.Create([2, 3]), matrix.Shape);
        Assert.Equal([1.0, 2, 3, 4, 5, 6], matrix.ToArray<double>());
        var four = new float[2, 1, 3, 2];
        four[1, 0, 2, 1] = 9;
        Tensor tensor = Tensor.From(four);
        Assert.Equal(Shape.Create([2, 1, 3, 2]), tensor.Shape);
        Assert.Equal(9, tensor[1, 0, 2, 1].Item());
        Assert.Equal(Shape.Create([0, 3]), Tensor.From(new byte[0, 3]).Shape);
        Assert.Equal(DType.Bool, Tensor.From(new bool[1, 1]).DType);
        Assert.Equal(DType.Int64, Tensor.From(new long[1, 1, 1]).DType);
    }

    [Fact]
    public void Arrays_are_copied_in_both_directions()
    {
        double[] values = [1, 2];
        Tensor x = Tensor.From(values);
        values[0] = 9;
        Assert.Equal([1.0, 2], x.ToArray<double>());
        x.ToArray<double>()[1] = 9;
        Assert.Equal([1.0, 2], x.ToArray<double>());
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_errors()
    {
        Assert.Equal("A tensor can't hold Char; it holds float, double, int, long, byte or bool.", Assert.Throws<ArgumentException>(() => Tensor.From(['a'])).Message);
        Assert.StartsWith("A tensor can't hold Decimal", Assert.Throws<ArgumentException>(() => Tensor.From(new decimal[1, 1])).Message);
        Assert.StartsWith("A tensor can't hold String", Assert.Throws<ArgumentException>(() => Tensor.From((Array)new[] { "a" })).Message);
        Assert.StartsWith("A tensor can't hold Double[]", Assert.Throws<ArgumentException>(() => Tensor.From((Array)new double[][] { [1] })).Message);
        Assert.Equal("The array's indices don't start at 0.", Assert.Throws<ArgumentException>(() => Tensor.From(Array.CreateInstance(typeof(int), [2], [1]))).Message);
        Assert.Throws<ArgumentNullException>(() => Tensor.From((double[])null!));
        Assert.Throws<ArgumentNullException>(() => Tensor.From((Array)null!));
        Assert.Equal(
            "A tensor of shape [2, 2] has 4 elements, but 3 values were given.", Assert.Throws<ShapeException>(() => Tensor.From<float>([1f, 2, 3], [2, 2])).Message);
    }

    [Fact]
    public void Impossible_shapes_are_errors()
    {
        Assert.Equal("A shape can't have a negative size: [2, -1].", Assert.Throws<ShapeException>(() => Tensor.Zeros([2, -1])).Message);
        Assert.Contains("[65536, 65536]", Assert.Throws<ShapeException>(() => Tensor.Zeros([65536, 65536])).Message);
        Assert.Contains("[3, 2147483647, 2147483647]", Assert.Throws<ShapeException>(() => Tensor.Zeros([3, int.MaxValue, int.MaxValue])).Message);
        Assert.Equal(0, Tensor.Zeros([int.MaxValue, int.MaxValue, 0]).Count);
    }

    [Fact]
    public void Spans_go_in_and_out()
    {
        Span<int> values = stackalloc int[] { 5, 6, 7, 8 };
        Tensor x = Tensor.From((ReadOnlySpan<int>)values, [2, 2]);
        Span<int> back = new int[4];
        x.Transpose().CopyTo(back);
        Assert.Equal([5, 7, 6, 8], back.ToArray());
        Assert.Equal(
            "The destination has 3 elements, the tensor 4. (Parameter 'destination')", Assert.Throws<ArgumentException>(() => x.CopyTo(new int[3].AsSpan())).Message);
        Assert.Throws<DTypeException>(() => x.CopyTo(new float[4].AsSpan()));
    }

    [Fact]
    public void Elements_come_out_as_arrays()
    {
        Tensor x = Tensor.From(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal(new double[,] { { 1, 4 }, { 2, 5 }, { 3, 6 } }, x.Transpose().ToArray2D<double>());
        var cube = new double[1, 2, 3];
        x.Reshape(1, 2, 3).CopyTo((Array)cube);
        Assert.Equal(6, cube[0, 1, 2]);
        Assert.Equal("ToArray2D takes a tensor with two axes; this one has shape [6].", Assert.Throws<ShapeException>(() => x.Reshape(-1).ToArray2D<double>()).Message);
        Assert.Equal("The array has shape [1, 2, 3], the tensor [2, 3].", Assert.Throws<ShapeException>(() => x.CopyTo((Array)cube)).Message);
        Assert.Equal(
            "The array holds Float32, the tensor Float64. Convert first with To(DType.Float32).", Assert.Throws<DTypeException>(() => x.CopyTo((Array)new float[2, 3])).Message);
        Assert.Equal(
            "The tensor holds Float64, not Int32. Convert it first with To(DType.Int32).", Assert.Throws<DTypeException>(() => x.ToArray<int>()).Message);
    }

    [Fact]
    public void One_element_is_read_as_a_number()
    {
        Assert.Equal(2.5, Tensor.Scalar(2.5).Item());
        Assert.Equal(3, Tensor.From([3L]).Reshape(1, 1).Item());
        Assert.Equal(1, Tensor.From([true]).Item());
        Assert.Equal((byte)200, Tensor.From([(byte)200]).Item<byte>());
        Assert.Equal("Item() takes a tensor of one element; this one has shape [2].", Assert.Throws<ShapeException>(() => Tensor.Zeros([2]).Item()).Message);
        Assert.Throws<DTypeException>(() => Tensor.Scalar(1).Item<double>());
    }

    [Fact]
    public void Numerics_tensors_go_in_and_out()
    {
        Tensor<float> source = NumericTensor.Create([1f, 2, 3, 4, 5, 6], [2, 3]);
        Tensor x = Tensor.From(source);
        Assert.Equal(Shape.Create([2, 3]), x.Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], x.ToArray<float>());

        Tensor<float> back = x.Transpose().ToTensor<float>();
        Assert.Equal([3, 2], back.Lengths.ToArray());
        Assert.Equal(4, back[0, 1]);
        back[0, 1] = 9;
        Assert.Equal(4, x[1, 0].Item());
        Assert.Throws<DTypeException>(() => x.ToTensor<double>());
    }

    [Fact]
    public void Numerics_spans_of_any_layout_go_in()
    {
        double[] values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        var padded = new ReadOnlyTensorSpan<double>(values, [3, 2], [4, 1]);
        Tensor x = Tensor.From(padded);
        Assert.Equal(Shape.Create([3, 2]), x.Shape);
        Assert.Equal([0.0, 1, 4, 5, 8, 9], x.ToArray<double>());
        Assert.Equal([5.0, 6, 9, 10], Tensor.From(new ReadOnlyTensorSpan<double>(values, [3, 4], [4, 1]).Slice([1..3, 1..3])).ToArray<double>());
    }

    [Fact]
    public void Numerics_spans_are_filled()
    {
        Tensor x = Tensor.From([1L, 2, 3, 4], [2, 2]);
        var values = new long[6];
        var padded = new TensorSpan<long>(values, [2, 2], [3, 1]);
        x.CopyTo(padded);
        Assert.Equal([1, 2, 0, 3, 4, 0], values);
        Assert.Equal("The span's shape differs from the tensor's, [2, 2].", Assert.Throws<ShapeException>(() => x.CopyTo(new TensorSpan<long>(values, [3, 2], [2, 1]))).Message);
    }

    [Fact]
    public void Elements_are_replaced_in_place()
    {
        Tensor x = Tensor.Zeros([2, 2], DType.Float64);
        Tensor row = x[1];
        x.CopyFrom<double>([1, 2, 3, 4]);
        Assert.Equal([3.0, 4], row.ToArray<double>());
        x.Transpose().CopyFrom<double>([1, 2, 3, 4]);
        Assert.Equal([1.0, 3, 2, 4], x.ToArray<double>());
        x.CopyFrom(Tensor.From(new[] { 9, 8, 7, 6 }, [2, 2]));
        Assert.Equal([9.0, 8, 7, 6], x.ToArray<double>());
        x[.., 0].Fill(0.5);
        Assert.Equal([0.5, 8, 0.5, 6], x.ToArray<double>());
        Assert.Equal("3 values were given for 4 elements. (Parameter 'values')", Assert.Throws<ArgumentException>(() => x.CopyFrom<double>([1, 2, 3])).Message);
        Assert.Equal("Values of shape [4] can't replace those of a tensor of shape [2, 2].", Assert.Throws<ShapeException>(() => x.CopyFrom(Tensor.Zeros([4]))).Message);
        Assert.Throws<DTypeException>(() => x.CopyFrom<float>([1, 2, 3, 4]));
    }
}
