namespace MiniDeep.Tests;

/// <summary>The layer of README.md.</summary>
internal sealed class GatedUnit(int units) : Layer
{
    private Parameter _value = null!, _gate = null!;

    protected override Shape Build(Shape input)
    {
        _value = AddWeight("value", [input[^1], units], Initializer.GlorotUniform);
        _gate = AddWeight("gate", [input[^1], units], Initializer.GlorotUniform);
        return input.WithLast(units);
    }

    protected override Tensor Forward(Tensor x, bool training) => x.MatMul(_value) * x.MatMul(_gate).Sigmoid();
}

/// <summary>A function of tensors as a layer.</summary>
internal sealed class Lambda(Func<Tensor, Tensor> function) : Layer
{
    protected override Tensor Forward(Tensor x, bool training) => function(x);
}

/// <summary>x + f(x), with layers in fields.</summary>
internal sealed class Residual(int filters) : Layer
{
    private readonly Conv2D _first = new(filters, 3, Padding.Same, Activation.ReLU), _second = new(filters, 3, Padding.Same);

    protected override Tensor Forward(Tensor x, bool training) => (x + _second.Call(_first.Call(x, training), training)).ReLU();
}

/// <summary>Channels weighted by what the whole image holds (Hu, Shen and Sun 2018).</summary>
internal sealed class SqueezeAndExcite(int hidden) : Layer
{
    private readonly Dense _squeeze = new(hidden, Activation.ReLU);
    private Dense _excite = null!;

    protected override Shape Build(Shape input)
    {
        _excite = new Dense(input[^1], Activation.Sigmoid);
        return base.Build(input);
    }

    protected override Tensor Forward(Tensor x, bool training)
    {
        Tensor gates = _excite.Call(_squeeze.Call(x.Mean(1, 2), training), training);
        return x * gates.Reshape(x.Shape[0], 1, 1, x.Shape[3]);
    }
}

/// <summary>Attention with one head over [batch, steps, features] (Vaswani et al. 2017).</summary>
internal sealed class Attention(int size) : Layer
{
    private Parameter _query = null!, _key = null!, _value = null!;

    protected override Shape Build(Shape input)
    {
        _query = AddWeight("query", [input[^1], size], Initializer.GlorotUniform);
        _key = AddWeight("key", [input[^1], size], Initializer.GlorotUniform);
        _value = AddWeight("value", [input[^1], size], Initializer.GlorotUniform);
        return input.WithLast(size);
    }

    protected override Tensor Forward(Tensor x, bool training)
    {
        Tensor scores = x.MatMul(_query).MatMul(x.MatMul(_key).Transpose(0, 2, 1)) / Math.Sqrt(size);
        return scores.Softmax().MatMul(x.MatMul(_value));
    }
}

/// <summary>Several heads: axes reshaped and transposed.</summary>
internal sealed class Heads(int count) : Layer
{
    private Parameter _weights = null!;

    protected override Shape Build(Shape input)
    {
        _weights = AddWeight("weights", [input[^1], input[^1]], Initializer.GlorotUniform);
        return input;
    }

    protected override Tensor Forward(Tensor x, bool training)
    {
        (int batch, int steps, int size) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        Tensor heads = x.MatMul(_weights).Reshape(batch, steps, count, size / count).Transpose(0, 2, 1, 3);
        Tensor mixed = heads.MatMul(heads.Transpose(0, 1, 3, 2)).Softmax(axis: 2).MatMul(heads);
        return mixed.Transpose(0, 2, 1, 3).Reshape(batch, steps, size);
    }
}

/// <summary>Rows of a table, picked by rounded inputs.</summary>
internal sealed class Embedding(int count, int size) : Layer
{
    private Parameter _table = null!;

    protected override Shape Build(Shape input)
    {
        _table = AddWeight("table", [count, size], Initializer.Uniform(-1, 1));
        return Shape.Create([.. input.Sizes, size]);
    }

    protected override Tensor Forward(Tensor x, bool training) => _table.Gather(((x.Abs() * 2).Floor()).To(DType.Int64));
}
