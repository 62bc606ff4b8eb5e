using System.Globalization;
using System.Text;

namespace MiniDeep;

public partial class Tensor
{
    private string DebuggerText => $"{Shape} {DType} on {Device.Name}";

    /// <summary>Shape, dtype, device and the first values; a long axis shows its first and last three.</summary>
    public override string ToString()
    {
        if (_storage.Generation != _generation) return $"Tensor {Shape} (its training step has ended)";
        string head = $"Tensor {Shape} {DType} on {Device.Name}";
        return !Device.HasData ? head : $"{head}:{(Rank > 1 ? '\n' : ' ')}{TensorText.Values(this)}";
    }
}

/// <summary>Tensors in words.</summary>
internal static class TensorText
{
    private const int Edge = 3;
    private const int LongAxis = 8;

    public static string Values(Tensor tensor)
    {
        using (Tensor.NoGrad())
        {
            var text = new StringBuilder();
            Append(text, tensor.Detach().To(Device.Cpu), indent: 0);
            return text.ToString();
        }
    }

    private static void Append(StringBuilder text, Tensor tensor, int indent)
    {
        if (tensor.Rank == 0)
        {
            text.Append(Number(tensor));
            return;
        }
        int size = tensor.Shape[0];
        text.Append('[');
        bool shortened = size > LongAxis;
        for (int i = 0; i < size; i++)
        {
            if (shortened && i == Edge)
            {
                text.Append(tensor.Rank > 1 ? "...," : "..., ");
                if (tensor.Rank > 1) text.Append('\n').Append(' ', indent + 1);
                i = size - Edge;
            }
            Append(text, tensor[i], indent + 1);
            if (i == size - 1) continue;
            text.Append(tensor.Rank > 1 ? "," : ", ");
            if (tensor.Rank > 1) text.Append('\n').Append(' ', indent + 1);
        }
        text.Append(']');
    }

    private static string Number(Tensor scalar) => scalar.DType switch
    {
        DType.Float32 => scalar.Item<float>().ToString("G6", CultureInfo.InvariantCulture),
        DType.Float64 => scalar.Item<double>().ToString("G6", CultureInfo.InvariantCulture),
        DType.Bool => scalar.Item<bool>() ? "true" : "false",
        DType.Int64 => scalar.Item<long>().ToString(CultureInfo.InvariantCulture),
        _ => scalar.Item().ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>What a debugger shows of a tensor.</summary>
internal sealed class TensorDebugView(Tensor tensor)
{
    public Shape Shape => tensor.Shape;

    public DType DType => tensor.DType;

    public string Device => tensor.Device.Name;

    public bool RequiresGrad => tensor.RequiresGrad;

    public string Values => tensor.ToString();
}
