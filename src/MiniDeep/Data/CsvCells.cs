using System.Buffers;
using System.Text;

namespace MiniDeep.Data;

/// <summary>
/// The cells of a CSV file one by one (RFC 4180): between delimiters, in quotes where they hold delimiters, quotes (doubled) or line ends. UTF-8, with or without a mark; any of the three line
/// ends. A reader of some 100 lines instead of a package: the core depends on nothing else, and what it accepts is in one place.
/// </summary>
internal sealed class CsvCells(Stream stream, string name, char delimiter) : IDisposable
{
    private const int MaxCell = 1 << 16, BlockSize = 1 << 14;

    private readonly StreamReader _reader = new(
        stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: BlockSize, leaveOpen: true);

    private readonly SearchValues<char> _ends = SearchValues.Create([delimiter, '"', '\r', '\n']);
    private readonly char[] _block = new char[BlockSize];
    private int _at, _end;
    private bool _isBegun, _isOver;

    private char[] _buffer = new char[64];
    private int _length;

    /// <summary>The line on which the last cell begins, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The last cell's place in its row, from 1.</summary>
    public int Column { get; private set; }

    /// <summary>The last cell, until the next is read.</summary>
    public ReadOnlySpan<char> Cell => _buffer.AsSpan(0, _length);

    /// <summary>Whether the last cell is the last of its row.</summary>
    public bool EndsRow { get; private set; } = true;

    /// <summary>The characters that were read so far, a block ahead of the last cell; not more than the bytes.</summary>
    public long Characters { get; private set; }

    private int CurrentLine { get; set; } = 1;

    /// <summary>Reads a cell; lines without any character are passed over.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InvalidDataFileException">A quote stands where none may, a cell is too long, or the file isn't UTF-8.</exception>
    public bool Read()
    {
        try
        {
            if (!_isBegun && Peek() == '\uFEFF') Take();
            _isBegun = true;
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
        while (Peek() >= 0)
        {
            ReadOnlySpan<char> rest = _block.AsSpan(_at.._end);
            int end = rest.IndexOfAny(_ends);
            if (end >= 0) rest = rest[..end];
            Append(rest);
            _at += rest.Length;
            if (end < 0) continue;
            if (Peek() == '"') throw Wrong("quotes around the whole cell", "one inside it");
            return;
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
                Append("\n");
                continue;
            }
            Take();
            if (c == '"' && Peek() != '"') return;
            if (c == '"') Take();
            Append([(char)c]);
        }
    }

    private void Append(ReadOnlySpan<char> text)
    {
        int length = _length + text.Length;
        if (length > MaxCell) throw Wrong($"a cell of at most {MaxCell} characters", "a longer one");
        if (length > _buffer.Length) Array.Resize(ref _buffer, Math.Max(length, _buffer.Length * 2));
        text.CopyTo(_buffer.AsSpan(_length));
        _length = length;
    }

    /// <summary>\n, \r\n or \r.</summary>
    private void TakeLineEnd()
    {
        if (Take() == '\r' && Peek() == '\n') Take();
        CurrentLine++;
    }

    /// <summary>The next character; -1 at the end of the file.</summary>
    private int Peek()
    {
        if (_at < _end) return _block[_at];
        if (_isOver) return -1;
        (_at, _end) = (0, _reader.Read(_block, 0, _block.Length));
        _isOver = _end == 0;
        Characters += _end;
        return _isOver ? -1 : _block[0];
    }

    private int Take()
    {
        int c = Peek();
        if (c >= 0) _at++;
        return c;
    }
}
