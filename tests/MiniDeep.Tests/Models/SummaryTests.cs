using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Models;

public sealed class SummaryTests
{
    private static string Of(Model model)
    {
        var output = new StringWriter { NewLine = "\n" };
        model.Summary(output);
        return output.ToString();
    }

    [Fact]
    public void Exercise_3()
    {
        Sequential model = new Sequential(inputShape: [28, 28, 1], name: "digits")
            .Conv2D(16, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
            .MaxPool2D(2)
            .Conv2D(32, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
            .MaxPool2D(2)
            .Flatten()
            .Dense(128, Activation.ReLU)
            .Dense(10, Activation.Softmax);
        model.Layers[0].Trainable = false;

        Assert.Equal(
            """
            Model 'digits', Float32 on cpu
            Layer (type)             │ Output shape        │ Parameters
            ─────────────────────────┼─────────────────────┼───────────
            conv2d (Conv2D)          │ [batch, 28, 28, 16] │        160
            max_pool2d (MaxPool2D)   │ [batch, 14, 14, 16] │          0
            conv2d_1 (Conv2D)        │ [batch, 14, 14, 32] │      4,640
            max_pool2d_1 (MaxPool2D) │ [batch, 7, 7, 32]   │          0
            flatten (Flatten)        │ [batch, 1568]       │          0
            dense (Dense)            │ [batch, 128]        │    200,832
            dense_1 (Dense)          │ [batch, 10]         │      1,290
            ─────────────────────────┼─────────────────────┼───────────
            Total parameters: 206,922 (808.3 KB)
            Trainable: 206,762, frozen: 160

            """,
            Of(model));
    }

    [Fact]
    public void Before_it_is_built_and_empty()
    {
        Assert.Contains("dense (Dense) │ ?            │          ?", Of(new Sequential().Dense(2)));
        Assert.Contains("Total parameters: 0 (0.0 KB)", Of(Nets.Empty()));
    }

    [Fact]
    public void A_layer_used_twice_counts_once_in_the_total()
    {
        var shared = new Dense(4);
        string text = Of(Nets.Empty().Add(shared).Add(shared));
        Assert.Equal(2, text.Split('\n').Count(static line => line.EndsWith("│         20", StringComparison.Ordinal)));
        Assert.Contains("Total parameters: 20 (", text);
    }
}
