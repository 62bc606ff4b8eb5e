using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace MiniDeep.Kills;

/// <summary>Where in an operation of the disk the process ends.</summary>
internal enum Moment
{
    Before,
    Half,
    After,
}

/// <summary>A disk on which the process kills itself at one operation, counted from 0.</summary>
internal sealed class KillingDisk(int at, Moment moment) : FileSystem
{
    private readonly List<string> _operations = [];

    /// <summary>The names of the operations so far.</summary>
    public IReadOnlyList<string> Operations => _operations;

    public override SafeFileHandle Create(string path)
    {
        SafeFileHandle? file = null;
        Around(nameof(Create), () => file = base.Create(path));
        return file!;
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        byte[] copy = bytes.ToArray();
        Around(nameof(Write), () => base.Write(file, copy, offset), () => base.Write(file, copy.AsSpan(0, copy.Length / 2), offset));
    }

    public override void Flush(SafeFileHandle file, string path) => Around(nameof(Flush), () => base.Flush(file, path));

    public override void Rename(string from, string to) => Around(nameof(Rename), () => base.Rename(from, to));

    public override void FlushFolder(string folder) => Around(nameof(FlushFolder), () => base.FlushFolder(folder));

    public override void Delete(string path) => Around(nameof(Delete), () => base.Delete(path));

    private void Around(string name, Action operation, Action? half = null)
    {
        bool isNow = _operations.Count == at;
        _operations.Add(name);
        if (isNow && moment == Moment.Before) Kill();
        if (isNow && moment == Moment.Half && half is not null)
        {
            half();
            Kill();
        }
        operation();
        if (isNow) Kill();
    }

    private static void Kill()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
