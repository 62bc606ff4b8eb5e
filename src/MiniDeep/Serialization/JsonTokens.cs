using System.Text.Json;
using System.Text.Unicode;

namespace MiniDeep;

/// <summary>
/// Reads JSON of unknown origin token by token, as it arrives: a fault is found before what comes behind it is read, and memory is taken for the longest token, not for what a length promises.
/// </summary>
/// <param name="source">The text, from its position on.</param>
/// <param name="length">The bytes of the text.</param>
/// <param name="name">The file's name.</param>
internal sealed class JsonTokens(Stream source, long length, string name)
{
    private const int MaxDepth = 8;
    private const int FirstBuffer = 1 << 14, MaxName = 1 << 16;

    /// <summary>The longest text that <see cref="ReadText"/> takes, in bytes.</summary>
    public const int MaxText = 768 << 10;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _start, _checked, _end;
    private readonly long _length = length;
    private long _left = length, _consumed;
    private int _longest = MaxName;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });

    /// <summary>What the last token is.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>Where the last token begins in the text.</summary>
    public long Start { get; private set; }

    /// <summary>The last token's text, if it is a name or a string.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The last token's value, if it is a whole number from 0 to 2^63 - 1; otherwise -1.</summary>
    public long Whole { get; private set; }

    /// <summary>Reads a token.</summary>
    /// <returns>False at the end of the text.</returns>
    /// <exception cref="InvalidDataFileException">The text isn't JSON, isn't UTF-8, is nested too deeply or has too long a token.</exception>
    public bool Read()
    {
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _checked - _start), isFinalBlock: _left == 0, _state);
                bool isToken = reader.Read();
                if (isToken) Take(ref reader);
                _start += (int)reader.BytesConsumed;
                _consumed += reader.BytesConsumed;
                _state = reader.CurrentState;
                if (isToken) return true;
                if (_left == 0) return false;
                Fill();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // the second: an escaped half of a surrogate pair
            throw new InvalidDataFileException(name, "a header of sound JSON, nested at most 8 deep", "something else", error);
        }
    }

    /// <summary>Reads a token that must be of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="expected">What messages call it.</param>
    /// <exception cref="InvalidDataFileException">It is of another.</exception>
    public void Read(JsonTokenType type, string expected)
    {
        if (!Read() || Type != type) throw new InvalidDataFileException(name, expected, Type == type ? "the header's end" : $"JSON of another kind ({Type})");
    }

    /// <summary>Reads a string that may be longer than a name.</summary>
    /// <inheritdoc cref="Read(JsonTokenType, string)"/>
    public string ReadText(string expected)
    {
        _longest = MaxText;
        Read(JsonTokenType.String, expected);
        _longest = MaxName;
        return Text;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        Type = reader.TokenType;
        Start = _consumed + reader.TokenStartIndex;
        Text = Type is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString()! : "";
        Whole = Type == JsonTokenType.Number && reader.TryGetInt64(out long whole) ? Math.Max(whole, -1) : -1;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_checked, _end, _start) = (_checked - _start, _end - _start, 0);
        }
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= _longest) throw new InvalidDataFileException(name, $"names of at most {MaxName} and values of at most {MaxText} bytes in the header", "a longer one");
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxText));
        }
        int wanted = (int)Math.Min(_left, _buffer.Length - _end);
        if (source.ReadAtLeast(_buffer.AsSpan(_end, wanted), wanted, throwOnEndOfStream: false) < wanted)
            throw new InvalidDataFileException(name, $"a header of {_length} bytes", "a file that ends inside it");
        _left -= wanted;
        _end += wanted;
        Check();
    }

    /// <summary>The JSON reader takes names that aren't UTF-8: it sees nothing that wasn't checked.</summary>
    private void Check()
    {
        ReadOnlySpan<byte> arrived = _buffer.AsSpan(_checked, _end - _checked);
        if (_left > 0) arrived = arrived[..^Unfinished(arrived)];
        if (!Utf8.IsValid(arrived)) throw new InvalidDataFileException(name, "a header in UTF-8", "bytes that aren't");
        _checked += arrived.Length;
    }

    /// <summary>The bytes at the end that begin a character whose rest is still to come.</summary>
    private static int Unfinished(ReadOnlySpan<byte> text)
    {
        for (int count = 1; count <= Math.Min(3, text.Length); count++)
        {
            byte b = text[^count];
            if (b >= 0xC0) return count < (b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2) ? count : 0;
            if (b < 0x80) return 0;
        }
        return 0;
    }
}
