using System.Globalization;
using System.Text;
using MiniDeep.Data;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Data;

public class CsvReaderTests
{
    private const string Flowers = "length,width,colour,species\n5.1,3.5,red,setosa\n4.9,,blue,virginica\n6.25,-1e1,red,setosa\n";

    [Fact]
    public void A_table_becomes_features_and_classes()
    {
        CsvData read = Read(Flowers, new CsvFormat { Categorical = ["colour"], Missing = CsvMissing.Fill, FillValue = 9 });
        Assert.Equal(["length", "width", "colour"], read.FeatureNames);
        Assert.Equal("species", read.LabelName);
        Assert.Equal(["setosa", "virginica"], read.Classes);
        Assert.Equal(["blue", "red"], read.Categories["colour"]);
        Assert.Equal([5.1f, 3.5f, 1, 4.9f, 9, 0, 6.25f, -10, 1], read.Data.Features.ToArray<float>());
        Assert.Equal([0, 1, 0], read.Data.Labels.ToArray<int>());
        Assert.Equal([3], read.Data.FeatureShape);
    }

    [Fact]
    public void Numbers_are_read_alike_under_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            foreach (string culture in new[] { "de-DE", "fr-FR", "tr-TR", "ar-SA" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                CsvData read = Read("a;b\n1.5;I\n-2e3;i\n", new CsvFormat { Delimiter = ';', DType = DType.Float64 });
                Assert.Equal([1.5, -2000], read.Data.Features.ToArray<double>());
                Assert.Equal(["I", "i"], read.Classes);
                Assert.Contains("a finite number in line 2, column 1 ('a'), found '1,5'", Refused("a;b\n1,5;x\n", new CsvFormat { Delimiter = ';' }));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Quotes_line_ends_marks_and_empty_lines_are_understood()
    {
        CsvData read = Read("\uFEFF\r\n\"a\"\"b\",\"c\r\nd\"\r\r1,\"x, y\"\n\n\n 2 ,\"\"\"\"\r\n", new CsvFormat());
        Assert.Equal(["a\"b"], read.FeatureNames);
        Assert.Equal("c\nd", read.LabelName);
        Assert.Equal(["\"", "x, y"], read.Classes);
        Assert.Equal([1, 2], read.Data.Features.ToArray<float>());
        Assert.Equal([1, 0], read.Data.Labels.ToArray<int>());
    }

    [Fact]
    public void Classes_that_are_numbers_are_ordered_as_numbers()
    {
        CsvData read = Read("x,y\n1,10\n2,9\n3,-1\n4,10\n", new CsvFormat());
        Assert.Equal(["-1", "9", "10"], read.Classes);
        Assert.Equal([2, 1, 0, 2], read.Data.Labels.ToArray<int>());
    }

    [Fact]
    public void A_number_can_be_the_label_and_the_label_any_column()
    {
        CsvData read = Read("y,skipped,x\n0.5,what?,1\n1.5,ever,2\n", new CsvFormat { Label = "y", LabelKind = CsvLabel.Number, Ignored = ["skipped"] });
        Assert.Equal([2, 1], read.Data.Labels.Shape);
        Assert.Equal([0.5f, 1.5f], read.Data.Labels.ToArray<float>());
        Assert.Equal(["x"], read.FeatureNames);
        Assert.Empty(read.Classes);
        Assert.Equal(["0", "1"], Read("1,2,3\n4,5,6", new CsvFormat { HasHeader = false }).FeatureNames);
    }

    [Fact]
    public void Test_data_get_the_numbers_of_the_training_data()
    {
        CsvData train = Read(Flowers, new CsvFormat { Categorical = ["colour"], Missing = CsvMissing.SkipRow });
        Assert.Equal(["red"], train.Categories["colour"]);
        Assert.Equal(["setosa"], train.Classes);
        var format = new CsvFormat { KnownCategories = new Dictionary<string, IReadOnlyList<string>> { ["colour"] = ["green", "red"], ["species"] = ["virginica", "setosa"] } };
        CsvData test = Read("length,width,colour,species\n1,2,red,setosa\n", format);
        Assert.Equal([1, 2, 1], test.Data.Features.ToArray<float>());
        Assert.Equal([1], test.Data.Labels.ToArray<int>());
        Assert.Contains("one of the words that are known in line 2, column 3 ('colour'), found 'pink'", Refused("length,width,colour,species\n1,2,pink,setosa\n", format));
    }

    [Theory]
    [InlineData("length,width,species\n5,1,setosa\n4.9,,virginica\n", "a number in line 3, column 2 ('width'), found nothing")]
    [InlineData("a,b\n1,x\n1.2.3,x\n", "a finite number in line 3, column 1 ('a'), found '1.2.3'")]
    [InlineData("a,b\n1e999,x\n", "found '1e999'")]
    [InlineData("a,b\n1e300,x\n", "a number that Float32 can hold in line 2, column 1 ('a'), found '1e300'")]
    [InlineData("a,b\nInfinity,x\n", "found 'Infinity'")]
    [InlineData("a,b\n\u0007,x\n", "found '\\u0007'")]
    [InlineData("a,b\n1\n", "2 cells in line 2, as in the first, found 1")]
    [InlineData("a,b\n\n\n1,2,3\n", "2 cells in line 4, as in the first, found more")]
    [InlineData("a,b\n1,\"x\ny\"\n2,\"z", "a closing quote in line 4, column 2")]
    [InlineData("a,b\n1,\"x\"y\n", "a delimiter behind a quoted cell in line 2, column 2")]
    [InlineData("a,b\n1,x\"y\n", "quotes around the whole cell in line 2, column 2")]
    [InlineData("a,b\n1,?\n", "a word in line 2, column 2 ('b'), found '?'")]
    [InlineData("a,a\n1,2\n", "columns of different names, found 'a' twice")]
    [InlineData("a\n1\n", "a column beside the label")]
    [InlineData("a,b\n", "rows of data, found none")]
    [InlineData("", "an empty file")]
    [InlineData("\n\r\n", "an empty file")]
    public void A_bad_cell_is_named_by_line_and_column(string text, string message) => Assert.Contains(message, Refused(text, new CsvFormat()));

    /// <summary>Two bytes a cell, so that whatever is kept of one weighs more than the file.</summary>
    [Theory]
    [InlineData(DType.Float32, true)]
    [InlineData(DType.Float32, false)]
    [InlineData(DType.Float64, true)]
    [InlineData(DType.Float64, false)]
    public void Short_cells_take_no_more_than_twice_the_file_beside_the_tensors(DType dtype, bool seekable)
    {
        const int Rows = 60_000, Columns = 50;
        var file = new byte[Rows * Columns * 2];
        for (int i = 0; i < file.Length; i += 2) (file[i], file[i + 1]) = (Digit(i / 2), (i / 2) % Columns == Columns - 1 ? (byte)'\n' : (byte)',');
        var stream = new CountingStream(file, seekable);
        var format = new CsvFormat { HasHeader = false, DType = dtype };
        Read("1,2\n", format);
        Device.Cpu.Trim();

        long before = GC.GetAllocatedBytesForCurrentThread();
        CsvData read = CsvReader.Read(stream, "digits.csv", format);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        long tensors = SizeClass.Bytes(SizeClass.Of((long)Rows * (Columns - 1) * dtype.Size())) + SizeClass.Bytes(SizeClass.Of(Rows * sizeof(int)));
        Assert.InRange(allocated - tensors, long.MinValue, (2L * file.Length) + (16 << 20));
        Assert.InRange(allocated - tensors, long.MinValue, (seekable ? 0 : file.Length) + (1 << 20));
        double[] features = read.Data.Features.To(DType.Float64).ToArray<double>();
        int[] labels = read.Data.Labels.ToArray<int>();
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns - 1; column++)
                if (features[(row * (Columns - 1)) + column] != Digit((row * Columns) + column) - '0') Assert.Fail($"row {row}, column {column}");
            if (int.Parse(read.Classes[labels[row]], CultureInfo.InvariantCulture) != Digit((row * Columns) + Columns - 1) - '0') Assert.Fail($"label {row}");
        }

        static byte Digit(int cell) => (byte)('0' + (int)((uint)cell * 2654435761 >> 16) % 10);
    }

