namespace Appliance.Samples;

/// <summary>
/// A stream for LiteDB that never fails to write: from the first failure on it keeps what is written in memory and tells by <see cref="Failure"/>. LiteDB
/// does not survive a write that throws: the transaction left behind throws again in its finalizer, and takes the process with it. LiteDB takes turns itself.
/// </summary>
internal sealed class IndexStream(Stream file) : Stream
{
    // By position; LiteDB reads and writes whole pages.
    private readonly Dictionary<long, byte[]> held = [];
    private long length = file.Length;
    private long position;

    /// <summary>Why the file no longer holds what was written; null while it does.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position { get => position; set => position = value; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (position >= length) return 0;
        int read;
        if (held.TryGetValue(position, out var page))
        {
            read = Math.Min(count, page.Length);
            page.AsSpan(0, read).CopyTo(buffer.AsSpan(offset));
        }
        else
        {
            file.Position = position;
            read = file.Read(buffer, offset, count);
        }
        position += read;
        return read;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        Try(() =>
        {
            file.Position = position;
            file.Write(buffer, offset, count);
        });
        if (Failure is not null) held[position] = buffer.AsSpan(offset, count).ToArray();
        position += count;
        length = Math.Max(length, position);
    }

    public override void SetLength(long value)
    {
        Try(() => file.SetLength(value));
        foreach (var beyond in held.Keys.Where(p => p >= value).ToList()) held.Remove(beyond);
        length = value;
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => position + offset, _ => length + offset };

    public override void Flush() => Try(file.Flush);

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private void Try(Action action)
    {
        if (Failure is not null) return;
        try
        {
            action();
        }
        // .NET says the last of these where a file may not grow (EFBIG).
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            Failure = e;
        }
    }
}
