namespace MiniDeep.Tests;

/// <summary>The rules see what they should, on made-up sources.</summary>
public class HouseRulesTests
{
    private static readonly (string Path, string Text)[] _tree =
    [
        ("Shape.cs", "namespace MiniDeep; public readonly struct Shape;"),
        ("Device.cs", "namespace MiniDeep; public sealed class Device { internal IBackend Backend { get; } = new CpuBackend(); }"),
        ("Tensor.cs", "namespace MiniDeep; public sealed class Tensor { public Tensor Flatten() => FlattenOp.Run(this); }"),
        ("Backends/IBackend.cs", "namespace MiniDeep; public interface IBackend { void Unary(UnaryKind kind, Shape shape); }"),
        ("Backends/UnaryKind.cs", "namespace MiniDeep; public enum UnaryKind { Exp, Flatten, Dense }"),
        ("Backends/Cpu/CpuBackend.cs", "namespace MiniDeep; internal sealed class CpuBackend : IBackend { public void Unary(UnaryKind kind, Shape shape) { } }"),
        ("Ops/FlattenOp.cs", "namespace MiniDeep; internal static class FlattenOp { public static Tensor Run(Tensor x) => x; }"),
        ("Layers/Layer.cs", "namespace MiniDeep; public abstract class Layer { public Tensor Call(Tensor x) => x; }"),
        ("Layers/Flatten.cs", "namespace MiniDeep; public sealed class Flatten : Layer;"),
        ("Layers/Dense.cs", "namespace MiniDeep; public sealed class Dense(int units) : Layer { public Activation Then { get; init; } }"),
        ("Activations/Activation.cs", "namespace MiniDeep; public readonly struct Activation { internal UnaryKind Kind { get; init; } }"),
        ("Optimizers/Optimizer.cs", "namespace MiniDeep; public abstract class Optimizer { internal abstract void Update(IBackend backend); }"),
        ("Models/Model.cs", "namespace MiniDeep; public class Model : Layer { public void Fit(Dataset data) { } }"),
        ("Models/Sequential.cs", "namespace MiniDeep; public class Sequential : Model { public Sequential Flatten() => this; }"),
        ("Data/Dataset.cs", "namespace MiniDeep.Data; public sealed class Dataset { public Tensor Features => throw new InvalidDataException(); }"),
        ("Data/Mnist.cs", "namespace MiniDeep.Data; public static class Mnist;"),
    ];

    [Fact]
    public void A_tree_that_keeps_the_rules_passes() => Assert.Empty(Floors.Violations(Tree()));

