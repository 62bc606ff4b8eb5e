namespace MiniDeep.Tests;

/// <summary>
/// The floors of the core: Data over Models over Layers over Ops over Backends, and what each may name.
/// The check reads words, not symbols: a file that uses a type's members without naming the type passes.
/// </summary>
internal static class Floors
{
    /// <summary>A folder's or file's place, the areas whose types it may name, and single types besides.</summary>
    private sealed record Area(string Name, string[] Folders, string[] Files, string[] Sees, string[] Also, bool BackendEnums = false);

    // The values that everybody names, and the files that choose a backend. A root file that is not listed is the tensor's.
    private static readonly string[] _everywhere = ["Values", "Composition"];

    // Values of the seam that a layer hands to an op and does not look into.
    private static readonly string[] _seamValues = ["FusedActivation", "Cell"];

    private static readonly Area[] _areas =
    [
        new("Values", ["Errors", "Random", "Properties"], ["Shape", "DType"], [], []),
        new("Composition", [], ["Device", "Compute"], ["Backends", "Cpu", "Memory"], ["Tensor"]),
        new("Cpu", ["Backends/Cpu"], [], ["Backends", "Memory"], []),
        new("Backends", ["Backends"], [], ["Memory"], []),
        new("Memory", ["Memory"], [], ["Backends"], []),
        new("Ops", ["", "Ops", "Autograd"], [], ["Backends", "Memory"], []),
        new("Optimizers", ["Optimizers", "Schedules"], [], ["Ops", "Backends", "Memory"], []),
        new("Layers", ["Layers"], [], ["Ops", "Descriptors"], _seamValues),
        new("Descriptors", ["Activations", "Losses", "Metrics", "Initializers", "Regularizers"], [], ["Ops", "Layers"], _seamValues, BackendEnums: true),
        // Fit runs its steps in the arena and takes its batches from a data set.
        new("Models", ["Models", "Callbacks", "Serialization"], [], ["Ops", "Memory", "Descriptors", "Layers", "Optimizers"], [.. _seamValues, "Dataset"]),
        new("Data", ["Data"], [], ["Ops"], []),
    ];

    /// <summary>One line for each name that a file may not use, and for each folder that has no floor.</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyList<SourceFile> files)
    {
        List<string> found = [];
        Dictionary<string, List<(Area Area, DeclaredType Type)>> declared = [];
        foreach (SourceFile file in files)
        {
            Area? area = AreaOf(file.Path);
            if (area is null)
            {
                found.Add($"{file.Path}: no floor for this folder. Give it one in {nameof(Floors)}.");
                continue;
            }

            foreach (DeclaredType type in file.Types)
            {
                if (!declared.TryGetValue(type.Name, out List<(Area, DeclaredType)>? all))
                {
                    declared[type.Name] = all = [];
                }

                all.Add((area, type));
            }
        }

        foreach (SourceFile file in files)
        {
            if (AreaOf(file.Path) is not { } area)
            {
                continue;
            }

            foreach (Token token in TypeUses.In(file))
            {
                if (declared.TryGetValue(token.Text, out List<(Area Area, DeclaredType Type)>? places)
                    && !places.Any(place => MayName(area, place.Area, place.Type)))
                {
                    found.Add($"{file.Path}({token.Line}): {area.Name} may not name {token.Text}, which is declared in {places[0].Area.Name}.");
                }
            }
        }

        return found;
    }

    private static bool MayName(Area from, Area to, DeclaredType type) =>
        from == to
        || from.Sees.Contains(to.Name)
        || _everywhere.Contains(to.Name)
        || from.Also.Contains(type.Name)
        || (from.BackendEnums && to.Name == "Backends" && type.Keyword == "enum");

    private static Area? AreaOf(string path)
    {
        int slash = path.LastIndexOf('/');
        string folder = slash < 0 ? "" : path[..slash];
        if (folder.Length == 0)
        {
            // Device.Something.cs is a part of Device.cs.
            string file = path.Split('.')[0];
            return _areas.FirstOrDefault(area => area.Files.Contains(file)) ?? _areas.Single(area => area.Folders.Contains(""));
        }

        for (; folder.Length > 0; folder = folder.Contains('/') ? folder[..folder.LastIndexOf('/')] : "")
        {
            if (_areas.FirstOrDefault(area => area.Folders.Contains(folder)) is { } area)
            {
                return area;
            }
        }

        return null;
    }
}
