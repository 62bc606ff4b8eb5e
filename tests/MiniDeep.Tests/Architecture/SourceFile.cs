namespace MiniDeep.Tests;

/// <summary>A type that a file declares outside any other type.</summary>
/// <param name="Keyword">class, struct, record, interface, enum or delegate.</param>
/// <param name="Bases">The words after the colon, type arguments left out.</param>
/// <param name="Body">The tokens between its braces; empty where it has none.</param>
/// <param name="Parameters">The tokens of a primary constructor, or null where there is none.</param>
internal sealed record DeclaredType(
    string Name, string Keyword, IReadOnlyList<string> Bases, IReadOnlyList<Token> Body, IReadOnlyList<Token>? Parameters, int Line);

/// <summary>One C# file as the house rules see it.</summary>
internal sealed class SourceFile
{
    private static readonly HashSet<string> _typeKeywords = ["class", "struct", "interface", "enum", "record"];

    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Tokens = SourceTokens.Of(text);
        Types = [.. FindTypes(Tokens)];
    }

    /// <summary>Relative to the folder that was read, with slashes.</summary>
    public string Path { get; }

    public string Text { get; }

    public IReadOnlyList<Token> Tokens { get; }

    public IReadOnlyList<DeclaredType> Types { get; }

    public int LineCount => Text.AsSpan().Count('\n') + (Text.Length == 0 || Text[^1] == '\n' ? 0 : 1);

    /// <summary>The C# files below a folder, build outputs left out.</summary>
    public static IReadOnlyList<SourceFile> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Relative: System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/')))
            .Where(file => !file.Relative.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .OrderBy(file => file.Relative, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Relative, File.ReadAllText(file.File)))];

    /// <summary>The index of the bracket that closes the one at <paramref name="open"/>, or the last token.</summary>
    public static int Closing(IReadOnlyList<Token> tokens, int open)
    {
        int depth = 0;
        for (int i = open; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == TokenKind.Symbol)
            {
                depth += tokens[i].Text is "{" or "(" or "[" ? 1 : tokens[i].Text is "}" or ")" or "]" ? -1 : 0;
                if (depth == 0)
                {
                    return i;
                }
            }
        }

        return tokens.Count - 1;
    }

    private static IEnumerable<DeclaredType> FindTypes(IReadOnlyList<Token> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Is("namespace"))
            {
                // A namespace with braces is entered, not skipped.
                while (i + 1 < tokens.Count && !tokens[i].Is("{") && !tokens[i].Is(";"))
                {
                    i++;
                }
            }
            else if (tokens[i].Is("{") || tokens[i].Is("(") || tokens[i].Is("["))
            {
                i = Closing(tokens, i);
            }
            else if (tokens[i].Kind == TokenKind.Word && _typeKeywords.Contains(tokens[i].Text) && i + 1 < tokens.Count)
            {
                int name = i + 1;
                if (tokens[i].Is("record") && (tokens[name].Is("struct") || tokens[name].Is("class")))
                {
                    name++;
                }

                if (name < tokens.Count && tokens[name].Kind == TokenKind.Word)
                {
                    yield return ReadType(tokens, tokens[i].Text, name, out i);
                }
            }
            else if (tokens[i].Is("delegate"))
            {
                int open = i;
                while (open + 1 < tokens.Count && !tokens[open].Is("("))
                {
                    open++;
                }

                int name = open - 1;
                if (tokens[name].Is(">"))
                {
                    while (name > i && !tokens[name].Is("<"))
                    {
                        name--;
                    }

                    name--;
                }

                yield return new DeclaredType(tokens[name].Text, "delegate", [], [], null, tokens[name].Line);
                i = Closing(tokens, open);
            }
        }
    }

    private static DeclaredType ReadType(IReadOnlyList<Token> tokens, string keyword, int name, out int end)
    {
        List<string> bases = [];
        IReadOnlyList<Token>? parameters = null;
        IReadOnlyList<Token> body = [];
        bool inBases = false;
        int angles = 0;
        int i = name + 1;
        for (; i < tokens.Count && !tokens[i].Is(";"); i++)
        {
            Token token = tokens[i];
            if (token.Is("{"))
            {
                int close = Closing(tokens, i);
                body = [.. tokens.Skip(i + 1).Take(close - i - 1)];
                i = close;
                break;
            }

            if (token.Is("("))
            {
                int close = Closing(tokens, i);
                if (!inBases)
                {
                    parameters = [.. tokens.Skip(i + 1).Take(close - i - 1)];
                }

                i = close;
            }
            else if (token.Is("<") || token.Is(">"))
            {
                angles += token.Is("<") ? 1 : -1;
            }
            else if (token.Is("where"))
            {
                inBases = false;
                angles = int.MaxValue / 2;      // constraints are no bases
            }
            else if (token.Is(":"))
            {
                inBases = angles == 0;
            }
            else if (inBases && angles == 0 && token.Kind == TokenKind.Word)
            {
                bases.Add(token.Text);
            }
        }

        end = i;
        return new DeclaredType(tokens[name].Text, keyword, bases, body, parameters, tokens[name].Line);
    }
}
