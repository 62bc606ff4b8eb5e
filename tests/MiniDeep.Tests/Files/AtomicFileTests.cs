namespace MiniDeep.Tests.Files;

public class AtomicFileTests
{
    private static readonly byte[] _old = [1, 2, 3], _new = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31))];

    [Fact]
    public void A_file_appears_whole_flushed_and_alone()
    {
        using var folder = new TemporaryFolder();
        var disk = new FaultyDisk(new IOException(), at: -1);
        using (FileSystem.Use(disk)) Write(folder["a.bin"]);

        Assert.Equal(_new, File.ReadAllBytes(folder["a.bin"]));
        Assert.Equal(["a.bin"], folder.Names);
        Assert.Equal(["create", "write", "write", "write", "write", "flush", "rename", "flush folder"], disk.Operations);
    }

    /// <summary>Where each operation fails before the rename, the old file stays and nothing lies beside it.</summary>
    [Theory]
    [InlineData("create", 0)]
    [InlineData("write", 0)]
    [InlineData("write", 1)]
    [InlineData("write", 3)]
    [InlineData("flush", 0)]
    [InlineData("rename", 0)]
    public void A_fault_leaves_the_old_file(string kind, int at)
    {
        foreach (bool wasThere in new[] { true, false })
        {
            using var folder = new TemporaryFolder();
            if (wasThere) File.WriteAllBytes(folder["a.bin"], _old);
            using (FileSystem.Use(new FaultyDisk(new IOException("No space left on device"), at, kind)))
            {
                var error = Assert.Throws<IOException>(() => Write(folder["a.bin"]));
                Assert.Equal($"'{folder["a.bin"]}' could not be written: No space left on device. What was there before is as it was.", error.Message);
            }

            Assert.Equal(wasThere ? ["a.bin"] : [], folder.Names);
            if (wasThere) Assert.Equal(_old, File.ReadAllBytes(folder["a.bin"]));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_flushed_is_told_though_the_file_is_there()
    {
        using var folder = new TemporaryFolder();
        using (FileSystem.Use(new FaultyDisk(new IOException("Input/output error"), 0, "flush folder")))
            Assert.Contains("a power cut now", Assert.Throws<IOException>(() => Write(folder["a.bin"])).Message);

        Assert.Equal(_new, File.ReadAllBytes(folder["a.bin"]));
    }

    [Fact]
    public void The_first_error_is_the_one_that_is_told()
    {
        using var folder = new TemporaryFolder();
        using (FileSystem.Use(new TwiceFaulty()))
            Assert.Contains("the first", Assert.Throws<IOException>(() => Write(folder["a.bin"])).Message);

        Assert.Single(folder.Names);
        AtomicFile.DiscardLeftovers(folder.Path, "*.bin");
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void An_error_of_the_content_itself_passes_through()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<StaleTensorException>(() => AtomicFile.Write(folder["a.bin"], _ => throw new StaleTensorException("x")));
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void Folders_that_are_missing_or_no_folders_are_named()
    {
        using var folder = new TemporaryFolder();
        string missing = Path.Combine(folder["nowhere"], "a.bin");
        Assert.Contains(missing, Assert.Throws<IOException>(() => Write(missing)).Message);
        File.WriteAllBytes(folder["file"], _old);
        string inside = Path.Combine(folder["file"], "a.bin");
        Assert.Contains(inside, Assert.Throws<IOException>(() => Write(inside)).Message);
    }

    [Fact]
    public void A_read_only_folder_is_an_error_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        using (FileSystem.Use(new FaultyDisk(new UnauthorizedAccessException("Access to the path is denied."), 0, "create")))
        {
            string message = Assert.Throws<IOException>(() => Write(folder["a.bin"])).Message;
            Assert.Equal($"'{folder["a.bin"]}' could not be written: Access to the path is denied. What was there before is as it was.", message);
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        string missing = folder["no such folder"], path = Path.Combine(missing, "a.bin");
        Assert.Equal($"'{path}' could not be written: there is no folder '{missing}'. What was there before is as it was.", Assert.Throws<IOException>(() => Write(path)).Message);
    }

    [Fact]
    public void Through_a_link_its_target_is_replaced()
    {
        if (OperatingSystem.IsWindows()) return;    // links need a privilege there
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.bin"], _old);
        File.CreateSymbolicLink(folder["link"], folder["a.bin"]);
        Write(folder["link"]);

        Assert.Equal(_new, File.ReadAllBytes(folder["a.bin"]));
        Assert.NotNull(new FileInfo(folder["link"]).LinkTarget);
    }

    /// <summary>.NET's flush returns normally on a descriptor that can't be flushed; ours asks the system and looks at its answer.</summary>
    [Fact]
    public void A_flush_that_the_system_refuses_is_an_error()
    {
        if (OperatingSystem.IsWindows()) return;
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        Assert.Contains("'the pipe' could not be flushed to disk", Assert.Throws<IOException>(() => DiskFlush.File(handle, "the pipe")).Message);
        Assert.Contains("'/no/such/folder'", Assert.Throws<IOException>(() => DiskFlush.Folder("/no/such/folder")).Message);
    }

    private static void Write(string path) => AtomicFile.Write(path, file =>
    {
        file.Write(_new.AsSpan(0, 10));
        file.Write(_new.AsSpan(10, 60_000));
        file.Write(_new.AsSpan(60_010, 10_000));
        file.Write(_new.AsSpan(70_010, 100_000));
        file.Write(_new, 170_010, _new.Length - 170_010);
    });

    private sealed class TwiceFaulty : FileSystem
    {
        public override void Rename(string from, string to) => throw new IOException("the first");

        public override void Delete(string path)
        {
            if (File.Exists(path)) throw new IOException("the second");
        }
    }
}
