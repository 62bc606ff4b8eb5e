using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace MiniDeep.GpuTests;

/// <summary>A compiler that fails, with whatever exception, on whatever thread.</summary>
public sealed class PreparationFailureTests
{
    [Fact]
    public void A_failure_of_any_thread_reaches_the_caller()
    {
        using Context context = Context.Create(static builder => builder.CPU(new CPUDevice(4, 4, 1)));
        using Accelerator accelerator = context.Devices[0].CreateAccelerator(context);
        var driver = new DriverGuard("here");
        var preparation = new Preparation("here", new KernelLauncher(accelerator, default, driver, new DeviceMemory(accelerator, "here", driver)));
        for (int i = 0; i < 8; i++) preparation.Visit<SpoiledKernel, int>();
        Assert.Equal(SpoiledKernel.Message, Assert.Throws<NullReferenceException>(preparation.Run).Message);
    }

    private readonly struct SpoiledKernel : IKernel<int>
    {
        public const string Message = "ILGPU's own, after a kernel that it couldn't compile";

        public static int? GroupSize => throw new NullReferenceException(Message);

        public static void Run(int args)
        {
        }
    }
}
