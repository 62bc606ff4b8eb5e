namespace MiniDeep.Examples;

/// <summary>Columns with mean 0 and standard deviation 1.</summary>
public static class Standardization
{
    /// <summary><c>(X - X.mean(axis=0)) / X.std(axis=0)</c>, its sums taken row by row as NumPy takes them.</summary>
    /// <param name="x">One row a sample.</param>
    public static double[,] Of(double[,] x)
    {
        ArgumentNullException.ThrowIfNull(x);
        (int rows, int columns) = (x.GetLength(0), x.GetLength(1));
        var result = new double[rows, columns];
        for (int column = 0; column < columns; column++)
        {
            double sum = 0, squares = 0;
            for (int row = 0; row < rows; row++) sum += x[row, column];
            double mean = sum / rows;
            for (int row = 0; row < rows; row++) squares += (x[row, column] - mean) * (x[row, column] - mean);
            double deviation = Math.Sqrt(squares / rows);
            for (int row = 0; row < rows; row++) result[row, column] = (x[row, column] - mean) / deviation;
        }
        return result;
    }
}
