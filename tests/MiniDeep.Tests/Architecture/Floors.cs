using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MiniDeep.Tests;

/// <summary>
/// The floors of the core: Data over Models over Layers over Ops over Backends, and what each may use. To use a type is to
/// name it, to touch a member of it, or to hold a value of it, be it only inside an expression.
/// </summary>
internal static class Floors
{
    /// <summary>What lies under the prefixes of a path, the floors whose types it may use, and single types besides.</summary>
    private sealed record Floor(string Name, string[] Prefixes, string[] Sees, string[] Also, bool BackendEnums = false);

    // Values of the seam that a layer hands to an op and does not look into.
    private static readonly string[] _seamValues = ["FusedActivation", "Cell"];

    private static readonly Floor[] _floors =
    [
        new("Values", ["Shape.", "DType.", "Size2D.", "Padding.", "Errors/", "Random/", "Files/", "Properties/"], [], []),
        new("Device", ["Device.", "Compute.", "Threading.", "InstructionSets."], ["Values", "Backends", "Concrete backends", "Memory"], ["Tensor"]),
        new("Concrete backends", ["Backends/Cpu/", "Backends/ShapeBackend."], ["Values", "Backends", "Memory"], []),
        // A buffer says which device it is on, and the pool of a device hands it out.
        new("Backends", ["Backends/"], ["Values", "Memory"], ["Device"]),
        new("Memory", ["Memory/"], ["Values", "Backends"], ["Device"]),
        new("Ops", ["Ops/", "Autograd/", "Tensor", "Parameter."], ["Values", "Device", "Backends", "Memory"], []),
        new("Optimizers", ["Optimizers/", "Schedules/"], ["Values", "Device", "Ops", "Backends"], []),
        new(
            "Descriptors",
            ["Activations/", "Losses/", "Metrics/", "Initializers/", "Regularizers/"],
            ["Values", "Device", "Ops"],
            _seamValues,
            BackendEnums: true),
        new("Layers", ["Layers/"], ["Values", "Device", "Ops", "Descriptors"], _seamValues),
        // Fit runs its steps in the arena and takes its batches from a data set.
        new(
            "Models",
            ["Models/", "Callbacks/", "Serialization/"],
            ["Values", "Device", "Ops", "Memory", "Descriptors", "Layers", "Optimizers"],
            [.. _seamValues, "Dataset", "Batch", "Batches"]),
        new("Data", ["Data/"], ["Values", "Device", "Ops"], []),
    ];

    /// <summary>One line for each type that a line of code may not use, and for each file that has no floor.</summary>
    public static IReadOnlyList<string> Violations(CSharpCompilation code) =>
        [.. SourceCode.Files(code).SelectMany(tree => Violations(code, tree).Distinct())];

    private static IEnumerable<string> Violations(CSharpCompilation code, SyntaxTree tree)
    {
        if (FloorOf(tree.FilePath) is not { } floor) return [$"{tree.FilePath}: no floor for this file. Give it one in {nameof(Floors)}."];

        SemanticModel model = code.GetSemanticModel(tree);
        return
            from node in tree.GetRoot().DescendantNodes().Where(MayUseMember)
            from type in TypesUsed(model.GetSymbolInfo(node).Symbol)
            where !MayUse(floor, type)
            select $"{SourceCode.Place(node)}: {floor.Name} may not use {type.Name}, which is declared in {FileOf(type)}.";
    }

    private static bool MayUse(Floor from, INamedTypeSymbol type) =>
        FloorOf(FileOf(type)) is not { } to
        || from == to
        || from.Sees.Contains(to.Name)
        || from.Also.Contains(type.Name)
        || (from.BackendEnums && to.Name == "Backends" && type.TypeKind == TypeKind.Enum);

    private static Floor? FloorOf(string path) => (
        from floor in _floors
        from prefix in floor.Prefixes
        where path.StartsWith(prefix, StringComparison.Ordinal)
        orderby prefix.Length descending
        select floor).FirstOrDefault();

    // Names, and what reaches a member without naming one: new(), x[0], operators.
    private static bool MayUseMember(SyntaxNode node) => node is SimpleNameSyntax or ImplicitObjectCreationExpressionSyntax
        or ElementAccessExpressionSyntax or BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax;

    // The type behind a symbol and the type of its value; of these the ones that the source declares.
    private static IEnumerable<INamedTypeSymbol> TypesUsed(ISymbol? symbol)
    {
        ITypeSymbol? value = symbol switch
        {
            IFieldSymbol field => field.Type,
            IPropertySymbol property => property.Type,
            IMethodSymbol method => method.ReturnType,
            IParameterSymbol parameter => parameter.Type,
            ILocalSymbol local => local.Type,
            _ => null,
        };
        return Parts(symbol as ITypeSymbol ?? symbol?.ContainingType).Concat(Parts(value)).Where(type => type.DeclaringSyntaxReferences.Length > 0);
    }

    // List<Layer[]> is List and Layer.
    private static IEnumerable<INamedTypeSymbol> Parts(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol array => Parts(array.ElementType),
        IPointerTypeSymbol pointer => Parts(pointer.PointedAtType),
        INamedTypeSymbol named => named.TypeArguments.SelectMany(Parts).Append(Outermost(named)),
        _ => [],
    };

    // A nested type lives on the floor of the type around it.
    private static INamedTypeSymbol Outermost(INamedTypeSymbol type) => type.ContainingType is { } outer ? Outermost(outer) : type.OriginalDefinition;

    private static string FileOf(INamedTypeSymbol type) => type.DeclaringSyntaxReferences[0].SyntaxTree.FilePath;
}