    /// <summary>Cells of all lengths, so that the reader's blocks end everywhere in them: in quotes, between the two of a line end, in a character of several bytes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Blocks_may_end_anywhere(bool seekable)
    {
        var text = new StringBuilder("word,skipped,y\r\n");
        List<string> words = [];
        for (int i = 0; i < 4_000; i++)
        {
            string word = $"{new string('é', i % 37)}{(i % 3 == 0 ? "\"\"" : "x")}{new string('z', i % 11)}{(i % 5 == 0 ? "\n" : "")}€";
            words.Add(word.Replace("\"\"", "\""));
            text.Append($"\"{word}\",\"{new string(',', i % 53)}\",{i}\r\n");
        }
        var stream = new CountingStream(Encoding.UTF8.GetBytes(text.ToString()), seekable);
        CsvData read = CsvReader.Read(stream, "words.csv", new CsvFormat { Categorical = ["word"], Ignored = ["skipped"], LabelKind = CsvLabel.Number });
        Assert.Equal(words, read.Data.Features.ToArray<float>().Select(place => read.Categories["word"][(int)place]));
        Assert.Equal(Enumerable.Range(0, words.Count).Select(static i => (float)i), read.Data.Labels.ToArray<float>());
    }

    [Theory]
    [InlineData("a,b\n1,x\n2,y\n", "a,b\n1,x\n", "2 rows, as when it was read first")]
    [InlineData("a,b\n1,x\n", "a,b\n1,x\n2,x\n", "1 rows, as when it was read first")]
    [InlineData("a,b\n1,x\n", "a,b\n1,y\n", "one of the words that are known in line 2, column 2")]
    public void A_file_that_changes_between_its_two_readings_is_refused(string first, string second, string message)
    {
        using var stream = new ChangingStream(Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(second));
        Assert.Contains(message, Assert.Throws<InvalidDataFileException>(() => CsvReader.Read(stream, "table.csv")).Message);
    }

    [Fact]
    public void Wrong_calls_are_named()
    {
        Assert.Throws<ArgumentException>(() => new CsvFormat { Delimiter = '"' });
        Assert.Throws<DTypeException>(() => new CsvFormat { DType = DType.Int32 });
        Assert.Contains("a column 'y', found the columns 'a', 'b'", Refused("a,b\n1,2\n", new CsvFormat { Label = "y" }));
        Assert.Throws<FileNotFoundException>(() => CsvReader.Read("/no/such/file.csv".Replace("/no/such/", Path.GetTempPath())));
    }

    /// <summary>A file that is another when somebody goes back to its beginning for the second time: the first is for the names.</summary>
    private sealed class ChangingStream(byte[] first, byte[] second) : MemoryStream(first, 0, first.Length)
    {
        private MemoryStream _content = new(first);
        private int _rewinds;

        public override long Position
        {
            get => _content.Position;
            set
            {
                if (++_rewinds == 2) _content = new MemoryStream(second);
                _content.Position = value;
            }
        }

        public override int Read(Span<byte> buffer) => _content.Read(buffer);
    }

    private static CsvData Read(string text, CsvFormat format) => CsvReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "table.csv", format);

    private static string Refused(string text, CsvFormat format) => Assert.Throws<InvalidDataFileException>(() => Read(text, format)).Message;
}
