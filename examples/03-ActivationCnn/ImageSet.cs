using MiniDeep;
using MiniDeep.Data;
using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>Images to learn from and images to be measured on.</summary>
/// <param name="Train">The images for training.</param>
/// <param name="Test">The images that training never sees.</param>
/// <param name="Folder">Where they come from.</param>
internal sealed record ImageSet(Dataset Train, Dataset Test, string Folder)
{
    /// <summary>Below it nothing is left after two poolings.</summary>
    private const int SmallestSide = 4;

    /// <summary>The MNIST digits that lie beside the program.</summary>
    public static string BundledFolder => Path.Combine(AppContext.BaseDirectory, "data", "mnist");

    /// <summary>The kinds of images: labels go from 0 to one less.</summary>
    public int Classes { get; } = 1 + Math.Max(Largest(Train), Largest(Test));

    /// <summary>[height, width, channels].</summary>
    public Shape ImageShape => Train.FeatureShape;

    /// <summary>Reads the four files of a set in MNIST's form.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="limit">The most images to train on; 0 for all.</param>
    /// <param name="language">The language of error messages.</param>
    /// <exception cref="IOException">The folder or a file is missing, broken, or not of this form; the message says what and where.</exception>
    public static ImageSet Load(string folder, int limit, Language language)
    {
        if (!Directory.Exists(folder))
        {
            throw new IOException(language.Choose(
                $"there is no folder '{Path.GetFullPath(folder)}'. --data takes a folder with the four IDX files of an image set (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), gzipped or not.",
                $"il n'y a pas de dossier « {Path.GetFullPath(folder)} ». --data prend un dossier contenant les quatre fichiers IDX d'un jeu d'images (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), compressés par gzip ou non."));
        }
        (Dataset train, Dataset test) = Mnist.Load(folder);
        if (train.Count == 0 || test.Count == 0)
            throw new IOException(language.Choose($"the set in '{folder}' holds no images to train on or none to test with.", $"le jeu de « {folder} » ne contient pas d'images d'entraînement ou pas d'images de test."));
        if (train.FeatureShape != test.FeatureShape)
        {
            throw new IOException(language.Choose(
                $"the training images in '{folder}' are of {Size(train)} pixels, the test images of {Size(test)}.",
                $"les images d'entraînement de « {folder} » ont {Size(train)} pixels, celles de test {Size(test)}."));
        }
        if (train.FeatureShape[0] < SmallestSide || train.FeatureShape[1] < SmallestSide)
        {
            throw new IOException(language.Choose(
                $"the images in '{folder}' are of {Size(train)} pixels; the network halves them twice and takes {SmallestSide} x {SmallestSide} at least.",
                $"les images de « {folder} » ont {Size(train)} pixels ; le réseau les réduit deux fois de moitié et en demande au moins {SmallestSide} x {SmallestSide}."));
        }
        return new ImageSet(limit > 0 ? train.Take(limit) : train, test, folder);
    }

    private static string Size(Dataset images) => $"{images.FeatureShape[0]} x {images.FeatureShape[1]}";

    private static int Largest(Dataset images) => images.Labels.ToArray<int>().Max();
}
