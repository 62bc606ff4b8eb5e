namespace MiniDeep.Tests;

/// <summary>
/// The words of a file that can only be, or most likely are, names of types. <c>x.Flatten()</c>, <c>Flatten(x)</c>,
/// <c>UnaryKind.Tanh</c>, the members of an enum and the declared name in <c>Tensor Flatten(…)</c> are not.
/// </summary>
internal static class TypeUses
{
    private static readonly HashSet<string> _namespaces = ["MiniDeep", "Data", "global"];

    // After one of these words comes a type (or a value), never a name that is being declared.
    private static readonly HashSet<string> _beforeType =
    [
        "public", "private", "protected", "internal", "static", "readonly", "sealed", "abstract", "virtual", "override", "async", "partial",
        "unsafe", "extern", "const", "volatile", "new", "required", "file", "fixed", "ref", "out", "in", "params", "this", "scoped", "is", "as", "not",
        "and", "or", "when", "return", "throw", "await", "yield", "case", "typeof", "sizeof", "default", "nameof", "using", "event",
        "implicit", "explicit", "operator", "where", "else", "do", "select", "from", "checked", "unchecked", "stackalloc", "allows", "notnull",
    ];

    public static IEnumerable<Token> In(SourceFile file)
    {
        IReadOnlyList<Token> tokens = file.Tokens;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Is("enum"))
            {
                while (i < tokens.Count && !tokens[i].Is("{"))
                {
                    i++;
                }

                i = SourceFile.Closing(tokens, Math.Min(i, tokens.Count - 1));
            }
            else if (tokens[i].Kind == TokenKind.Word && IsTypeUse(tokens, i))
            {
                yield return tokens[i];
            }
        }
    }

    private static bool IsTypeUse(IReadOnlyList<Token> tokens, int i)
    {
        Token before = i > 0 ? tokens[i - 1] : default;
        Token after = i + 1 < tokens.Count ? tokens[i + 1] : default;
        if (before.Is(".") || before.Is("::"))
        {
            return i > 1 && _namespaces.Contains(tokens[i - 2].Text);
        }

        if (before.Is("new"))
        {
            return true;
        }

        if (after.Is("("))
        {
            // A call, or a method that is being declared. A base constructor's call names a type after a colon.
            return before.Is(":");
        }

        // "Shape Model {", "List<int> Model;", "float[] Model =", "int? Model": the declared name, not its type.
        bool afterType = before.Kind == TokenKind.Word ? !_beforeType.Contains(before.Text) : before.Is(">") || before.Is("]") || before.Is("?");
        bool endsName = after.Is("{") || after.Is("=") || after.Is("=>") || after.Is(";") || after.Is(",") || after.Is(")");
        return !(afterType && endsName);
    }
}
