using Inference.Files;

namespace Testing.Files;

/// <summary>What a <see cref="FaultyFileSystem"/> counts.</summary>
internal enum FileOperation
{
    Open,
    Create,
    Write,
    Sync,
    Truncate,
    Allocate,
    Rename,
    Delete,
    CreateDirectory,
    SyncDirectory,
}

/// <summary>Counts the operations on a real file system, from 1, and fails those that it was told to, as a full or broken disk would. For one thread at a time.</summary>
internal sealed class FaultyFileSystem(IFileSystem inner) : IFileSystem
{
    private const int NoSpaceLeft = 28;

    /// <summary>Operations asked for so far, failed ones too.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation of this number fails; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The operations after <see cref="FailAt"/> fail too, as on a full disk.</summary>
    public bool KeepFailing { get; set; }

    /// <summary>A write that fails leaves the first half of its bytes on disk.</summary>
    public bool TornWrites { get; set; }

    /// <summary>Fails every operation for which it is true, whatever its number.</summary>
    public Func<FileOperation, string, bool>? FailWhen { get; set; }

    public IWritableFile OpenAppend(string path)
    {
        Count(FileOperation.Open, path);
        return new FaultyFile(this, path, inner.OpenAppend(path));
    }

    public IWritableFile CreateNew(string path)
    {
        Count(FileOperation.Create, path);
        return new FaultyFile(this, path, inner.CreateNew(path));
    }

    public void Rename(string from, string to)
    {
        Count(FileOperation.Rename, to);
        inner.Rename(from, to);
    }

    public void Delete(string path)
    {
        Count(FileOperation.Delete, path);
        inner.Delete(path);
    }

    public void CreateDirectory(string path)
    {
        Count(FileOperation.CreateDirectory, path);
        inner.CreateDirectory(path);
    }

    public void SyncDirectory(string path)
    {
        Count(FileOperation.SyncDirectory, path);
        inner.SyncDirectory(path);
    }

    private bool Fails(FileOperation operation, string path)
    {
        Operations++;
        var byNumber = FailAt > 0 && (KeepFailing ? Operations >= FailAt : Operations == FailAt);
        return byNumber || (FailWhen?.Invoke(operation, path) ?? false);
    }

    private void Count(FileOperation operation, string path)
    {
        if (Fails(operation, path)) throw Failure(operation, path);
    }

    private IOException Failure(FileOperation operation, string path) => new($"Operation {Operations} ({operation} of '{path}') was made to fail.", NoSpaceLeft);

    private sealed class FaultyFile(FaultyFileSystem owner, string path, IWritableFile file) : IWritableFile
    {
        public long LengthBytes => file.LengthBytes;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (owner.Fails(FileOperation.Write, path))
            {
                if (owner.TornWrites) file.Write(bytes[..(bytes.Length / 2)]);
                throw owner.Failure(FileOperation.Write, path);
            }

            file.Write(bytes);
        }

        public void Sync()
        {
            owner.Count(FileOperation.Sync, path);
            file.Sync();
        }

        public void Truncate(long lengthBytes)
        {
            owner.Count(FileOperation.Truncate, path);
            file.Truncate(lengthBytes);
        }

        public void Allocate(long lengthBytes)
        {
            owner.Count(FileOperation.Allocate, path);
            file.Allocate(lengthBytes);
        }

        public void Dispose() => file.Dispose();
    }
}
