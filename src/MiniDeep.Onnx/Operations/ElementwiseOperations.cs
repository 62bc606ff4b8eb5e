namespace MiniDeep;

/// <summary>The same elements in another buffer, perhaps stretched: the file needs no copy.</summary>
internal sealed record CopyOperation : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape) => inputs[0]!;
}

/// <summary>Another dtype.</summary>
internal sealed record CastOperation(DType To) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape) => Apply(graph, inputs[0]!, To);

    public static Form Apply(Lowering graph, Form x, DType to) => x.Known is { } known
        ? x with { DType = to, Known = known.To(to), KnownName = null }
        : x with { DType = to, Name = graph.Node("Cast", [x.Name], OnnxAttribute.Of("to", OnnxGraph.TypeOf(to))) };
}

/// <summary>A function of one operand.</summary>
internal sealed record UnaryOperation(UnaryKind Kind, double Alpha) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape) => Apply(graph, new FusedActivation(Kind, Alpha), inputs[0]!);

    public static Form Apply(Lowering graph, FusedActivation function, Form x) =>
        function.Kind == UnaryKind.Identity ? x : graph.Elementwise(names => Write(graph, function, names[0], x.DType), [x], x.DType);

    private static string Write(Lowering graph, FusedActivation function, string x, DType dtype)
    {
        return function.Kind switch
        {
            UnaryKind.Square => graph.Node("Mul", [x, x]),
            UnaryKind.Swish => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]),
            UnaryKind.LeakyRelu => WriteLeakyRelu(graph, function.Alpha, x, dtype),
            UnaryKind.Softplus => WriteSoftplus(graph, x, dtype),
            UnaryKind.AddScalar => WithAlpha("Add"),
            UnaryKind.MultiplyScalar => WithAlpha("Mul"),
            UnaryKind.PowScalar => WithAlpha("Pow"),
            UnaryKind.MaxScalar => WithAlpha("Max"),
            UnaryKind.MinScalar => WithAlpha("Min"),
            UnaryKind.Negate => graph.Node("Neg", [x]),
            UnaryKind.Abs or UnaryKind.Sign or UnaryKind.Sqrt or UnaryKind.Reciprocal or UnaryKind.Exp or UnaryKind.Log or UnaryKind.Sin or UnaryKind.Cos or UnaryKind.Tanh
                or UnaryKind.Sigmoid or UnaryKind.Relu or UnaryKind.Floor or UnaryKind.Not => graph.Node(Enum.GetName(function.Kind)!, [x]),
            _ => throw graph.Refused($"the operation {function.Kind} has no form in ONNX here."),
        };

        string WithAlpha(string type) => graph.Node(type, [x, graph.Scalar(function.Alpha, dtype)]);
    }

    /// <summary>ONNX's own holds alpha as a 32-bit float, and ONNX Runtime has it for those alone.</summary>
    private static string WriteLeakyRelu(Lowering graph, double alpha, string x, DType dtype)
    {
        if (dtype == DType.Float32) return graph.Node("LeakyRelu", [x], OnnxAttribute.Of("alpha", (float)alpha));
        string isPositive = graph.Node("Greater", [x, graph.Scalar(0, dtype)]);
        return graph.Node("Where", [isPositive, x, graph.Node("Mul", [x, graph.Scalar(alpha, dtype)])]);
    }

    /// <summary>max(0, x) + log(1 + e^-|x|), where ONNX Runtime has no kernel for ONNX's own: that has it for 32-bit floats alone.</summary>
    private static string WriteSoftplus(Lowering graph, string x, DType dtype)
    {
        if (dtype == DType.Float32) return graph.Node("Softplus", [x]);
        string small = graph.Node("Exp", [graph.Node("Neg", [graph.Node("Abs", [x])])]);
        return graph.Node("Add", [graph.Node("Relu", [x]), graph.Node("Log", [graph.Node("Add", [small, graph.Scalar(1, dtype)])])]);
    }
}

/// <summary>A function of two operands.</summary>
internal sealed record BinaryOperation(BinaryKind Kind) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form a = inputs[0]!, b = inputs[1]!;
        // ONNX orders numbers only
        if (a.DType == DType.Bool && Kind > BinaryKind.NotEqual) (a, b) = (CastOperation.Apply(graph, a, DType.Int32), CastOperation.Apply(graph, b, DType.Int32));
        return graph.Elementwise(names => Write(graph, names), [a, b], Kind >= BinaryKind.Equal ? DType.Bool : a.DType);
    }

    private string Write(Lowering graph, string[] names) => Kind switch
    {
        BinaryKind.Subtract => graph.Node("Sub", names),
        BinaryKind.Multiply => graph.Node("Mul", names),
        BinaryKind.Divide => graph.Node("Div", names),
        BinaryKind.NotEqual => graph.Node("Not", [graph.Node("Equal", names)]),
        BinaryKind.Add or BinaryKind.Pow or BinaryKind.Max or BinaryKind.Min or BinaryKind.Equal or BinaryKind.Less or BinaryKind.LessOrEqual or BinaryKind.Greater
            or BinaryKind.GreaterOrEqual => graph.Node(Enum.GetName(Kind)!, names),
        _ => throw graph.Refused($"the operation {Kind} has no form in ONNX here."),
    };
}

/// <summary>One of two operands, element by element.</summary>
internal sealed record SelectOperation : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape) =>
        graph.Elementwise(names => graph.Node("Where", names), [inputs[0]!, inputs[1]!, inputs[2]!], inputs[1]!.DType);
}
