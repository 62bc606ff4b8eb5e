using Microsoft.CodeAnalysis.CSharp;

namespace MiniDeep.Tests;

/// <summary>The rules see what they should, on made-up sources.</summary>
public class HouseRulesTests
{
    private static readonly SourceFile[] _tree =
    [
        new("Shape.cs", "namespace MiniDeep; public readonly struct Shape;"),
        new("Device.cs", "namespace MiniDeep; public sealed class Device { internal IBackend Backend { get; } = new CpuBackend(); }"),
        new("Tensor.cs",
            "namespace MiniDeep; public sealed partial class Tensor { public Device Device => null!; public Storage Storage => null!; internal "
            + "List<Storage[]> All => []; internal void Set(Storage x) { } }"),
        new("Tensor.Math.cs", "namespace MiniDeep; public partial class Tensor { public Tensor Flatten() => FlattenOp.Run(this); }"),
        new("Backends/IBackend.cs", "namespace MiniDeep; public interface IBackend { void Unary(UnaryKind kind, Shape shape); }"),
        new("Backends/Kinds.cs",
            "namespace MiniDeep; public enum UnaryKind { Exp, Flatten, Dense } public readonly record struct FusedActivation(UnaryKind "
            + "Kind);"),
        new("Backends/Storage.cs", "namespace MiniDeep; public sealed class Storage { public float this[int i] => i; }"),
        new("Backends/ShapeBackend.cs",
            "namespace MiniDeep; internal sealed class ShapeBackend : IBackend { public void Unary(UnaryKind kind, Shape shape) { } "
            + "}"),
        new("Backends/Cpu/CpuBackend.cs",
            "namespace MiniDeep; internal sealed class CpuBackend : IBackend { public void Unary(UnaryKind kind, Shape shape) { } "
            + "}"),
        new("Memory/Pool.cs", "namespace MiniDeep; internal sealed class Pool { Storage Rent(IBackend backend) => new(); }"),
        new("Ops/FlattenOp.cs",
            "namespace MiniDeep; internal static class FlattenOp { public static Tensor Run(Tensor x) { x.Device.Backend.Unary(default, "
            + "default); return x; } }"),
        new("Activations/Activation.cs", "namespace MiniDeep; public readonly struct Activation { internal FusedActivation Fused => new(UnaryKind.Exp); }"),
        new("Layers/Layer.cs", "namespace MiniDeep; public abstract class Layer { public Tensor Call(Tensor x) => x; public class Part; }"),
        new("Layers/Flatten.cs", "namespace MiniDeep; public sealed class Flatten : Layer;"),
        new("Layers/Dense.cs",
            "namespace MiniDeep; public class Dense(int units) : Layer { public int Units => units; internal FusedActivation Then => "
            + "default(Activation).Fused; }"),
        new("Optimizers/Optimizer.cs", "namespace MiniDeep; public abstract class Optimizer { internal abstract void Update(IBackend backend); }"),
        new("Models/Model.cs",
            "namespace MiniDeep; using Data; public class Model : Layer { public void Fit(Dataset data) { foreach (Batch batch in "
            + "data.Batches()) batch.X.Flatten(); } }"),
        new("Models/Sequential.cs", "namespace MiniDeep; public class Sequential : Model { public Sequential Flatten() => this; }"),
        new("Models/Chain.cs",
            "namespace MiniDeep; public static class Chain { extension<T>(T chain) where T : Model { public T Dense(int units) => chain; } "
            + "}"),
        new("Data/Dataset.cs",
            "namespace MiniDeep.Data; public sealed class Dataset { public Batch[] Batches() => []; } public sealed class Batch { public "
            + "Tensor X => null!; }"),
        new("Data/Mnist.cs", "namespace MiniDeep.Data; public static class Mnist { public static Dataset Load() => new(); }"),
    ];

    [Fact]
    public void A_tree_that_keeps_the_rules_passes() => Assert.Empty(Floors.Violations(Tree()));

