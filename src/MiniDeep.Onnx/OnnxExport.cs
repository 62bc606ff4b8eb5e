namespace MiniDeep;

/// <summary>
/// Writes models as ONNX files (opset 17, IR version 8), for ONNX Runtime and everything else that reads them. The model is run without data, and every operation that its layers call is
/// written down: built-in layers, nested models and layers of one's own alike.
/// </summary>
/// <remarks>
/// The file has one input, <c>input</c>, and one output, <c>output</c>, of the shapes and the dtype of Predict; the first axis, <c>batch</c>, is of any size. Weights go by their names in the
/// model, and nodes by their layer's. Images come channels last, as everywhere in MiniDeep, and are turned once: between the layers they have their channels first, as ONNX wants them, so kernels
/// are stored [out, in, height, width], and the rows of a Dense after a Flatten of images in the order of its flattened channels-first images. Layers are in their inference form: dropout passes
/// everything on.
/// </remarks>
public static class OnnxExport
{
    /// <summary>The name of a file's input.</summary>
    public const string InputName = "input";

    /// <summary>The name of a file's output.</summary>
    public const string OutputName = "output";

    /// <summary>Writes the model to an ONNX file. It appears whole or not at all.</summary>
    /// <param name="model">A built model.</param>
    /// <param name="path">The file, in a folder that exists.</param>
    /// <exception cref="OnnxExportException">A layer does what ONNX has no word for; the message says which and what. No file is written.</exception>
    /// <exception cref="ModelStateException">The model isn't built.</exception>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public static void ExportOnnx(this Model model, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ProtoMessage file = Export(model);
        AtomicFile.Write(path, file.WriteTo);
    }

    /// <summary>Writes the model as an ONNX file to a stream, which stays open.</summary>
    /// <param name="model">A built model.</param>
    /// <param name="stream">Takes the bytes.</param>
    /// <exception cref="OnnxExportException">A layer does what ONNX has no word for; the message says which and what. Nothing is written.</exception>
    /// <exception cref="ModelStateException">The model isn't built.</exception>
    public static void ExportOnnx(this Model model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Export(model).WriteTo(stream);
    }

    /// <summary>What the file will hold.</summary>
    internal static OnnxGraph GraphOf(Model model) => Lowering.Lower(model, TracePair.Of(model));

    private static ProtoMessage Export(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.CheckHasWeights();
        ProtoMessage file = GraphOf(model).ToMessage(model.Name);
        return file.Size <= int.MaxValue
            ? file
            : throw new OnnxExportException($"{LayerError.Name(model)} can't be exported to ONNX: the file would have {file.Size:N0} bytes, and a protobuf message ends at {int.MaxValue:N0}.");
    }
}
