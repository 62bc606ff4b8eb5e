using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MiniDeep.Tests;

/// <summary>The limits that keep a file, a constructor, a class tree and the seam small enough to read.</summary>
internal static class HouseRules
{
    public const int MaxLines = 500;
    public const int MaxConstructorParameters = 8;
    public const int MaxBackendMembers = 45;

    // Spelled in two halves, so that this file keeps its own rule.
    private static readonly string[] _banned = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"];

    private static readonly string[] _shallowRoots = ["Layer", "Optimizer"];
    private static readonly string[] _mayDerive = ["Model", "Sequential"];

    /// <summary>Files above the limit; generated ones (*.g.cs) have none.</summary>
    public static IEnumerable<string> LongFiles(IEnumerable<SourceFile> files) =>
        files.Where(file => file.LineCount > MaxLines && !file.Path.EndsWith(".g.cs", StringComparison.Ordinal))
            .Select(file => $"{file.Path}: {file.LineCount} lines, at most {MaxLines}.");

    /// <summary>Words that stand for work that is not done, in code, comments and strings alike.</summary>
    public static IEnumerable<string> BannedWords(IEnumerable<SourceFile> files) =>
        from file in files
        from line in file.Text.Split('\n').Select((text, index) => (Text: text, Number: index + 1))
        from word in _banned
        where Regex.IsMatch(line.Text, $@"\b{word}\b")
        select $"{file.Path}({line.Number}): {word}.";

    /// <summary>Methods that ask the JIT for its best at once, but not that it leaves them where they are: inlined into a caller they lose it.</summary>
    public static IEnumerable<string> KernelsToInline(IEnumerable<SourceFile> files) =>
        from file in files
        from line in file.Text.Split('\n')
        where line.Contains(nameof(MethodImplOptions.AggressiveOptimization), StringComparison.Ordinal) && !line.Contains(nameof(MethodImplOptions.NoInlining), StringComparison.Ordinal)
        select $"{file.Path}: a kernel is marked [MethodImpl(JitOptions.Kernel)].";

    /// <summary>
    /// Constructors, primary ones too, that ask for more than a reader keeps in mind. A positional record is a bundle of named
    /// values and its constructor the shortest way to write it.
    /// </summary>
    public static IEnumerable<string> LongConstructors(CSharpCompilation code) =>
        from node in SourceCode.Files(code).SelectMany(tree => tree.GetRoot().DescendantNodes())
        let parameters = node switch
        {
            ConstructorDeclarationSyntax constructor => constructor.ParameterList,
            TypeDeclarationSyntax type and not RecordDeclarationSyntax => type.ParameterList,
            _ => null,
        }
        where parameters?.Parameters.Count > MaxConstructorParameters
        let count = parameters.Parameters.Count
        select $"{SourceCode.Place(node)}: a constructor takes {count} parameters, at most {MaxConstructorParameters}; use init properties.";

    /// <summary>Classes that derive from a layer or an optimizer that is not the base class itself.</summary>
    public static IEnumerable<string> DeepClasses(CSharpCompilation code) =>
        from tree in SourceCode.Files(code)
        from node in tree.GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>()
        let type = code.GetSemanticModel(tree).GetDeclaredSymbol(node)
        where !_mayDerive.Contains(type.Name) && Ancestors(type).Skip(1).Any(above => _shallowRoots.Contains(above.Name))
        select $"{SourceCode.Place(node)}: {type.Name} derives from {type.BaseType!.Name}: at most one class below {string.Join(" or ", _shallowRoots)}.";

    /// <summary>How many members an interface has, over all its parts; an overload is a member of its own, an accessor is none.</summary>
    public static int MemberCount(CSharpCompilation code, string name) =>
        code.GetSymbolsWithName(name, SymbolFilter.Type).OfType<INamedTypeSymbol>().Where(type => type.TypeKind == TypeKind.Interface)
            .SelectMany(type => type.GetMembers())
            .Count(member => member is not IMethodSymbol { AssociatedSymbol: not null });

    private static IEnumerable<INamedTypeSymbol> Ancestors(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? above = type.BaseType; above is not null; above = above.BaseType)
        {
            yield return above;
        }
    }
}
