using System.Text;
using MiniDeep.Tests;

namespace MiniDeep.GpuTests;

/// <summary>The examples with --device, as programs. Their figures are float64, printed with four digits.</summary>
public class ExamplesTests
{
    [SkippableTheory]
    [InlineData("01-DeepNetworkFromScratch/DeepNetworkFromScratch", "--notebook", "--epochs", "301")]
    [InlineData("02-Momentum/Momentum", "--notebook", "moons", "--epochs", "401")]
    public void A_notebook_prints_on_the_device_what_it_prints_on_the_cpu(string example, params string[] arguments)
    {
        var under = new DeviceUnderTest();
        Skip.If(under.Missing is not null, under.Missing);
        string device = under.Device.Name.Split(':')[0];
        (int code, byte[] output, string error) = ExampleProcess.Run(example, [.. arguments, "--device", device]);
        Assert.True(code == 0, error);
        Assert.Equal(Encoding.UTF8.GetString(ExampleProcess.Run(example, arguments).Output), Encoding.UTF8.GetString(output));
    }

    [Fact]
    public void A_device_that_is_not_there_is_one_line_and_no_run()
    {
        if (Gpu.Devices.Any(static device => device.Kind == GpuKind.Cuda)) return;
        (int code, byte[] output, string error) = ExampleProcess.Run("02-Momentum/Momentum", ["--notebook", "random", "--device", "cuda", "--lang", "en"]);
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.StartsWith("Error: There is no Cuda device 0 here. Looked for CUDA devices through", error);
    }
}