    [Theory]
    [InlineData("Backends/Cpu/Gemm.cs", "class Gemm { Tensor _x = null!; }", "Tensor")]
    [InlineData("Backends/Cpu/Gemm.cs", "class Gemm { void Run() => FlattenOp.Run(null!); }", "FlattenOp", "Tensor")]
    [InlineData("Backends/IWide.cs", "interface IWide { void Run(Layer layer); }", "Layer")]
    [InlineData("Backends/Cpu/Gemm.cs", "class Gemm { Device _device = null!; }", "Device")]
    [InlineData("Backends/Tiles.cs", "class Tiles { CpuBackend _backend = null!; }", "CpuBackend")]
    [InlineData("Memory/Arena.cs", "class Arena { object Make() => new Flatten(); }", "Flatten")]
    [InlineData("Memory/Arena.cs", "class Arena { object Make() => new CpuBackend(); }", "CpuBackend")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { object Run() => new CpuBackend(); }", "CpuBackend")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { object Run() => new ShapeBackend(); }", "ShapeBackend")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { void Run(List<Layer> layers) { } }", "Layer")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { bool Is(object o) => o is Dense { }; }", "Dense")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { object Run() => new Layer.Part(); }", "Layer")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp<T> where T : Layer;", "Layer")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { Func<Tensor, Tensor> Run(dynamic x) => ((Layer)x).Call; }", "Layer")]
    [InlineData("Tensor.Text.cs", "partial class Tensor { string Name => nameof(Dense); }", "Dense")]
    [InlineData("Autograd/Walk.cs", "class Walk { string Name => $\"{typeof(Model)}\"; }", "Model")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { IBackend _backend = null!; }", "IBackend")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { void Run(Tensor x) => x.Device.Backend.Unary(default, default); }", "IBackend")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Run(Tensor x) => x.Device.Backend; }", "IBackend")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Run(Tensor x) => x.Storage[0]; }", "Storage")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Run(Tensor x) => x.All; }", "Storage")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { void Run(Tensor x) => x.Set(new()); }", "Storage")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Kind => UnaryKind.Exp; }", "UnaryKind")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Kind => default(Activation).Fused.Kind; }", "UnaryKind")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { void Add(MiniDeep.Model model) { } }", "Model")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { Pool _pool = null!; }", "Pool")]
    [InlineData("Activations/Custom.cs", "class Custom { IBackend _backend = null!; }", "IBackend")]
    [InlineData("Activations/Custom.cs", "class Custom { Storage _storage = null!; }", "Storage")]
    [InlineData("Losses/Loss.cs", "class Loss { void Of(Layer layer) { } }", "Layer")]
    [InlineData("Optimizers/Adam.cs", "abstract class Adam : Optimizer { CpuBackend _backend = null!; }", "CpuBackend")]
    [InlineData("Optimizers/Adam.cs", "abstract class Adam : Optimizer { void Step(Layer layer) { } }", "Layer")]
    [InlineData("Models/Trainer.cs", "class Trainer { IBackend _backend = null!; }", "IBackend")]
    [InlineData("Models/Trainer.cs", "class Trainer { object Run() => Data.Mnist.Load(); }", "Mnist")]
    [InlineData("Data/Loader.cs", "class Loader { void Run(Model model) { } }", "Model")]
    [InlineData("Data/Loader.cs", "class Loader { object Run(Sequential x) => x.Dense(3); }", "Chain", "Sequential")]
    [InlineData("Data/Loader.cs", "class Loader { IBackend _backend = null!; }", "IBackend")]
    [InlineData("Errors/Message.cs", "class Message { Tensor _x = null!; }", "Tensor")]
    public void An_arrow_that_points_up_is_found(string path, string code, params string[] names) => Assert.Equal(
        names.Order(),
        Floors.Violations(Tree(new SourceFile(path, "namespace MiniDeep; " + code))).Select(violation =>
        {
            Assert.StartsWith($"{path}(1): ", violation);
            return violation.Split("may not use ")[1].Split(',')[0];
        }).Order());

    [Theory]
    [InlineData("class DenseOp { Tensor Run(Tensor x) => x.Flatten(); }")]
    [InlineData("class DenseOp { static Tensor Flatten(Tensor x) => x; Tensor Run(Tensor x) => Flatten(x); }")]
    [InlineData("class DenseOp { object Kind => UnaryKind.Dense; }")]
    [InlineData("class DenseOp { int Model { get; set; } Shape Layer; void Run() => Model = new DenseOp().Model; }")]
    [InlineData("/* Layer */ class DenseOp { /// <see cref=\"Model\"/>\n string Text => $\"{{Model}} {1,5:N0} Model\"; }")]
    public void A_word_that_is_no_type_is_left_alone(string code) =>
        Assert.Empty(Floors.Violations(Tree(new SourceFile("Ops/DenseOp.cs", "namespace MiniDeep; " + code))));

    [Theory]
    [InlineData("Attic/Old.cs")]
    [InlineData("Old.cs")]
    public void A_file_without_a_floor_is_found(string path) =>
        Assert.Equal([$"{path}: no floor for this file. Give it one in Floors."], Floors.Violations(Tree(new SourceFile(path, "class Old;"))));

    [Fact]
    public void Code_that_does_not_compile_is_found()
    {
        string error = Assert.Single(SourceCode.Errors(SourceCode.Compile([new SourceFile("Ops/A.cs", "class A { Nowhere _x; }")])));
        Assert.StartsWith("Ops/A.cs(1,11): error CS0246", error);
    }

    [Theory]
    [InlineData("A.cs", 500, 0)]
    [InlineData("A.cs", 501, 1)]
    [InlineData("A.g.cs", 501, 0)]
    public void A_long_file_is_found(string path, int lines, int violations) =>
        Assert.Equal(violations, HouseRules.LongFiles([new SourceFile(path, string.Concat(Enumerable.Repeat("\n", lines)))]).Count());

    [Theory]
    [InlineData("// TO|DO: later", 1)]
    [InlineData("throw new NotImplemented|Exception();", 1)]
    [InlineData("string mastodons = \"FIX|ME\"; // FIX|ME", 1)]
    [InlineData("int TO|DOs;", 0)]
    public void A_banned_word_is_found(string line, int violations) =>
        Assert.Equal(violations, HouseRules.BannedWords([new SourceFile("A.cs", "\n" + line.Replace("|", ""))]).Count());

    [Theory]
    [InlineData("[MethodImpl(MethodImplOptions.AggressiveOptimization)] void Run() { }", 1)]
    [InlineData("const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;", 0)]
    [InlineData("[MethodImpl(MethodImplOptions.AggressiveInlining)] void Run() { }", 0)]
    public void A_kernel_that_may_be_inlined_is_found(string code, int violations) =>
        Assert.Equal(violations, HouseRules.KernelsToInline([new SourceFile("A.cs", code)]).Count());

    [Theory]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g, (int, int) h);", 0)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g, int h, int i);", 1)]
    [InlineData("struct A(int a, int b, int c, int d, int e, int f, int g, int h, int i);", 1)]
    [InlineData("record A(int B, int C, int D, int E, int F, int G, int H, int I, int J);", 0)]
    [InlineData("record A { public A(int a, int b, int c, int d, int e, int f, int g, int h, int i) { } }", 1)]
    [InlineData("class A { public A(int a, Func<int, int> b, int c, int d, int e, int f, int g, int[,] h) { } }", 0)]
    [InlineData("class A { class B { public B(int a, int b, int c, int d, int e, int f, int g, int h, int i) : this() { } public B() { } } }", 1)]
    [InlineData("class A { void B(int a, int b, int c, int d, int e, int f, int g, int h, int i) { } }", 0)]
    public void A_long_constructor_is_found(string code, int violations) =>
        Assert.Equal(violations, HouseRules.LongConstructors(Compile([new SourceFile("A.cs", code)])).Count());

    [Theory]
    [InlineData("class WideDense() : Dense(1), IDisposable { public void Dispose() { } }", "WideDense derives from Dense")]
    [InlineData("class Outer { class Deep : Sequential; }", "Deep derives from Sequential")]
    public void A_deep_class_is_found(string code, string message)
    {
        Assert.Empty(HouseRules.DeepClasses(Tree()));
        Assert.Contains(message, Assert.Single(HouseRules.DeepClasses(Tree(new SourceFile("Layers/Deep.cs", "namespace MiniDeep; " + code)))));
    }

    [Fact]
    public void Members_of_an_interface_are_counted()
    {
        const string Code = """
            public partial interface IBackend : IDisposable
            {
                int Device { get; set; }
                void Unary(int kind, string shape = "", params (int A, int B)[] more);
                void Fused<T>(T x) where T : struct { Unary(default); Unary(default); }
                void Fused(int x);
                bool Has(string what) => what == "a;b";
            }
            """;

        CSharpCompilation code = Compile([new SourceFile("A.cs", Code), new SourceFile("B.cs", "partial interface IBackend { void Last(); }")]);
        Assert.Equal(6, HouseRules.MemberCount(code, "IBackend"));
        Assert.Equal(0, HouseRules.MemberCount(code, "IOther"));
    }

    private static CSharpCompilation Tree(params SourceFile[] more) => Compile(_tree.Concat(more));

    private static CSharpCompilation Compile(IEnumerable<SourceFile> files)
    {
        CSharpCompilation code = SourceCode.Compile(files);
        Assert.Empty(SourceCode.Errors(code));
        return code;
    }
}
