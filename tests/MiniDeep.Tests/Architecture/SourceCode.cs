using System.Numerics.Tensors;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MiniDeep.Tests;

/// <summary>Source that the compiler has understood: the house rules ask it what a name means.</summary>
internal static class SourceCode
{
    // What ImplicitUsings adds for a library.
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    // Preview: the compiler of this package may be older or newer than the SDK's.
    private static readonly CSharpParseOptions _language = new(LanguageVersion.Preview);

    // The experimental backend interface is at home here, as MiniDeep.csproj says too. The nullable analysis stays off: the
    // rules have no use for it.
    private static readonly CSharpCompilationOptions _options = new(
        OutputKind.DynamicallyLinkedLibrary,
        allowUnsafe: true,
        specificDiagnosticOptions: [new("MDEEP001", ReportDiagnostic.Suppress)]);

    // The shared framework and the core's one package. MiniDeep.dll itself must stay out: its types come from the source.
    private static readonly Lazy<MetadataReference[]> _references = new(() =>
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetDirectoryName(path) == framework)
                .Append(typeof(TensorPrimitives).Assembly.Location)
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
    });

    /// <summary>The files as one library.</summary>
    public static CSharpCompilation Compile(IEnumerable<SourceFile> files) => CSharpCompilation.Create(
        "Source",
        [CSharpSyntaxTree.ParseText(ImplicitUsings, _language), .. files.Select(file => CSharpSyntaxTree.ParseText(file.Text, _language, file.Path))],
        _references.Value,
        _options);

    /// <summary>What the compiler refuses. A name that it can't resolve has no floor, so a check counts only where this is empty.</summary>
    public static IEnumerable<string> Errors(CSharpCompilation code) =>
        code.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString());

    /// <summary>The files' own trees, without the one of the implicit usings.</summary>
    public static IEnumerable<SyntaxTree> Files(CSharpCompilation code) => code.SyntaxTrees.Where(tree => tree.FilePath.Length > 0);

    /// <summary>Where a node stands: <c>Ops/AddOp.cs(12)</c>.</summary>
    public static string Place(SyntaxNode node) =>
        $"{node.SyntaxTree.FilePath}({node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1})";
}
