using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace MiniDeep.Tests.Tensors;

/// <summary>What a tensor looks like, in print and in a debugger.</summary>
public class TextTests
{
    public static TheoryData<string, string> Goldens => new()
    {
        { "scalar", "Tensor [] Float32 on cpu: 2.5" },
        { "vector", "Tensor [3] Float64 on cpu: [1, -0.333333, 1E+20]" },
        { "integers", "Tensor [2] Int64 on cpu: [9007199254740993, -1]" },
        { "bytes", "Tensor [2] UInt8 on cpu: [0, 255]" },
        { "truth", "Tensor [2] Bool on cpu: [true, false]" },
        { "not finite", "Tensor [3] Float32 on cpu: [NaN, Infinity, -Infinity]" },
        { "nothing", "Tensor [0] Float32 on cpu: []" },
        { "no columns", "Tensor [2, 0] Float32 on cpu:\n[[],\n []]" },
        { "matrix", "Tensor [2, 3] Float32 on cpu:\n[[0, 1, 2],\n [3, 4, 5]]" },
        { "transposed", "Tensor [3, 2] Float32 on cpu:\n[[0, 3],\n [1, 4],\n [2, 5]]" },
        { "cube", "Tensor [2, 1, 2] Int32 on cpu:\n[[[0, 1]],\n [[2, 3]]]" },
        { "8", "Tensor [8] Int32 on cpu: [0, 1, 2, 3, 4, 5, 6, 7]" },
        { "9", "Tensor [9] Int32 on cpu: [0, 1, 2, ..., 6, 7, 8]" },
        { "long", "Tensor [100, 10] Int32 on cpu:\n[[0, 1, 2, ..., 7, 8, 9],\n [10, 11, 12, ..., 17, 18, 19],\n [20, 21, 22, ..., 27, 28, 29],\n ...,\n"
            + " [970, 971, 972, ..., 977, 978, 979],\n [980, 981, 982, ..., 987, 988, 989],\n [990, 991, 992, ..., 997, 998, 999]]" },
    };

    [Theory]
    [MemberData(nameof(Goldens))]
    public void A_tensor_prints_its_kind_and_first_values(string name, string expected) => Assert.Equal(expected, Example(name).ToString());

    [Fact]
    public void Print_does_not_follow_the_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("fr-FR");
            Assert.Equal("Tensor [2] Float32 on cpu: [2.5, -1]", Tensor.From([2.5f, -1]).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Print_leaves_no_trace_in_the_graph()
    {
        Tensor x = Tensor.From([1.0, 2]);
        x.RequiresGrad = true;
        Tensor y = (x * 2).Sum();
        Assert.Equal("Tensor [] Float64 on cpu: 6", y.ToString());
        y.Backward();
        Assert.Equal("Tensor [2] Float64 on cpu: [2, 2]", x.Grad!.ToString());
    }

    [Fact]
    public void A_tensor_without_data_prints_its_kind() => Assert.Equal("Tensor [2, 3] Float32 on shapes", Tensor.Empty([2, 3], DType.Float32, Device.Shapes).ToString());

    [Fact]
    public void The_debugger_shows_a_line_and_a_view()
    {
        Tensor x = Tensor.Ones([2, 2], DType.Float64);
        Assert.Equal("{DebuggerText,nq}", typeof(Tensor).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);
        Assert.Equal("[2, 2] Float64 on cpu", typeof(Tensor).GetProperty("DebuggerText", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(x));
        Assert.StartsWith(typeof(TensorDebugView).FullName!, typeof(Tensor).GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName);
        var view = new TensorDebugView(x);
        Assert.Equal(Shape.Create([2, 2]), view.Shape);
        Assert.Equal(DType.Float64, view.DType);
        Assert.Equal("cpu", view.Device);
        Assert.False(view.RequiresGrad);
        Assert.Equal(x.ToString(), view.Values);
    }

    [Fact]
    public void A_shape_prints_its_sizes()
    {
        Assert.Equal("[28, 28, 1]", (Shape.Create([28, 28, 1])).ToString());
        Assert.Equal("[]", default(Shape).ToString());
    }

    private static Tensor Example(string name) => name switch
    {
        "scalar" => Tensor.Scalar(2.5),
        "vector" => Tensor.From([1, -1.0 / 3, 1e20]),
        "integers" => Tensor.From([9007199254740993, -1]),
        "bytes" => Tensor.From(new byte[] { 0, 255 }),
        "truth" => Tensor.From([true, false]),
        "not finite" => Tensor.From([float.NaN, float.PositiveInfinity, float.NegativeInfinity]),
        "nothing" => Tensor.Zeros([0]),
        "no columns" => Tensor.Zeros([2, 0]),
        "matrix" => Tensor.Range(6).Reshape(2, 3),
        "transposed" => Tensor.Range(6).Reshape(2, 3).Transpose(),
        "cube" => Tensor.Range(4, DType.Int32).Reshape(2, 1, 2),
        "long" => Tensor.Range(1000, DType.Int32).Reshape(100, 10),
        _ => Tensor.Range(int.Parse(name, CultureInfo.InvariantCulture), DType.Int32),
    };
}
