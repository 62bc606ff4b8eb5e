using System.Text.RegularExpressions;

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

    /// <summary>Constructors, primary ones too, that ask for more than a reader keeps in mind.</summary>
    public static IEnumerable<string> LongConstructors(IEnumerable<SourceFile> files) =>
        from file in files
        from type in file.Types
        from parameters in ConstructorParameters(type)
        where parameters > MaxConstructorParameters
        select $"{file.Path}({type.Line}): a constructor of {type.Name} takes {parameters} parameters, at most {MaxConstructorParameters}; use init properties.";

    /// <summary>Classes that derive from a layer or an optimizer that is not the base class itself.</summary>
    public static IEnumerable<string> DeepClasses(IReadOnlyCollection<SourceFile> files)
    {
        Dictionary<string, IReadOnlyList<string>> bases = [];
        foreach (DeclaredType type in files.SelectMany(file => file.Types).Where(type => type.Keyword == "class"))
        {
            bases[type.Name] = [.. bases.GetValueOrDefault(type.Name, []), .. type.Bases];
        }

        return bases.Keys.Where(name => !_mayDerive.Contains(name) && Depth(name) > 1)
            .Select(name => $"{name} derives from {string.Join(", ", bases[name])}: at most one class below {string.Join(" or ", _shallowRoots)}.");

        // 0 for a root, -1 for a class that has none above it.
        int Depth(string name, int guard = 0)
        {
            if (_shallowRoots.Contains(name))
            {
                return 0;
            }

            int above = guard > 20 ? -1 : bases.GetValueOrDefault(name, []).Select(parent => Depth(parent, guard + 1)).DefaultIfEmpty(-1).Max();
            return above < 0 ? -1 : above + 1;
        }
    }

    /// <summary>How many members an interface has, over all its parts; an overload is a member of its own.</summary>
    public static int MemberCount(IEnumerable<SourceFile> files, string name) =>
        files.SelectMany(file => file.Types).Where(type => type.Keyword == "interface" && type.Name == name).Sum(type => MemberCount(type.Body));

    private static int MemberCount(IReadOnlyList<Token> body)
    {
        int count = 0;
        for (int i = 0; i < body.Count; i++)
        {
            if (body[i].Is("("))
            {
                i = SourceFile.Closing(body, i);
            }
            else if (body[i].Is("{"))
            {
                // A body ends a member, unless a property's initial value follows it.
                i = SourceFile.Closing(body, i);
                count += i + 1 < body.Count && body[i + 1].Is("=") ? 0 : 1;
            }
            else if (body[i].Is(";"))
            {
                count++;
            }
        }

        return count;
    }

    private static IEnumerable<int> ConstructorParameters(DeclaredType type)
    {
        // A positional record is a bundle of named values, its constructor the shortest way to write it.
        if (type.Parameters is not null && type.Keyword != "record")
        {
            yield return Count(type.Parameters);
        }

        for (int i = 1; i + 1 < type.Body.Count; i++)
        {
            if (type.Body[i].Is("{"))
            {
                i = SourceFile.Closing(type.Body, i);
            }
            else if (type.Body[i].Is(type.Name) && type.Body[i + 1].Is("(") && IsModifier(type.Body[i - 1].Text))
            {
                int close = SourceFile.Closing(type.Body, i + 1);
                yield return Count([.. type.Body.Skip(i + 2).Take(close - i - 2)]);
            }
        }
    }

    private static bool IsModifier(string word) => word is "public" or "private" or "protected" or "internal" or "unsafe";

    private static int Count(IReadOnlyList<Token> parameters)
    {
        int count = parameters.Count == 0 ? 0 : 1;
        int angles = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Is("(") || parameters[i].Is("[") || parameters[i].Is("{"))
            {
                i = SourceFile.Closing(parameters, i);
            }
            else
            {
                angles += parameters[i].Is("<") ? 1 : parameters[i].Is(">") ? -1 : 0;
                count += angles == 0 && parameters[i].Is(",") ? 1 : 0;
            }
        }

        return count;
    }
}
