using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace MiniDeep.GpuTests;

/// <summary>
/// Every kernel becomes PTX, without a card. <c>MINIDEEP_PTX_FOLDER</c> keeps the files, for tests/ptx.sh to assemble.
/// </summary>
public sealed partial class PtxTests
{
    /// <summary>How many kernels there are at least: one float type, with those of no float type.</summary>
    private const int FewestKernels = 40;

    private static readonly string? s_folder = Environment.GetEnvironmentVariable("MINIDEEP_PTX_FOLDER") is { Length: > 0 } folder ? folder : null;

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Every_kernel_becomes_ptx(DType dtype)
    {
        using Context context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2));
        // ILGPU asks for no newer architecture than this one, also on newer cards
        using var backend = new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_84, null);
        var emitter = new Emitter(backend);
        KernelCatalog.Visit(emitter, dtype);
        Assert.True(emitter.Emitted.Count >= FewestKernels, $"Only {emitter.Emitted.Count} kernels are in the catalogue.");
        foreach ((string kernel, string ptx) in emitter.Emitted)
        {
            Assert.Contains(".entry", ptx, StringComparison.Ordinal);
            Assert.Contains(".target sm_80", ptx, StringComparison.Ordinal);
            Assert.InRange(SharedArray().Matches(ptx).Sum(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)), 0, ProductTile.SharedBytes);
            if (s_folder is not null) File.WriteAllText(Path.Combine(s_folder, $"{kernel}.{dtype}.ptx"), ptx);
        }
    }

    [Fact]
    public void The_catalogue_has_every_kernel()
    {
        var seen = new Collector();
        KernelCatalog.Visit(seen, null);
        IEnumerable<string> all = typeof(KernelCatalog).Assembly.GetTypes()
            .Where(static type => type.GetInterfaces().Any(static face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IKernel<>))).Select(static type => type.Name);
        Assert.Equal(all.Order(), seen.Names.Order());
    }

    [GeneratedRegex(@"\.shared .*\[(\d+)\];")]
    private static partial Regex SharedArray();

    private sealed class Collector : IKernelVisitor
    {
        public HashSet<string> Names { get; } = [];

        public void Visit<TKernel, TArgs>()
            where TKernel : struct, IKernel<TArgs>
            where TArgs : struct => Names.Add(typeof(TKernel).Name);
    }

    private sealed class Emitter(PTXBackend backend) : IKernelVisitor
    {
        public Dictionary<string, string> Emitted { get; } = [];

        public void Visit<TKernel, TArgs>()
            where TKernel : struct, IKernel<TArgs>
            where TArgs : struct
        {
            MethodInfo run = ((Action<TArgs>)TKernel.Run).Method;
            var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(run), new KernelSpecialization(TKernel.GroupSize, TKernel.GroupsAtOnce));
            Emitted.Add(Name(typeof(TKernel)), compiled.PTXAssembly);
        }

        private static string Name(Type type) => type.Name.Split('`')[0] + string.Concat(type.GetGenericArguments().Select(argument => "-" + Name(argument)));
    }
}
