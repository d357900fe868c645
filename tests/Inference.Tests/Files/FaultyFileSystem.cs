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

/// <summary>Counts the operations on a real file system, from 1, and fails those that it was told to, as a full or broken disk would. Safe for several threads, except that its settings are changed between operations.</summary>
internal sealed class FaultyFileSystem(IFileSystem inner) : IFileSystem
{
    private const int NoSpaceLeft = 28;
    private int operations;

    /// <summary>Operations asked for so far, failed ones too.</summary>
    public int Operations => Volatile.Read(ref operations);

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

    public Stream OpenScratch(string path)
    {
        Count(FileOperation.Open, path);
        return new FaultyStream(this, path, inner.OpenScratch(path));
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
        var number = Interlocked.Increment(ref operations);
        var byNumber = FailAt > 0 && (KeepFailing ? number >= FailAt : number == FailAt);
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

    private sealed class FaultyStream(FaultyFileSystem owner, string path, Stream stream) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => stream.Length;

        public override long Position { get => stream.Position; set => stream.Position = value; }

        public override int Read(byte[] buffer, int offset, int count) => stream.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (owner.Fails(FileOperation.Write, path))
            {
                if (owner.TornWrites) stream.Write(buffer, offset, count / 2);
                throw owner.Failure(FileOperation.Write, path);
            }

            stream.Write(buffer, offset, count);
        }

        public override void SetLength(long value)
        {
            owner.Count(FileOperation.Truncate, path);
            stream.SetLength(value);
        }

        public override void Flush() => stream.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
