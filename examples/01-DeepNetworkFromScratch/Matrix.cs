namespace DeepNetworkFromScratch;

/// <summary>As much of NumPy as a backward pass by hand needs, on plain arrays.</summary>
internal readonly struct Matrix(double[,] values)
{
    public int Rows => values.GetLength(0);

    public int Columns => values.GetLength(1);

    public double this[int row, int column] => values[row, column];

    /// <summary>The transpose.</summary>
    public Matrix T
    {
        get
        {
            double[,] own = values;
            return Make(Columns, Rows, (i, j) => own[j, i]);
        }
    }

    public static Matrix Zeros(int rows, int columns) => new(new double[rows, columns]);

    public static Matrix Make(int rows, int columns, Func<int, int, double> element)
    {
        var result = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) result[i, j] = element(i, j);
        }
        return new Matrix(result);
    }

    /// <summary>The product of matrices: NumPy's <c>a @ b</c>.</summary>
    public static Matrix Product(Matrix a, Matrix b)
    {
        if (a.Columns != b.Rows) throw new ArgumentException($"[{a.Rows}, {a.Columns}] can't be multiplied by [{b.Rows}, {b.Columns}].", nameof(b));
        return Make(a.Rows, b.Columns, (i, j) =>
        {
            double sum = 0;
            for (int k = 0; k < a.Columns; k++) sum += a[i, k] * b[k, j];
            return sum;
        });
    }

    /// <summary>The sum; a row is added to every row.</summary>
    public static Matrix operator +(Matrix a, Matrix b) => Make(a.Rows, a.Columns, (i, j) => a[i, j] + b[b.Rows == 1 ? 0 : i, j]);

    public static Matrix operator -(Matrix a, Matrix b) => Make(a.Rows, a.Columns, (i, j) => a[i, j] - b[i, j]);

    /// <summary>The product element by element.</summary>
    public static Matrix operator *(Matrix a, Matrix b) => Make(a.Rows, a.Columns, (i, j) => a[i, j] * b[i, j]);

    public static Matrix operator *(double a, Matrix b) => Make(b.Rows, b.Columns, (i, j) => a * b[i, j]);

    public Matrix Map(Func<double, double> function)
    {
        double[,] own = values;
        return Make(Rows, Columns, (i, j) => function(own[i, j]));
    }

    /// <summary>The sum of each column, as a row.</summary>
    public Matrix SumOfRows()
    {
        double[,] own = values;
        int rows = Rows;
        return Make(1, Columns, (_, j) =>
        {
            double sum = 0;
            for (int i = 0; i < rows; i++) sum += own[i, j];
            return sum;
        });
    }

    /// <summary>The elements row by row.</summary>
    public double[] ToArray() => [.. values.Cast<double>()];
}
