namespace MiniDeep.Tests;

/// <summary>ONNX's own checker accepts every file: Debian's python3-onnx, which <c>MINIDEEP_ONNX_CHECKER=required</c> makes a must.</summary>
public class CheckerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public void The_checker_accepts_every_file()
    {
        bool required = Environment.GetEnvironmentVariable("MINIDEEP_ONNX_CHECKER") == "required";
        Skip.If(!required && !HasChecker(), "There is no python3 with onnx on this machine (Debian: python3-onnx).");

        string folder = Directory.CreateTempSubdirectory("minideep-onnx-").FullName;
        try
        {
            int count = 0;
            void Export(Sequential model) => model.ExportOnnx(Path.Combine(folder, $"{count++:d3}.onnx"));
            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            {
                foreach (Func<DType, Sequential> create in Samples.Any.Values.Concat(Samples.Convolutional.Values)) Export(create(dtype));
            }
            for (int seed = 1; seed <= RandomNetworks.Count; seed++) Export(RandomNetworks.Draw(seed));
            Export(Exercises.DeepNetwork());
            Export(Exercises.Momentum());
            Export(Exercises.Cnn("swish"));

            ChildProcess.Result run = ChildProcess.Run(Python, folder, s_limit, environment: null, Repository.PathTo("tests/fixtures/onnx_check.py"), folder);
            Assert.True(run.ExitCode == 0, run.Output);
            Assert.Contains($"{count} right, 0 wrong", run.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // a Python of one's own, earlier on the path, need not see Debian's packages
    private static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private static bool HasChecker()
    {
        try
        {
            return ChildProcess.Run(Python, Path.GetTempPath(), s_limit, environment: null, "-c", "import onnx").ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
