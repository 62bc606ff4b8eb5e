using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MiniDeep;

/// <summary>
/// Waits until the disk has what was written. .NET's own calls (<c>FileStream.Flush(true)</c>, <c>RandomAccess.FlushToDisk</c>) return as if all were well when the system's call fails,
/// so this one asks the system itself and looks at its answer.
/// </summary>
internal static class DiskFlush
{
    private const int Interrupted = 4, InvalidArgument = 22;    // EINTR and EINVAL have these numbers on Linux, macOS and the BSDs
    private const int AppleFullFlush = 51;                      // F_FULLFSYNC
    private const int AppleCloseOnExec = 0x1000000, LinuxCloseOnExec = 0x80000;

    /// <summary>Flushes an open file.</summary>
    /// <exception cref="IOException">The system couldn't.</exception>
    public static void File(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!FlushFileBuffers(file)) throw Failure(path);
            return;
        }
        bool referenced = false;
        try
        {
            file.DangerousAddRef(ref referenced);
            Flush((int)file.DangerousGetHandle(), path, isFolder: false);
        }
        finally
        {
            if (referenced) file.DangerousRelease();
        }
    }

    /// <summary>Flushes a folder, so that a rename in it outlasts a power cut. Windows has no such call: NTFS writes a journal of its names.</summary>
    /// <exception cref="IOException">The system couldn't.</exception>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        int folder = Retry(() => Open(path, OperatingSystem.IsMacOS() ? AppleCloseOnExec : LinuxCloseOnExec));
        if (folder < 0) throw Failure(path);
        try
        {
            Flush(folder, path, isFolder: true);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private static void Flush(int descriptor, string path, bool isFolder)
    {
        // on macOS fsync leaves the data in the disk's own cache; file systems that don't know the stronger call get the weaker one
        if (OperatingSystem.IsMacOS() && Retry(() => Control(descriptor, AppleFullFlush)) == 0) return;
        if (Retry(() => Synchronize(descriptor)) == 0) return;
        if (isFolder && Marshal.GetLastPInvokeError() == InvalidArgument) return;    // a file system that can't flush folders
        throw Failure(path);
    }

    private static int Retry(Func<int> call)
    {
        int result;
        do result = call();
        while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result;
    }

    private static IOException Failure(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"'{path}' could not be flushed to disk: {new Win32Exception(error).Message} (error {error})");
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Synchronize(int descriptor);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int Control(int descriptor, int command);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool FlushFileBuffers(SafeFileHandle file);
}
