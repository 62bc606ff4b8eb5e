using System.Text;

namespace MiniDeep.Data;

/// <summary>
/// The cells of a CSV file one by one (RFC 4180): between delimiters, in quotes where they hold delimiters, quotes (doubled) or line ends. UTF-8, with or without a mark; any of the three line
/// ends. A reader of some 100 lines instead of a package: the core depends on nothing else, and what it accepts is in one place.
/// </summary>
internal sealed class CsvCells(Stream stream, string name, char delimiter) : IDisposable
{
    private const int MaxCell = 1 << 16;

    private readonly StreamReader _reader = new(
        stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 14, leaveOpen: true);

    private char[] _buffer = new char[64];
    private int _length;
    private int _next = -2;

    /// <summary>The line on which the last cell begins, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The last cell's place in its row, from 1.</summary>
    public int Column { get; private set; }

    /// <summary>The last cell, until the next is read.</summary>
    public ReadOnlySpan<char> Cell => _buffer.AsSpan(0, _length);

    /// <summary>Whether the last cell is the last of its row.</summary>
    public bool EndsRow { get; private set; } = true;

    private int CurrentLine { get; set; } = 1;

    /// <summary>Reads a cell; lines without any character are passed over.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InvalidDataFileException">A quote stands where none may, a cell is too long, or the file isn't UTF-8.</exception>
    public bool Read()
    {
        try
        {
            if (_next == -2 && Peek() == '\uFEFF') Take();
            if (EndsRow)
            {
                while (Peek() is '\r' or '\n') TakeLineEnd();
                if (Peek() < 0) return false;
            }
            (Column, Line) = (EndsRow ? 1 : Column + 1, CurrentLine);
            _length = 0;
            bool isQuoted = Peek() == '"';
            if (isQuoted) ReadQuoted();
            else ReadPlain();
            EndsRow = Peek() != delimiter;
            if (EndsRow && Peek() is not (-1 or '\r' or '\n')) throw Wrong("a delimiter behind a quoted cell", "something else");
            if (!EndsRow) Take();
            else if (Peek() >= 0) TakeLineEnd();
            return true;
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataFileException(name, "text in UTF-8", $"bytes that aren't, near line {CurrentLine}", error);
        }
    }

    /// <summary>What is wrong with the last cell.</summary>
    public InvalidDataFileException Wrong(string expected, string found) => new(name, $"{expected} in line {Line}, column {Column}", found);

    public void Dispose() => _reader.Dispose();

    private void ReadPlain()
    {
        while (Peek() is not (-1 or '\r' or '\n') and var c && c != delimiter)
        {
            if (c == '"') throw Wrong("quotes around the whole cell", "one inside it");
            Append(Take());
        }
    }

    private void ReadQuoted()
    {
        Take();
        while (true)
        {
            int c = Peek();
            if (c < 0) throw Wrong("a closing quote", "the end of the file");
            if (c is '\r' or '\n')
            {
                TakeLineEnd();
                Append('\n');
                continue;
            }
            Take();
            if (c != '"') Append(c);
            else if (Peek() == '"') Append(Take());
            else return;
        }
    }

    private void Append(int c)
    {
        if (_length == MaxCell) throw Wrong($"a cell of at most {MaxCell} characters", "a longer one");
        if (_length == _buffer.Length) Array.Resize(ref _buffer, _length * 2);
        _buffer[_length++] = (char)c;
    }

    /// <summary>\n, \r\n or \r.</summary>
    private void TakeLineEnd()
    {
        if (Take() == '\r' && Peek() == '\n') Take();
        CurrentLine++;
    }

    private int Peek()
    {
        if (_next == -2) _next = _reader.Read();
        return _next;
    }

    private int Take()
    {
        int c = Peek();
        _next = _reader.Read();
        return c;
    }
}
