namespace MiniDeep.Tests.Tensors;

/// <summary>Broadcasting, comparisons, choices and the integer dtypes.</summary>
public class ArithmeticTests
{
    [Fact]
    public void Shapes_are_stretched_as_in_NumPy()
    {
        Tensor column = Tensor.From([1.0, 2], [2, 1]), row = Tensor.From([10.0, 20, 30]);
        Assert.Equal(new double[,] { { 11, 21, 31 }, { 12, 22, 32 } }, (column + row).ToArray2D<double>());
        Assert.Equal(Shape.Create([4, 2, 3]), (Tensor.Zeros([4, 1, 1]) * Tensor.Zeros([2, 3])).Shape);
        Assert.Equal(Shape.Create([0, 3]), (Tensor.Zeros([0, 1]) + Tensor.Zeros([3])).Shape);
        Assert.Equal(Shape.Create([0]), (Tensor.Zeros([0]) + Tensor.Zeros([1])).Shape);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_errors()
    {
        Assert.Equal(
            "Add: shapes [2, 3] and [4, 3] don't fit together: aligned at the last axis, sizes must be equal or one of them 1, but 2 meets 4.",
            Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]) + Tensor.Zeros([4, 3])).Message);
        Assert.Equal(
            "Greater: shapes [3] and [2, 2] don't fit together: aligned at the last axis, sizes must be equal or one of them 1, but 3 meets 2.",
            Assert.Throws<ShapeException>(() => Tensor.Zeros([3]) > Tensor.Zeros([2, 2])).Message);
        Assert.StartsWith("Multiply: shapes [0] and [2]", Assert.Throws<ShapeException>(() => Tensor.Zeros([0]) * Tensor.Zeros([2])).Message);
        Assert.StartsWith("MatMul: shapes [2, 3] and [2, 3] don't fit together", Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]).MatMul(Tensor.Zeros([2, 3]))).Message);
        Assert.StartsWith("MatMul: a scalar has no axis to sum over", Assert.Throws<ShapeException>(() => Tensor.Scalar(1).MatMul(Tensor.Zeros([2]))).Message);
    }

    [Fact]
    public void Dtypes_that_do_not_fit_are_errors()
    {
        Assert.Equal(
            "Add: one tensor holds Float32 ([2]) and the other Float64 ([2]). Convert one first, for example with To(DType.Float32).",
            Assert.Throws<DTypeException>(() => Tensor.Zeros([2]) + Tensor.Zeros([2], DType.Float64)).Message);
        Assert.Equal(
            "Multiply: one tensor holds Int32 ([2]) and the other Float32 ([]). Convert one first, for example with To(DType.Float32).",
            Assert.Throws<DTypeException>(() => Tensor.From([1, 2]) * Tensor.Scalar(1)).Message);
        Assert.StartsWith("Add doesn't take Bool", Assert.Throws<DTypeException>(() => Tensor.From([true]) + Tensor.From([true])).Message);
        Assert.StartsWith("Exp doesn't take Int32 (a tensor of shape [2])", Assert.Throws<DTypeException>(() => Tensor.From([1, 2]).Exp()).Message);
        Assert.StartsWith("MatMul takes two float tensors", Assert.Throws<DTypeException>(() => Tensor.From([1, 2]).MatMul(Tensor.From([1, 2]))).Message);
        Assert.StartsWith("Mean doesn't take Int32", Assert.Throws<DTypeException>(() => Tensor.From([1, 2]).Mean()).Message);
        Assert.StartsWith("Sum doesn't take Bool", Assert.Throws<DTypeException>(() => Tensor.From([true]).Sum()).Message);
        Assert.StartsWith("Softmax takes floats, not Int32", Assert.Throws<DTypeException>(() => Tensor.From([1, 2]).Softmax()).Message);
    }

    [Fact]
    public void Comparisons_give_truth_values()
    {
        Tensor a = Tensor.From([1.0, 2, double.NaN]), b = Tensor.From([1.0, 3, double.NaN]);
        Assert.Equal([true, false, false], a.EqualTo(b).ToArray<bool>());
        Assert.Equal([false, true, true], a.NotEqualTo(b).ToArray<bool>());
        Assert.Equal([false, true, false], (a < b).ToArray<bool>());
        Assert.Equal([true, true, false], (a <= b).ToArray<bool>());
        Assert.Equal([false, false, false], (a > b).ToArray<bool>());
        Assert.Equal([true, false, false], (a >= b).ToArray<bool>());
        Assert.Equal([false, true, false], (a > 1).ToArray<bool>());
        Assert.Equal([true, false, true], (!(a >= 2)).ToArray<bool>());
        Assert.Equal([true, false], Tensor.From([true, false]).EqualTo(Tensor.From([true, true])).ToArray<bool>());
        Assert.Equal(Shape.Create([2, 3]), (Tensor.Zeros([2, 1]) < Tensor.Zeros([3])).Shape);
        Assert.Throws<DTypeException>(() => !Tensor.Zeros([1]));
    }

    /// <summary>0.5 as an integer is 0, and 300 as a byte 44.</summary>
    [Fact]
    public void Integers_are_compared_with_fractions_and_large_numbers_as_they_are()
    {
        Tensor x = Tensor.From([-1, 0, 1]);
        Assert.Equal([false, false, true], (x > 0.5).ToArray<bool>());
        Assert.Equal([false, false, true], (x >= 0.5).ToArray<bool>());
        Assert.Equal([true, true, false], (x < 0.5).ToArray<bool>());
        Assert.Equal([true, false, false], (x <= -0.5).ToArray<bool>());
        Assert.Equal([true, true, true], (x < 1e10).ToArray<bool>());
        Tensor bytes = Tensor.From(new byte[] { 0, 44, 255 });
        Assert.Equal([true, true, true], (bytes > -1).ToArray<bool>());
        Assert.Equal([true, true, true], (bytes < 300).ToArray<bool>());
        Assert.Equal([false, true], (Tensor.From([false, true]) > 0.5).ToArray<bool>());
    }

    [Fact]
    public void Where_chooses()
    {
        Tensor x = Tensor.From([-1.0, 2, -3]);
        Assert.Equal([0.0, 2, 0], Tensor.Where(x > 0, x, Tensor.Scalar(0, DType.Float64)).ToArray<double>());
        Assert.Equal([1, 5], Tensor.Where(Tensor.From([true, false]), Tensor.From([1, 2]), Tensor.From([4, 5])).ToArray<int>());
        Assert.Equal("Where: the condition holds Float64, not Bool. Compare first, for example x > 0.", Assert.Throws<DTypeException>(() => Tensor.Where(x, x, x)).Message);
        Assert.Equal(
            "Where: one choice holds Float64 and the other Float32.", Assert.Throws<DTypeException>(() => Tensor.Where(x > 0, x, Tensor.Zeros([3]))).Message);
        Assert.StartsWith("Where: shapes [2] and [3]", Assert.Throws<ShapeException>(() => Tensor.Where(Tensor.From([true, false]), x, x)).Message);
    }

    [Theory]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    public void Integers_compute_as_integers(DType dtype)
    {
        Tensor a = Tensor.From([7, -7, 0]).To(dtype), b = Tensor.From([2, 2, -3]).To(dtype);
        AssertValues([9, -5, -3], a + b);
        AssertValues([5, -9, 3], a - b);
        AssertValues([14, -14, 0], a * b);
        AssertValues([3, -3, 0], a / b);
        AssertValues([7, 2, 0], a.Maximum(b));
        AssertValues([2, -7, -3], a.Minimum(b));
        AssertValues([10, -4, 3], a + 3);
        AssertValues([-14, 14, 0], a * -2);
        AssertValues([-7, 7, 0], -a);
        AssertValues([7, 7, 0], a.Abs());
        AssertValues([1, -1, 0], a.Sign());
        AssertValues([49, 49, 0], a.Square());
        AssertValues([0], a.Sum());
        AssertValues([7], a.Max());
        AssertValues([-7], a.Min());
        Assert.Equal(0L, a.ArgMax().Item<long>());
        Assert.Equal(1L, a.ArgMin().Item<long>());

        void AssertValues(long[] expected, Tensor actual)
        {
            Assert.Equal(dtype, actual.DType);
            Assert.Equal(expected, actual.To(DType.Int64).ToArray<long>());
        }
    }

    [Fact]
    public void Integers_and_fractions_do_not_mix()
    {
        Tensor x = Tensor.From([1, 2]);
        Assert.Equal(
            "MultiplyScalar: 0.5 can't be combined with Int32 (a tensor of shape [2]). Convert the tensor first, for example with To(DType.Float32).",
            Assert.Throws<DTypeException>(() => x * 0.5).Message);
        Assert.Throws<DTypeException>(() => x + 0.5);
        Assert.Throws<DTypeException>(() => x / 2);
        Assert.Throws<DTypeException>(() => 1 / x);
        Assert.Throws<DTypeException>(() => Tensor.From([(byte)1]) + 1);
    }

    [Fact]
    public void Conversions_truncate_and_test()
    {
        Tensor x = Tensor.From([-1.7, 0, 0.4, 2.9]);
        Assert.Equal([-1, 0, 0, 2], x.To(DType.Int32).ToArray<int>());
        Assert.Equal([true, false, true, true], x.To(DType.Bool).ToArray<bool>());
        Assert.Equal([1f, 0], Tensor.From([true, false]).To(DType.Float32).ToArray<float>());
        Assert.Equal([255.0, 0], Tensor.From(new byte[] { 255, 0 }).To(DType.Float64).ToArray<double>());
        Assert.Equal([1L << 40], Tensor.From([1L << 40]).To(DType.Float64).To(DType.Int64).ToArray<long>());
        Assert.Same(x, x.To(DType.Float64));
    }

    [Fact]
    public void Reductions_take_axes_from_either_end()
    {
        Tensor x = Tensor.From(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal([5.0, 7, 9], x.Sum(0).ToArray<double>());
        Assert.Equal([2.0, 5], x.Mean(-1).ToArray<double>());
        Assert.Equal(Shape.Create([2, 1]), x.Max([1], keepDims: true).Shape);
        Assert.Equal(21, x.Sum().Item());
        Assert.Equal(21, x.Sum(0, 1).Item());
        Assert.Equal(Shape.Create([1, 1]), x.Sum([], keepDims: true).Shape);
        Assert.Equal([1L, 1, 1], x.ArgMax(0).ToArray<long>());
        Assert.Equal(Shape.Create([2, 1]), x.ArgMin(keepDims: true).Shape);
        Assert.Equal([0.0, 0], Tensor.Zeros([2, 0], DType.Float64).Sum(1).ToArray<double>());
        Assert.True(double.IsNaN(Tensor.Zeros([0]).Mean().Item()));
    }

    [Fact]
    public void Reductions_of_wrong_axes_are_errors()
    {
        Tensor x = Tensor.Zeros([2, 3]);
        Assert.Equal("Sum: there is no axis 2 in shape [2, 3].", Assert.Throws<ShapeException>(() => x.Sum(2)).Message);
        Assert.Equal("Mean: axis -1 of shape [2, 3] is named twice.", Assert.Throws<ShapeException>(() => x.Mean(1, -1)).Message);
        Assert.Equal("Max: there is nothing to choose from in a tensor of shape [0, 3].", Assert.Throws<ShapeException>(() => Tensor.Zeros([0, 3]).Max(0)).Message);
        Assert.Equal("ArgMax: axis 0 of shape [0, 3] has no element to choose.", Assert.Throws<ShapeException>(() => Tensor.Zeros([0, 3]).ArgMax(0)).Message);
        Assert.Equal("ArgMin: there is no axis 0 in shape [].", Assert.Throws<ShapeException>(() => Tensor.Scalar(1).ArgMin(0)).Message);
        Assert.Equal("Softmax: there is no axis 2 in shape [2, 3].", Assert.Throws<ShapeException>(() => x.Softmax(2)).Message);
    }

    [Fact]
    public void Devices_that_differ_are_errors()
    {
        Tensor here = Tensor.Zeros([2]), there = Tensor.Zeros([2], device: Gradients.UnfusedBackend.Other);
        Assert.Equal("Add: one tensor is on cpu ([2]) and the other on other ([2]). Move one with To(device).", Assert.Throws<DeviceException>(() => here + there).Message);
        Assert.Equal("MatMul: one tensor is on other ([2]) and the other on cpu ([2]). Move one with To(device).", Assert.Throws<DeviceException>(() => there.MatMul(here)).Message);
        Assert.Equal([0f, 0], (here + there.To(Device.Cpu)).ToArray<float>());
    }
}
