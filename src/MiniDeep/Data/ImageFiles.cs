namespace MiniDeep.Data;

/// <summary>Finds and reads the four files of an image set in MNIST's form.</summary>
internal static class ImageFiles
{
    /// <summary>The set in a folder, or in the per-user cache where none is given.</summary>
    public static (Dataset Train, Dataset Test) Load(string set, string? folder)
    {
        string place = folder ?? Path.Combine(CacheFolder(), set);
        return (Read(place, "train"), Read(place, "t10k"));

        Dataset Read(string from, string part)
        {
            IdxArray images = IdxReader.Read(Find(from, $"{part}-images-idx3-ubyte"));
            IdxArray labels = IdxReader.Read(Find(from, $"{part}-labels-idx1-ubyte"));
            return Combine(images, labels, Path.Combine(from, part));
        }

        string Find(string from, string name)
        {
            foreach (string candidate in (string[])[name + ".gz", name, name.Replace("-idx", ".idx", StringComparison.Ordinal)])
            {
                string path = Path.Combine(from, candidate);
                if (File.Exists(path)) return path;
            }
            throw new FileNotFoundException(
                $"There is no {name}.gz (nor {name}) in '{Path.GetFullPath(from)}'. Put the four files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
                + $"t10k-labels-idx1-ubyte of {set} there, gzipped or not"
                + (folder is null ? ", or pass the folder that has them." : "."), name);
        }
    }

    private static string CacheFolder() => Environment.GetEnvironmentVariable("MINIDEEP_DATA") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "MiniDeep");

    private static Dataset Combine(IdxArray images, IdxArray labels, string what)
    {
        if (images.ElementType != IdxElementType.UInt8 || images.Dimensions.Length != 3)
            throw new InvalidDataFileException(what, "images of bytes, [count, height, width]", $"{images.ElementType} [{string.Join(", ", images.Dimensions)}]");
        if (labels.ElementType != IdxElementType.UInt8 || labels.Dimensions.Length != 1 || labels.Dimensions[0] != images.Dimensions[0])
            throw new InvalidDataFileException(what, $"{images.Dimensions[0]} labels of a byte each", $"{labels.ElementType} [{string.Join(", ", labels.Dimensions)}]");
        Tensor pixels = Tensor.From(images.Data, [images.Dimensions[0], images.Dimensions[1], images.Dimensions[2], 1]);
        return new Dataset(pixels, Tensor.From(labels.Data), scale: 1.0 / 255);
    }
}

/// <summary>Handwritten digits (LeCun, Cortes and Burges 1998): 60,000 training and 10,000 test images of 28 x 28 pixels, ten classes.</summary>
public static class Mnist
{
    /// <summary>Reads the set: samples [28, 28, 1] from 0 to 1, labels Int32.</summary>
    /// <param name="folder">Where the four IDX files are; by default the folder mnist in the per-user cache, which is MiniDeep in the local application data, or what the environment variable MINIDEEP_DATA says.</param>
    /// <exception cref="FileNotFoundException">A file isn't there; the message says where to put it.</exception>
    /// <exception cref="InvalidDataFileException">A file is broken or truncated.</exception>
    public static (Dataset Train, Dataset Test) Load(string? folder = null) => ImageFiles.Load("mnist", folder);
}

/// <summary>Pictures of clothes (Xiao, Rasul and Vollgraf 2017), in MNIST's form: 60,000 training and 10,000 test images of 28 x 28 pixels, ten classes.</summary>
public static class FashionMnist
{
    /// <summary>Reads the set: samples [28, 28, 1] from 0 to 1, labels Int32.</summary>
    /// <param name="folder">Where the four IDX files are; by default the folder fashion-mnist in the per-user cache, which is MiniDeep in the local application data, or what the environment variable MINIDEEP_DATA says.</param>
    /// <exception cref="FileNotFoundException">A file isn't there; the message says where to put it.</exception>
    /// <exception cref="InvalidDataFileException">A file is broken or truncated.</exception>
    public static (Dataset Train, Dataset Test) Load(string? folder = null) => ImageFiles.Load("fashion-mnist", folder);
}
