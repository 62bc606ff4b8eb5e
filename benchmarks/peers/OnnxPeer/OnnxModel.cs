using System.Runtime.InteropServices;
using System.Text;

namespace MiniDeep.Peers;

/// <summary>Writes exercise 3's network (ReLU) as an ONNX file from MiniDeep's weights: the few protobuf fields of ONNX's ModelProto (opset 13) that it takes.</summary>
internal static class OnnxModel
{
    /// <param name="weights">All weights in MiniDeep's order and layout: kernels [height, width, in, out], matrices [in, out], images flattened with the channels last.</param>
    public static byte[] Write(float[] weights)
    {
        var graph = new Message();
        int at = 0;
        void Weight(string name, long[] dims, int[] sizes, int[] order)
        {
            float[] values = Permute(weights.AsSpan(at, (int)dims.Aggregate(1L, (a, b) => a * b)), sizes, order);
            at += values.Length;
            graph.Sub(5, new Message().Numbers(1, dims).Number(2, 1).Text(8, name).Bytes(9, MemoryMarshal.AsBytes<float>(values)));
        }
        Weight("w1", [16, 1, 3, 3], [3, 3, 1, 16], [3, 2, 0, 1]);
        Weight("b1", [16], [16], [0]);
        Weight("w2", [32, 16, 3, 3], [3, 3, 16, 32], [3, 2, 0, 1]);
        Weight("b2", [32], [32], [0]);
        Weight("w3", [1568, 128], [7, 7, 32, 128], [2, 0, 1, 3]);
        Weight("b3", [128], [128], [0]);
        Weight("w4", [128, 10], [128, 10], [0, 1]);
        Weight("b4", [10], [10], [0]);

        void Node(string type, string output, string[] inputs, params Message[] attributes)
        {
            var node = new Message();
            foreach (string input in inputs) node.Text(1, input);
            node.Text(2, output).Text(3, output).Text(4, type);
            foreach (Message attribute in attributes) node.Sub(5, attribute);
            graph.Sub(1, node);
        }
        static Message Integers(string name, params long[] values)
        {
            Message attribute = new Message().Text(1, name);
            foreach (long value in values) attribute.Number(8, value);
            return attribute.Number(20, 7);
        }
        static Message Integer(string name, long value) => new Message().Text(1, name).Number(3, value).Number(20, 2);
        for (int block = 1; block <= 2; block++)
        {
            string x = block == 1 ? "images" : "p1";
            Node("Conv", $"c{block}", [x, $"w{block}", $"b{block}"], Integers("kernel_shape", 3, 3), Integers("pads", 1, 1, 1, 1));
            Node("Relu", $"r{block}", [$"c{block}"]);
            Node("MaxPool", $"p{block}", [$"r{block}"], Integers("kernel_shape", 2, 2), Integers("strides", 2, 2));
        }
        Node("Flatten", "flat", ["p2"], Integer("axis", 1));
        Node("Gemm", "h", ["flat", "w3", "b3"]);
        Node("Relu", "r3", ["h"]);
        Node("Gemm", "logits", ["r3", "w4", "b4"]);
        Node("Softmax", "probabilities", ["logits"], Integer("axis", 1));
        graph.Text(2, "cnn").Sub(11, Value("images", 1, 28, 28)).Sub(12, Value("probabilities", 10));
        return new Message().Number(1, 7).Sub(7, graph).Sub(8, new Message().Text(1, "").Number(2, 13)).ToArray();
    }

    /// <summary>A float tensor with a free batch axis in front.</summary>
    private static Message Value(string name, params long[] sizes)
    {
        Message shape = new Message().Sub(1, new Message().Text(2, "batch"));
        foreach (long size in sizes) shape.Sub(1, new Message().Number(1, size));
        return new Message().Text(1, name).Sub(2, new Message().Sub(1, new Message().Number(1, 1).Sub(2, shape)));
    }

    private static float[] Permute(ReadOnlySpan<float> values, int[] sizes, int[] order)
    {
        var result = new float[values.Length];
        var index = new int[sizes.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int rest = i;
            for (int axis = order.Length - 1; axis >= 0; axis--) (rest, index[order[axis]]) = Math.DivRem(rest, sizes[order[axis]]);
            int from = 0;
            for (int axis = 0; axis < sizes.Length; axis++) from = (from * sizes[axis]) + index[axis];
            result[i] = values[from];
        }
        return result;
    }

    /// <summary>A protobuf message.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public Message Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Numbers(int field, long[] values)
        {
            foreach (long value in values) Number(field, value);
            return this;
        }

        public Message Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Message Sub(int field, Message value) => Bytes(field, value.ToArray());

        public Message Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.Write(value);
            return this;
        }

        public byte[] ToArray() => _bytes.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
            _bytes.WriteByte((byte)value);
        }
    }
}
