using MiniDeep.Data;

namespace MiniDeep.Tests.Files;

public class InputFileTests
{
    private static readonly Dictionary<string, Action<string>> _readers = new()
    {
        ["Model.Load"] = path => Model.Load(path),
        ["Sequential.Load"] = path => Sequential.Load(path),
        ["LoadWeights"] = path => new Sequential([2], seed: 1).Dense(1).LoadWeights(path),
        ["SafeTensors.Read"] = path => SafeTensors.Read(path),
        ["NpyFile.Read"] = path => NpyFile.Read(path),
        ["NpzFile.Read"] = path => NpzFile.Read(path),
        ["CsvReader.Read"] = path => CsvReader.Read(path),
        ["IdxReader.Read"] = path => IdxReader.Read(path),
    };

    public static TheoryData<string> Readers => [.. _readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_folder_in_a_file_s_place_is_named(string reader)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal($"'{folder.Path}' is a folder, not a file.", Assert.Throws<IOException>(() => _readers[reader](folder.Path)).Message);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_missing_file_is_named(string reader)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(folder["none"], Assert.Throws<FileNotFoundException>(() => _readers[reader](folder["none"])).Message);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void An_empty_path_is_a_wrong_call(string reader) => Assert.Equal("path", Assert.Throws<ArgumentException>(() => _readers[reader]("")).ParamName);
}
