using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace MiniDeep.Tests;

/// <summary>What docs/onnx.md shows is what runs here.</summary>
public partial class GuideTests
{
    [Fact]
    public void The_guides_program_runs()
    {
        string folder = Directory.CreateTempSubdirectory("minideep-onnx-").FullName, before = Environment.CurrentDirectory;
        Sequential model = new Sequential([28, 28, 1], seed: 1).Conv2D(4, 3).Flatten().Dense(10, Activation.Softmax);
        Tensor images = OnnxFile.Draw([5, 28, 28, 1], DType.Float32, 1);
        try
        {
            Environment.CurrentDirectory = folder;
            // guide
            model.ExportOnnx("digits.onnx");
            // end guide

            // guide
            using var session = new InferenceSession("digits.onnx");
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(images.ToArray<float>(), [images.Shape[0], 28, 28, 1]);
            using var options = new RunOptions();
            using var outputs = session.Run(options, ["input"], [input], ["output"]);
            ReadOnlySpan<float> probabilities = outputs[0].GetTensorDataAsSpan<float>();
            // end guide

            float[] expected = model.Predict(images).ToArray<float>();
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], probabilities[i], 1e-5);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_block_of_the_guide_is_a_part_of_it()
    {
        string source = File.ReadAllText(Repository.PathTo("tests/MiniDeep.Onnx.Tests/GuideTests.cs"));
        string[] run = [.. Guide().Matches(source).Select(static match => Indentation().Replace(match.Groups["code"].Value, ""))];
        string[] shown = [.. Block().Matches(File.ReadAllText(Repository.PathTo("docs/onnx.md"))).Select(static match => match.Groups["code"].Value)];

        Assert.Equal(2, shown.Length);
        Assert.Equal(run, shown);
    }

    [GeneratedRegex(@"^ +// guide\n(?<code>.*?)^ +// end guide$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Guide();

    [GeneratedRegex("^ {12}", RegexOptions.Multiline)]
    private static partial Regex Indentation();

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
