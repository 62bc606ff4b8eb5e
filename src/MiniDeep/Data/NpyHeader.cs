using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MiniDeep.Data;

/// <summary>The head of an NPY file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic, a version, a length and a Python dictionary of three entries.</summary>
/// <param name="DType">The type of the elements.</param>
/// <param name="IsLittleEndian">Their byte order.</param>
/// <param name="IsFortran">Whether the first axis runs fastest.</param>
/// <param name="Shape">The array's shape.</param>
/// <param name="Size">The bytes of the elements.</param>
internal sealed record NpyHeader(DType DType, bool IsLittleEndian, bool IsFortran, Shape Shape, long Size)
{
    // NumPy itself refuses more than 10,000 characters unless it is told that the file can be trusted
    private const int MaxLength = 10_000;
    private const int Alignment = 64;
    private const string Expected = "an NPY header {'descr': …, 'fortran_order': …, 'shape': …}";

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The file, from its beginning.</param>
    /// <param name="name">Its name.</param>
    /// <param name="length">The bytes of the header.</param>
    /// <exception cref="InvalidDataFileException">It is none, or of an array that tensors can't hold.</exception>
    public static NpyHeader Read(Stream stream, string name, out int length)
    {
        Span<byte> start = stackalloc byte[8];
        Fill(stream, start, name);
        if (!start.StartsWith(Magic)) throw new InvalidDataFileException(name, "an NPY file, which starts with 93-4E-55-4D-50-59", Convert.ToHexString(start[..Magic.Length]));
        if (start[6] is not (1 or 2 or 3) || start[7] != 0) throw new InvalidDataFileException(name, "NPY of version 1.0, 2.0 or 3.0", $"{start[6]}.{start[7]}");
        Span<byte> size = stackalloc byte[start[6] == 1 ? 2 : 4];
        Fill(stream, size, name);
        uint count = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (count > MaxLength) throw new InvalidDataFileException(name, $"an NPY header of at most {MaxLength} bytes", $"{count}");
        var text = new byte[count];
        Fill(stream, text, name);
        length = start.Length + size.Length + text.Length;
        return new Parser(Encoding.Latin1.GetString(text), name).Parse();
    }

    /// <summary>The header of a tensor's file.</summary>
    public static byte[] Of(Tensor tensor, bool isFortran)
    {
        string shape = tensor.Rank == 1 ? $"({tensor.Shape[0]},)" : $"({string.Join(", ", tensor.Shape)})";
        string text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '{Description(tensor.DType)}', 'fortran_order': {(isFortran ? "True" : "False")}, 'shape': {shape}, }}");
        int head = Magic.Length + 4, length = text.Length + 1;
        length += (Alignment - ((head + length) % Alignment)) % Alignment;
        return [.. Magic, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(length - 1)), (byte)'\n'];
    }

    private static string Description(DType dtype) => dtype switch
    {
        DType.Float32 => "<f4",
        DType.Float64 => "<f8",
        DType.Int32 => "<i4",
        DType.Int64 => "<i8",
        DType.UInt8 => "|u1",
        _ => "|b1",
    };

    private static void Fill(Stream stream, Span<byte> bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataFileException(name, Expected, "a file that ends inside it");
    }

    /// <summary>Reads the dictionary, and nothing else that Python would evaluate.</summary>
    private sealed class Parser(string text, string name)
    {
        private int _at;

        public NpyHeader Parse()
        {
            string? type = null;
            bool? isFortran = null;
            List<long>? sizes = null;
            Take('{');
            while (!Peek('}'))
            {
                string key = Text();
                Take(':');
                switch (key)
                {
                    case "descr" when type is null:
                        if (Peek('[')) throw new InvalidDataFileException(name, "an array of numbers or truth values", "one of records");
                        type = Text();
                        break;
                    case "fortran_order" when isFortran is null:
                        isFortran = Truth();
                        break;
                    case "shape" when sizes is null:
                        sizes = Sizes();
                        break;
                    default:
                        throw new InvalidDataFileException(name, Expected, EntryName.Shown(key));
                }
                if (!Peek('}')) Take(',');
            }
            Take('}');
            if (!text.AsSpan(_at).Trim(' ').SequenceEqual("\n")) throw Wrong("something behind it");
            if (type is null || isFortran is not { } fortran || sizes is null) throw Wrong("not all of the three");
            DType dtype = TypeOf(type);
            long size = ElementBytes.Size([.. sizes], dtype.Size())
                ?? throw new InvalidDataFileException(name, $"an array of at most {int.MaxValue} elements and {ElementBytes.MaxRank} axes", $"the shape ({string.Join(", ", sizes.Take(8))}{(sizes.Count > 8 ? ", …" : "")})");
            return new NpyHeader(dtype, type[0] != '>', fortran, ElementBytes.ShapeOf([.. sizes]), size);
        }

        private DType TypeOf(string type)
        {
            if (type.Contains('O', StringComparison.Ordinal))
                throw new InvalidDataFileException(name, "an array of numbers or truth values", "one of Python objects: they are pickled, and a pickle runs code when it is read. Save numbers instead");
            return type switch
            {
                "<f4" or ">f4" => DType.Float32,
                "<f8" or ">f8" => DType.Float64,
                "<i4" or ">i4" => DType.Int32,
                "<i8" or ">i8" => DType.Int64,
                "|u1" or "<u1" or ">u1" => DType.UInt8,
                "|b1" => DType.Bool,
                _ => throw new InvalidDataFileException(name, "elements of float32, float64, int32, int64, uint8 or bool (convert with astype before saving)", EntryName.Shown(type)),
            };
        }

        private string Text()
        {
            Spaces();
            char quote = _at < text.Length ? text[_at] : '\0';
            int end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
            if (end < 0) throw Wrong("no text where one belongs");
            string found = text[(_at + 1)..end];
            if (found.Contains('\\', StringComparison.Ordinal)) throw Wrong("an escape sequence");
            _at = end + 1;
            return found;
        }

        private bool Truth()
        {
            Spaces();
            foreach (bool value in (bool[])[true, false])
            {
                if (!text.AsSpan(_at).StartsWith(value ? "True" : "False")) continue;
                _at += value ? 4 : 5;
                return value;
            }
            throw Wrong("neither True nor False");
        }

        private List<long> Sizes()
        {
            List<long> sizes = [];
            Take('(');
            while (!Peek(')'))
            {
                int start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
                if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long size)) throw Wrong("a size that is no whole number of 64 bits");
                sizes.Add(size);
                if (sizes.Count == 1 && Peek(')')) throw Wrong("a number in brackets, which is no tuple");
                if (!Peek(')')) Take(',');
            }
            Take(')');
            return sizes;
        }

        private bool Peek(char c)
        {
            Spaces();
            return _at < text.Length && text[_at] == c;
        }

        private void Take(char c)
        {
            if (!Peek(c)) throw Wrong($"no '{c}' where one belongs");
            _at++;
        }

        private void Spaces()
        {
            while (_at < text.Length && text[_at] == ' ') _at++;
        }

        private InvalidDataFileException Wrong(string found) => new(name, Expected, found);
    }
}