    [Theory]
    [InlineData("Backends/Cpu/Gemm.cs", "class Gemm { Tensor _x; }", "Tensor")]
    [InlineData("Backends/Cpu/Gemm.cs", "class Gemm { void Run() => FlattenOp.Run(null!); }", "FlattenOp")]
    [InlineData("Backends/IWide.cs", "interface IWide { void Run(Layer layer); }", "Layer")]
    [InlineData("Backends/Tiles.cs", "class Tiles { CpuBackend _backend; }", "CpuBackend")]
    [InlineData("Memory/Pool.cs", "class Pool { object Make() => new Flatten(); }", "Flatten")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { object Run() => new CpuBackend(); }", "CpuBackend")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { void Run(List<Layer> layers) { } }", "Layer")]
    [InlineData("Ops/DenseOp.cs", "class DenseOp { bool Is(object o) => o is Dense { }; }", "Dense")]
    [InlineData("Autograd/Walk.cs", "class Walk { string Name => $\"{typeof(Model)}\"; }", "Model")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { IBackend _backend; }", "IBackend")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { object Kind => UnaryKind.Exp; }", "UnaryKind")]
    [InlineData("Layers/Linear.cs", "class Linear : Layer { void Add(MiniDeep.Model model) { } }", "Model")]
    [InlineData("Activations/Custom.cs", "class Custom { IBackend _backend; }", "IBackend")]
    [InlineData("Optimizers/Adam.cs", "class Adam : Optimizer { CpuBackend _backend; }", "CpuBackend")]
    [InlineData("Optimizers/Adam.cs", "class Adam : Optimizer { void Step(Layer layer) { } }", "Layer")]
    [InlineData("Models/Trainer.cs", "class Trainer { IBackend _backend; }", "IBackend")]
    [InlineData("Models/Trainer.cs", "class Trainer { object Run() => Mnist.Load(); }", "Mnist")]
    [InlineData("Data/Loader.cs", "class Loader { void Run(Model model) { } }", "Model")]
    [InlineData("Data/Loader.cs", "class Loader { IBackend _backend; }", "IBackend")]
    public void An_arrow_that_points_up_is_found(string path, string code, string name)
    {
        string violation = Assert.Single(Floors.Violations(Tree((path, "namespace MiniDeep; " + code))));
        Assert.StartsWith($"{path}(1): ", violation);
        Assert.Contains($"may not name {name}, ", violation);
    }

    [Theory]
    [InlineData("class DenseOp { Tensor Run(Tensor x) => x.Flatten(); }")]
    [InlineData("class DenseOp { static Tensor Flatten(Tensor x) => x; Tensor Run(Tensor x) => Flatten(x); }")]
    [InlineData("class DenseOp { object Kind => UnaryKind.Dense; }")]
    [InlineData("class DenseOp { int Model { get; } Shape Layer; }")]
    [InlineData("class DenseOp { string Text => \"Layer\" + @\"a \"\" Model\" + \"\"\"a \" Model \"\"\"; char Quote => '\"'; } // Layer")]
    [InlineData("/* Layer */ class DenseOp { /// <see cref=\"Model\"/>\n int X; string Text => $\"{{Model}} {1,5:N0} Model\"; }")]
    public void A_word_that_is_no_type_is_left_alone(string code) =>
        Assert.Empty(Floors.Violations(Tree(("Ops/DenseOp.cs", "namespace MiniDeep; " + code))));

    [Fact]
    public void A_folder_without_a_floor_is_found() =>
        Assert.Equal(["Attic/Old.cs: no floor for this folder. Give it one in Floors."], Floors.Violations(Tree(("Attic/Old.cs", "class Old;"))));

    [Fact]
    public void A_name_that_a_floor_declares_itself_is_its_own() =>
        Assert.Empty(Floors.Violations(Tree(("Ops/Flatten.cs", "class Flatten;"), ("Ops/Use.cs", "class Use { object Run() => new Flatten(); }"))));

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
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g, (int, int) h);", 0)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g, int h, int i);", 1)]
    [InlineData("class A { public A(int a, Func<int, int> b, int c, int d, int e, int f, int g, int[,] h) { } }", 0)]
    [InlineData("class A { int _x = 1; public A(int a, int b, int c, int d, int e, int f, int g, int h, int i) : this() { } public A() { } }", 1)]
    [InlineData("class A { void B(int a, int b, int c, int d, int e, int f, int g, int h, int i) { } }", 0)]
    public void A_long_constructor_is_found(string code, int violations) =>
        Assert.Equal(violations, HouseRules.LongConstructors([new SourceFile("A.cs", code)]).Count());

    [Fact]
    public void A_deep_class_is_found()
    {
        Assert.Empty(HouseRules.DeepClasses(Tree()));
        string violation = Assert.Single(HouseRules.DeepClasses(Tree(("Layers/WideDense.cs", "class WideDense : Dense, IDisposable;"))));
        Assert.StartsWith("WideDense derives from Dense", violation);
    }

    [Fact]
    public void Members_of_an_interface_are_counted()
    {
        const string Code = """
            public partial interface IBackend : IDisposable
            {
                Device Device { get; }
                void Unary(UnaryKind kind, Shape shape = default, params (int A, int B)[] more);
                /// <summary>A; b; c.</summary>
                void Fused<T>(T x) where T : struct { Unary(default); Unary(default); }
                bool Has(string what) => what == "a;b";
            }
            """;

        Assert.Equal(5, HouseRules.MemberCount([new SourceFile("A.cs", Code), new SourceFile("B.cs", "partial interface IBackend { void Last(); }")], "IBackend"));
        Assert.Equal(0, HouseRules.MemberCount([new SourceFile("A.cs", Code)], "IOther"));
    }

    [Fact]
    public void Types_are_found_with_their_bases()
    {
        const string Code = """
            using A = B.Layer;
            namespace MiniDeep
            {
                public delegate TOut Map<TIn, TOut>(TIn x);
                internal readonly record struct Pair(int A, int B) : IPair<Tensor, int>, IOther;
                public abstract class Outer<T> : Base<Dictionary<int, T>>(1), IFirst where T : struct, IThird { class Inner; enum Kind { A } }
            }
            """;

        Assert.Equal(
            ["delegate Map()", "record Pair(IPair IOther)", "class Outer(Base IFirst)"],
            new SourceFile("A.cs", Code).Types.Select(type => $"{type.Keyword} {type.Name}({string.Join(' ', type.Bases)})"));
    }

    private static SourceFile[] Tree(params (string Path, string Text)[] more) =>
        [.. _tree.Concat(more).Select(file => new SourceFile(file.Path, file.Text))];
}
