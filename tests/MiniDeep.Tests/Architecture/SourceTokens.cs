namespace MiniDeep.Tests;

internal enum TokenKind { Word, Symbol, Literal }

/// <summary>A word, a symbol or a literal of C# and the line where it begins, counted from 1.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(string text) => Kind != TokenKind.Literal && Text == text;
}

/// <summary>
/// Splits C# into words and symbols, so that the house rules read code and not comments or strings. The holes of
/// interpolated strings are code. It knows as much of the language as the rules need and no more.
/// </summary>
internal sealed class SourceTokens
{
    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    private SourceTokens(string text) => _text = text;

    public static IReadOnlyList<Token> Of(string text)
    {
        SourceTokens scanner = new(text);
        scanner.ScanCode(holeEnd: 0);
        return scanner._tokens;
    }

    // holeEnd: how many closing braces end the hole of an interpolated string; 0 outside one.
    private void ScanCode(int holeEnd)
    {
        int depth = 0;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (holeEnd > 0 && depth == 0 && c == '}')
            {
                Skip(holeEnd);
                return;
            }

            if (char.IsWhiteSpace(c))
            {
                Skip(1);
            }
            else if (Next("//") || (c == '#' && AtLineStart()))
            {
                SkipTo("\n");
            }
            else if (Next("/*"))
            {
                SkipTo("*/");
                Skip(2);
            }
            else if (TryString() || TryChar() || TryWord() || TryNumber())
            {
                continue;
            }
            else
            {
                depth += c is '{' or '(' or '[' ? 1 : c is '}' or ')' or ']' ? -1 : 0;
                string symbol = Next("=>") || Next("::") ? _text.Substring(_at, 2) : c.ToString();
                Add(TokenKind.Symbol, symbol, symbol.Length);
            }
        }
    }

    private bool TryString()
    {
        int at = _at;
        int dollars = 0;
        bool verbatim = false;
        while (at < _text.Length && _text[at] is '$' or '@')
        {
            dollars += _text[at] == '$' ? 1 : 0;
            verbatim |= _text[at] == '@';
            at++;
        }

        if (at >= _text.Length || _text[at] != '"')
        {
            return false;
        }

        int quotes = 0;
        while (at + quotes < _text.Length && _text[at + quotes] == '"')
        {
            quotes++;
        }

        _tokens.Add(new Token(TokenKind.Literal, "\"", _line));
        if (quotes >= 3)
        {
            Skip(at + quotes - _at);
            ScanString(new string('"', quotes), dollars, escapes: false, doubled: false, braces: Math.Max(dollars, 1));
        }
        else if (quotes == 2 && !verbatim)
        {
            Skip(at + 2 - _at);
        }
        else
        {
            Skip(at + 1 - _at);
            ScanString("\"", dollars, escapes: !verbatim, doubled: verbatim, braces: 1);
        }

        return true;
    }

    private void ScanString(string end, int dollars, bool escapes, bool doubled, int braces)
    {
        string hole = new('{', braces);
        while (_at < _text.Length)
        {
            if (escapes && _text[_at] == '\\')
            {
                Skip(2);
            }
            else if (doubled && Next("\"\""))
            {
                Skip(2);
            }
            else if (Next(end))
            {
                Skip(end.Length);
                return;
            }
            else if (dollars > 0 && end.Length == 1 && Next("{{"))
            {
                Skip(2);
            }
            else if (dollars > 0 && Next(hole))
            {
                Skip(braces);
                ScanCode(braces);
            }
            else
            {
                Skip(1);
            }
        }
    }

    private bool TryChar()
    {
        if (_text[_at] != '\'')
        {
            return false;
        }

        int end = _text.IndexOf('\'', _at + (_at + 1 < _text.Length && _text[_at + 1] == '\\' ? 3 : 2));
        Add(TokenKind.Literal, "'", (end < 0 ? _text.Length : end + 1) - _at);
        return true;
    }

    private bool TryWord()
    {
        if (!char.IsLetter(_text[_at]) && _text[_at] is not ('_' or '@'))
        {
            return false;
        }

        int end = _at + 1;
        while (end < _text.Length && (char.IsLetterOrDigit(_text[end]) || _text[end] == '_'))
        {
            end++;
        }

        Add(TokenKind.Word, _text[_at..end], end - _at);
        return true;
    }

    private bool TryNumber()
    {
        if (!char.IsDigit(_text[_at]))
        {
            return false;
        }

        int end = _at + 1;
        while (end < _text.Length && (char.IsLetterOrDigit(_text[end]) || _text[end] is '_'
            || (_text[end] == '.' && end + 1 < _text.Length && char.IsDigit(_text[end + 1]))))
        {
            end++;
        }

        Add(TokenKind.Literal, "0", end - _at);
        return true;
    }

    private void Add(TokenKind kind, string text, int length)
    {
        _tokens.Add(new Token(kind, text, _line));
        Skip(length);
    }

    private bool Next(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private bool AtLineStart()
    {
        int at = _at - 1;
        while (at >= 0 && _text[at] is ' ' or '\t')
        {
            at--;
        }

        return at < 0 || _text[at] == '\n';
    }

    private void SkipTo(string text)
    {
        int found = _text.IndexOf(text, _at, StringComparison.Ordinal);
        Skip((found < 0 ? _text.Length : found) - _at);
    }

    private void Skip(int count)
    {
        for (int end = Math.Min(_at + count, _text.Length); _at < end; _at++)
        {
            _line += _text[_at] == '\n' ? 1 : 0;
        }
    }
}
