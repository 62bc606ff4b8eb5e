namespace MiniDeep.Data;

/// <summary>What becomes of a row with a missing value.</summary>
public enum CsvMissing
{
    /// <summary>It is an error that names line and column; the default.</summary>
    Refuse,

    /// <summary>The row is left out.</summary>
    SkipRow,

    /// <summary>The value is <see cref="CsvFormat.FillValue"/>. In the label's column it is an error still.</summary>
    Fill,
}

/// <summary>What the label's column holds.</summary>
public enum CsvLabel
{
    /// <summary>Classes, as words or numbers: targets are Int32 [count], the class's place among all classes in their order.</summary>
    Category,

    /// <summary>Numbers: targets are floats [count, 1].</summary>
    Number,
}

/// <summary>How a CSV file is read.</summary>
public sealed record CsvFormat
{
    /// <summary>Between the cells of a line: by default a comma.</summary>
    public char Delimiter
    {
        get;
        init => field = value is '"' or '\r' or '\n' ? throw new ArgumentException("A delimiter is neither a quote nor the end of a line.", nameof(Delimiter)) : value;
    } = ',';

    /// <summary>Whether the first line holds the columns' names, which it does by default; without it they are "0", "1", ….</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The name of the label's column: by default that of the last.</summary>
    public string? Label { get; init; }

    /// <summary>What it holds: by default classes.</summary>
    public CsvLabel LabelKind { get; init; }

    /// <summary>
    /// The feature columns that hold words: each word becomes its place among the column's words in their order. Words are there to repeat: a file whose different ones
    /// would take more memory than twice its size and 12 MB is refused, which leaves room for tens of thousands in any file.
    /// </summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Columns that aren't read.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>
    /// The words of columns, where they are known: those of the training data (<see cref="CsvData.Categories"/>), so that the test data get the same numbers. Another word is an error then.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> KnownCategories { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Cells that stand for a missing value: by default the empty one, NA, NaN, nan, null and ?.</summary>
    public IReadOnlyList<string> MissingMarks { get; init; } = ["", "NA", "NaN", "nan", "null", "?"];

    /// <summary>What becomes of a row with a missing value.</summary>
    public CsvMissing Missing { get; init; }

    /// <summary>What a missing value becomes with <see cref="CsvMissing.Fill"/>: by default NaN.</summary>
    public double FillValue { get; init; } = double.NaN;

    /// <summary>The type of features and of numbers as labels: Float32 or Float64.</summary>
    public DType DType
    {
        get;
        init => field = value.IsFloat() ? value : throw new DTypeException($"The features of a CSV file are Float32 or Float64, not {value}.");
    }
}

/// <summary>A CSV file's content.</summary>
/// <param name="Data">Features [count, columns] and targets.</param>
/// <param name="FeatureNames">The names of the feature columns, in order.</param>
/// <param name="LabelName">The name of the label's column.</param>
/// <param name="Categories">The words of each column that holds words, in the order of their numbers.</param>
public sealed record CsvData(Dataset Data, IReadOnlyList<string> FeatureNames, string LabelName, IReadOnlyDictionary<string, IReadOnlyList<string>> Categories)
{
    /// <summary>The classes, in the order of their numbers; empty where the label is a number.</summary>
    public IReadOnlyList<string> Classes => Categories.GetValueOrDefault(LabelName) ?? [];
}
