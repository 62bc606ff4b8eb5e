using System.Diagnostics;

namespace DeepNetworkFromScratch;

/// <summary>
/// The exercise as it asks for it: forward pass, softmax, cross-entropy, backward pass and update by hand, line by line as in the notebook. Nothing of MiniDeep is used.
/// </summary>
internal static class HandWritten
{
    /// <param name="exercise">The data and the initial weights.</param>
    /// <param name="cancellation">Ends the training between two epochs.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Outcome Train(Exercise exercise, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        Settings settings = exercise.Settings;
        var x = new Matrix(exercise.X);
        Matrix oneHot = Matrix.Make(settings.Samples, settings.Classes, (i, j) => exercise.Labels[i] == j ? 1 : 0);
        Matrix w1 = new(exercise.W1), w2 = new(exercise.W2), w3 = new(exercise.W3);
        Matrix b1 = Matrix.Zeros(1, settings.Hidden1), b2 = Matrix.Zeros(1, settings.Hidden2), b3 = Matrix.Zeros(1, settings.Classes);
        Matrix output = oneHot;
        var losses = new double[settings.Epochs];

        for (int epoch = 0; epoch < settings.Epochs; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();

            // forward pass
            Matrix z1 = Matrix.Product(x, w1) + b1;
            Matrix a1 = z1.Map(ReLU);
            Matrix z2 = Matrix.Product(a1, w2) + b2;
            Matrix a2 = z2.Map(ReLU);
            Matrix z3 = Matrix.Product(a2, w3) + b3;
            output = Softmax(z3);
            losses[epoch] = CrossEntropy(output, exercise.Labels);

            // Backward pass. Through softmax and cross-entropy together: what was given minus what was wanted.
            Matrix dz3 = output - oneHot;
            Matrix dw3 = Matrix.Product(a2.T, dz3);
            Matrix db3 = dz3.SumOfRows();

            Matrix da2 = Matrix.Product(dz3, w3.T);
            Matrix dz2 = da2 * z2.Map(ReLUSlope);
            Matrix dw2 = Matrix.Product(a1.T, dz2);
            Matrix db2 = dz2.SumOfRows();

            Matrix da1 = Matrix.Product(dz2, w2.T);
            Matrix dz1 = da1 * z1.Map(ReLUSlope);
            Matrix dw1 = Matrix.Product(x.T, dz1);
            Matrix db1 = dz1.SumOfRows();

            // gradient descent
            w3 -= settings.LearningRate * dw3;
            b3 -= settings.LearningRate * db3;
            w2 -= settings.LearningRate * dw2;
            b2 -= settings.LearningRate * db2;
            w1 -= settings.LearningRate * dw1;
            b1 -= settings.LearningRate * db1;
        }
        return new Outcome(
            losses, Accuracy(output, exercise.Labels), [w1.ToArray(), b1.ToArray(), w2.ToArray(), b2.ToArray(), w3.ToArray(), b3.ToArray()], Stopwatch.GetElapsedTime(start));
    }

    private static double ReLU(double x) => Math.Max(0, x);

    private static double ReLUSlope(double x) => x > 0 ? 1 : 0;

    /// <summary>e^x / sum e^x in each row; the row's maximum is subtracted first, so that e^x stays finite.</summary>
    private static Matrix Softmax(Matrix x)
    {
        var maximum = new double[x.Rows];
        var sum = new double[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            maximum[i] = x[i, 0];
            for (int j = 1; j < x.Columns; j++) maximum[i] = Math.Max(maximum[i], x[i, j]);
            for (int j = 0; j < x.Columns; j++) sum[i] += Math.Exp(x[i, j] - maximum[i]);
        }
        return Matrix.Make(x.Rows, x.Columns, (i, j) => Math.Exp(x[i, j] - maximum[i]) / sum[i]);
    }

    /// <summary>-log p[label], mean over the samples; 1e-9 keeps the logarithm finite.</summary>
    private static double CrossEntropy(Matrix probabilities, int[] labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++) sum -= Math.Log(probabilities[i, labels[i]] + 1e-9);
        return sum / labels.Length;
    }

    private static double Accuracy(Matrix probabilities, int[] labels)
    {
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            int best = 0;
            for (int j = 1; j < probabilities.Columns; j++)
            {
                if (probabilities[i, j] > probabilities[i, best]) best = j;
            }
            if (best == labels[i]) right++;
        }
        return (double)right / labels.Length;
    }
}
