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
    private int _count;

    /// <summary>The operations so far.</summary>
    public int Count => _count;

    public override SafeFileHandle Create(string path)
    {
        SafeFileHandle? file = null;
        Around(() => file = base.Create(path));
        return file!;
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        byte[] copy = bytes.ToArray();
        Around(() => base.Write(file, copy, offset), () => base.Write(file, copy.AsSpan(0, copy.Length / 2), offset));
    }

    public override void Flush(SafeFileHandle file, string path) => Around(() => base.Flush(file, path));

    public override void Rename(string from, string to) => Around(() => base.Rename(from, to));

    public override void FlushFolder(string folder) => Around(() => base.FlushFolder(folder));

    public override void Delete(string path) => Around(() => base.Delete(path));

    private void Around(Action operation, Action? half = null)
    {
        bool isNow = _count++ == at;
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
