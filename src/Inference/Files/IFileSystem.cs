namespace Inference.Files;

/// <summary>
/// Every write that must survive goes through here, so that tests can fail the Nth operation, tear a write, or throw
/// away all that was not synced. Reading needs no seam. Paths are absolute.
/// </summary>
/// <remarks>All members throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>; nothing is retried here.</remarks>
public interface IFileSystem
{
    /// <summary>Opens for writing at the end; made when missing. The caller owns and disposes the file.</summary>
    IWritableFile OpenAppend(string path);

    /// <summary>Makes a new file; fails when it is there.</summary>
    IWritableFile CreateNew(string path);

    /// <summary>Opens for reading and writing anywhere; made when missing. For a file that is made anew when in doubt. The caller disposes it.</summary>
    Stream OpenScratch(string path);

    /// <summary>Atomic replacement of a file, or move of a directory to a free name. Durable only after <see cref="SyncDirectory"/> of the directory above.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file; a missing one is no error.</summary>
    void Delete(string path);

    /// <summary>Makes the directory and the ones above it, each with a durable name; one that is there is no error.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes names in the directory durable (fsync of the directory).</summary>
    void SyncDirectory(string path);
}

/// <summary>A file open for writing at its end. One owner, not safe for concurrent writers.</summary>
public interface IWritableFile : IDisposable
{
    long LengthBytes { get; }

    /// <summary>Appends all bytes. After an exception the length on disk is unknown: the owner truncates or reopens.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Makes content and length durable (fdatasync). A failed sync is never retried on the same descriptor.</summary>
    void Sync();

    /// <summary>Cuts the file, for a torn tail.</summary>
    void Truncate(long lengthBytes);

    /// <summary>Lengthens the file by zeros whose room on the disk is taken for good (posix_fallocate). After an exception the length is unknown.</summary>
    void Allocate(long lengthBytes);
}
